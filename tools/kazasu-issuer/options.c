/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "say.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static const char help[] =
	"kazasu-issuer " KAZASU_VERSION " — issues certificates from a municipality's records\n"
	"kazasu-issuer — 市区町村の証明発行サーバ\n"
	"\n"
	"  --config FILE            settings, see kazasu-issuer(8) / 設定。これだけなら稼働\n"
	"  --check-config           open all that it names, then end / 設定の確認\n"
	"\n"
	"records / 記録\n"
	"  --import DIR [--replace] take TABLE.csv files / CSV 取込\n"
	"  --export DIR             write them / CSV 書出\n"
	"  --generate N [--seed S] [--personas FIXTURES]\n"
	"                           invented residents, and holders of test cards / 架空の住民\n"
	"  --map CERT.pem --trust DIR --atena A    whose card it is / カードと住民の対応\n"
	"  --enrol CERT.pem --trust DIR --member M 利用登録 (本籍地≠住所地)\n"
	"  --kind-pin KIND --atena A --operator ID [--pin-fd N]\n"
	"                           set and unlock / 種別ごとの暗証番号の設定・再設定\n"
	"  --kind-pins --atena A [--json]          which, tries, by whom / その一覧\n"
	"  --describe-records       the tables, Markdown / 表の説明\n"
	"\n"
	"lists / 一覧\n"
	"  --refusals [DAY] [--json] true reasons, yesterday by default / 交付不可の一覧 (翌朝)\n"
	"  --issues [DAY] [--json]   what was made, today by default / 発行記録\n"
	"\n"
	"tests / 試験\n"
	"  --make-test DIR [--municipality CODE]  keys and a configuration / 試験用の鍵と設定\n"
	"  --help, --version\n";

enum {
	OPT_CONFIG = 256,
	OPT_CHECK,
	OPT_GENERATE,
	OPT_SEED,
	OPT_PERSONAS,
	OPT_IMPORT,
	OPT_REPLACE,
	OPT_EXPORT,
	OPT_REFUSALS,
	OPT_ISSUES,
	OPT_JSON,
	OPT_MAP,
	OPT_ENROL,
	OPT_TRUST,
	OPT_ATENA,
	OPT_MEMBER,
	OPT_KIND_PIN,
	OPT_PIN_FD,
	OPT_KIND_PINS,
	OPT_OPERATOR,
	OPT_DESCRIBE,
	OPT_MAKE_TEST,
	OPT_MUNICIPALITY,
	OPT_HELP,
	OPT_VERSION
};

static bool count(const char *text, unsigned long long *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static bool set_action(struct options *o, enum action a)
{
	if (o->action != ACTION_SERVE) {
		say(_("one thing at a time: see --help"));
		return false;
	}
	o->action = a;
	return true;
}

/* A date may follow, or not. */
static const char *maybe(int argc, char **argv)
{
	return optind < argc && argv[optind][0] != '-' ? argv[optind++] : NULL;
}

static bool take_number(struct options *o, int option, const char *text)
{
	unsigned long long n;

	if (!count(text, &n)) {
		say(_("%s is not a number"), text);
		return false;
	}
	if (option == OPT_SEED)
		o->seed = n;
	else if (option == OPT_PIN_FD)
		o->pin_fd = (int)n;
	else
		o->residents = (long)n;
	return option != OPT_GENERATE || set_action(o, ACTION_GENERATE);
}

static bool take_action(struct options *o, int option, int argc, char **argv)
{
	switch (option) {
	case OPT_CHECK:
		return set_action(o, ACTION_CHECK);
	case OPT_IMPORT:
		o->folder = optarg;
		return set_action(o, ACTION_IMPORT);
	case OPT_EXPORT:
		o->folder = optarg;
		return set_action(o, ACTION_EXPORT);
	case OPT_MAKE_TEST:
		o->folder = optarg;
		return set_action(o, ACTION_MAKE_TEST);
	case OPT_REFUSALS:
		o->day = maybe(argc, argv);
		return set_action(o, ACTION_REFUSALS);
	case OPT_ISSUES:
		o->day = maybe(argc, argv);
		return set_action(o, ACTION_ISSUES);
	case OPT_MAP:
		o->certificate = optarg;
		return set_action(o, ACTION_MAP);
	case OPT_ENROL:
		o->certificate = optarg;
		return set_action(o, ACTION_ENROL);
	case OPT_KIND_PIN:
		o->kind = optarg;
		return set_action(o, ACTION_KIND_PIN);
	case OPT_KIND_PINS:
		return set_action(o, ACTION_KIND_PINS);
	case OPT_DESCRIBE:
		return set_action(o, ACTION_DESCRIBE);
	default:
		return take_number(o, option, optarg);
	}
}

static bool take(struct options *o, int option, int argc, char **argv)
{
	switch (option) {
	case OPT_CONFIG:
		o->config = optarg;
		break;
	case OPT_PERSONAS:
		o->fixtures = optarg;
		break;
	case OPT_REPLACE:
		o->replace = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_TRUST:
		o->trust = optarg;
		break;
	case OPT_ATENA:
		o->atena = optarg;
		break;
	case OPT_MEMBER:
		o->member = optarg;
		break;
	case OPT_OPERATOR:
		o->operator_id = optarg;
		break;
	case OPT_MUNICIPALITY:
		o->municipality = optarg;
		break;
	default:
		return take_action(o, option, argc, argv);
	}
	return true;
}

int options_read(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {{"config", 1, NULL, OPT_CONFIG},
					      {"check-config", 0, NULL, OPT_CHECK},
					      {"generate", 1, NULL, OPT_GENERATE},
					      {"seed", 1, NULL, OPT_SEED},
					      {"personas", 1, NULL, OPT_PERSONAS},
					      {"import", 1, NULL, OPT_IMPORT},
					      {"replace", 0, NULL, OPT_REPLACE},
					      {"export", 1, NULL, OPT_EXPORT},
					      {"refusals", 0, NULL, OPT_REFUSALS},
					      {"issues", 0, NULL, OPT_ISSUES},
					      {"json", 0, NULL, OPT_JSON},
					      {"map", 1, NULL, OPT_MAP},
					      {"enrol", 1, NULL, OPT_ENROL},
					      {"trust", 1, NULL, OPT_TRUST},
					      {"atena", 1, NULL, OPT_ATENA},
					      {"member", 1, NULL, OPT_MEMBER},
					      {"kind-pin", 1, NULL, OPT_KIND_PIN},
					      {"pin-fd", 1, NULL, OPT_PIN_FD},
					      {"kind-pins", 0, NULL, OPT_KIND_PINS},
					      {"operator", 1, NULL, OPT_OPERATOR},
					      {"describe-records", 0, NULL, OPT_DESCRIBE},
					      {"make-test", 1, NULL, OPT_MAKE_TEST},
					      {"municipality", 1, NULL, OPT_MUNICIPALITY},
					      {"help", 0, NULL, OPT_HELP},
					      {"version", 0, NULL, OPT_VERSION},
					      {NULL, 0, NULL, 0}};
	int option;

	*o = (struct options){.action = ACTION_SERVE, .seed = 1, .municipality = "13221"};
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == OPT_HELP)
			return fputs(help, stdout) >= 0 ? EX_OK : EX_IOERR;
		if (option == OPT_VERSION)
			return puts("kazasu-issuer " KAZASU_VERSION) >= 0 ? EX_OK : EX_IOERR;
		if (option == '?' || !take(o, option, argc, argv))
			return EX_USAGE;
	}
	if (optind == argc &&
	    (o->config != NULL || o->action == ACTION_DESCRIBE || o->action == ACTION_MAKE_TEST))
		return -1;
	say(_("--config FILE is needed; see --help"));
	return EX_USAGE;
}
