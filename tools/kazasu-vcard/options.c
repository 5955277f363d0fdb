/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char help[] =
	"kazasu-vcard " KAZASU_VERSION " — plugs a virtual My Number Card into pcscd through vpcd\n"
	"kazasu-vcard — 仮想のマイナンバーカードを vpcd 経由で pcscd に挿入します\n"
	"\n"
	"  --persona FILE|NAME     who is on the card / 人物 (test-person, child, revoked, …)\n"
	"  --host H, --port N      where vpcd listens / vpcd の場所 (127.0.0.1, 35963)\n"
	"  --state DIR             keep counters and changed PINs / 残り回数と暗証番号を保存\n"
	"  --latency PROFILE       none, nfc106, nfc424, contact / 応答時間の模型\n"
	"  --tear-after N[:WHEN]   the card is pulled at command N: before, after (it was "
	"executed),\n"
	"                          counter (VERIFY: between counter and comparison) / N番目で抜く\n"
	"  --reinsert MS           put it back after MS ms instead of ending / 抜いた後に挿し直す\n"
	"  --quirk NAME            may be repeated / 癖・故障\n"
	"  --list-quirks           their names and effects / 一覧\n"
	"  --fixtures DIR          keys and personas made by `make` / 試験用の鍵と人物\n"
	"  --log FILE              > command, < answer; secrets as ** / 記録 (暗証番号は **)\n"
	"  --help, --version\n"
	"\n"
	"Ends with 0 when the reader side closes, after a tear, or at SIGTERM and SIGINT.\n";

static int wrong(const char *option, const char *why)
{
	fprintf(stderr, "kazasu-vcard: --%s: %s\n", option, why);
	return EX_USAGE;
}

static bool number(const char *text, unsigned long most, unsigned long *out, char **end)
{
	errno = 0;
	if (text[0] < '0' || text[0] > '9')
		return false;
	*out = strtoul(text, end, 10);
	return errno == 0 && *out <= most;
}

static bool read_latency(const char *text, enum card_sim_latency *out)
{
	static const char *const names[CARD_SIM_LATENCY_COUNT_] = {"none", "nfc106", "nfc424",
								   "contact"};

	for (int i = 0; i < CARD_SIM_LATENCY_COUNT_; i++) {
		if (strcmp(names[i], text) == 0) {
			*out = (enum card_sim_latency)i;
			return true;
		}
	}
	return false;
}

static bool read_tear(const char *text, struct card_sim_options *card)
{
	char *end;

	if (!number(text, 1000000000, &card->tear_after, &end) || card->tear_after == 0)
		return false;
	if (!*end || strcmp(end, ":before") == 0)
		card->tear = CARD_SIM_TEAR_BEFORE;
	else if (strcmp(end, ":after") == 0)
		card->tear = CARD_SIM_TEAR_AFTER;
	else if (strcmp(end, ":counter") == 0)
		card->tear = CARD_SIM_TEAR_COUNTER;
	else
		return false;
	return true;
}

static int list_quirks(void)
{
	for (size_t i = 0; card_sim_quirk_name(i); i++)
		printf("%-26s %s\n", card_sim_quirk_name(i), card_sim_quirk_effect(i));
	return 0;
}

enum {
	OPT_PERSONA = 1,
	OPT_HOST,
	OPT_PORT,
	OPT_STATE,
	OPT_LATENCY,
	OPT_TEAR,
	OPT_REINSERT,
	OPT_QUIRK,
	OPT_LIST,
	OPT_FIXTURES,
	OPT_LOG,
	OPT_HELP,
	OPT_VERSION
};

static const struct option longs[] = {
	{"persona", required_argument, NULL, OPT_PERSONA},
	{"host", required_argument, NULL, OPT_HOST},
	{"port", required_argument, NULL, OPT_PORT},
	{"state", required_argument, NULL, OPT_STATE},
	{"latency", required_argument, NULL, OPT_LATENCY},
	{"tear-after", required_argument, NULL, OPT_TEAR},
	{"reinsert", required_argument, NULL, OPT_REINSERT},
	{"quirk", required_argument, NULL, OPT_QUIRK},
	{"list-quirks", no_argument, NULL, OPT_LIST},
	{"fixtures", required_argument, NULL, OPT_FIXTURES},
	{"log", required_argument, NULL, OPT_LOG},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

/* One option; -1: go on. */
static int take(struct vcard_options *o, int option)
{
	unsigned long n;
	char *end;

	switch (option) {
	case OPT_PERSONA:
		o->persona = optarg;
		return -1;
	case OPT_HOST:
		o->host = optarg;
		return -1;
	case OPT_PORT:
		if (!number(optarg, 65535, &n, &end) || *end || n == 0)
			return wrong("port", "must be a number from 1 to 65535");
		o->port = (unsigned)n;
		return -1;
	case OPT_STATE:
		o->card.state_dir = optarg;
		return -1;
	case OPT_LATENCY:
		if (!read_latency(optarg, &o->card.latency))
			return wrong("latency", "must be none, nfc106, nfc424 or contact");
		return -1;
	case OPT_TEAR:
		if (!read_tear(optarg, &o->card))
			return wrong("tear-after", "must be N, N:before, N:after or N:counter");
		return -1;
	case OPT_REINSERT:
		if (!number(optarg, 600000, &n, &end) || *end || n == 0)
			return wrong("reinsert", "must be milliseconds, at most 600000");
		o->reinsert_ms = (unsigned)n;
		return -1;
	case OPT_QUIRK:
		if (o->card.n_quirks == VCARD_MAX_QUIRKS)
			return wrong("quirk", "too many");
		o->quirks[o->card.n_quirks++] = optarg;
		return -1;
	case OPT_LIST:
		return list_quirks();
	case OPT_FIXTURES:
		o->card.fixtures = optarg;
		return -1;
	case OPT_LOG:
		o->card.log_path = optarg;
		return -1;
	case OPT_HELP:
		fputs(help, stdout);
		return 0;
	case OPT_VERSION:
		puts("kazasu-vcard " KAZASU_VERSION);
		return 0;
	default:
		fputs("kazasu-vcard: see --help\n", stderr);
		return EX_USAGE;
	}
}

int vcard_options_read(struct vcard_options *o, int argc, char **argv)
{
	int option, status = -1;

	memset(o, 0, sizeof *o);
	o->host = "127.0.0.1";
	o->port = 35963; /* vpcd's first reader */
	while (status < 0 && (option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		status = take(o, option);
	if (status >= 0)
		return status;
	if (optind < argc) {
		fprintf(stderr, "kazasu-vcard: what is \"%s\"? See --help\n", argv[optind]);
		return EX_USAGE;
	}
	if (!o->persona)
		return wrong("persona", "who is on the card? (e.g. test-person; see --help)");
	o->card.quirks = o->quirks;
	return -1;
}
