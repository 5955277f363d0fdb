/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <card/date.h>

#include "language.h"
#include "output.h"

/* The raw words of the common options, before they are understood. */
struct raw {
	const char *wait, *pin_fd, *at, *lang;
	bool version;
};

#define COMMON_COUNT 15

static void common_table(struct kz *kz, struct raw *raw, struct kz_option t[COMMON_COUNT + 1])
{
	struct kz_common *o = &kz->opt;
	const struct kz_option common[COMMON_COUNT + 1] = {
		{"reader", 0, N_("WHERE"), &o->reader, NULL,
		 N_("a reader's name or part of it, pcsc, sim:PERSONA or trace:FILE")},
		{"wait", 0, N_("SECONDS"), &raw->wait, NULL,
		 N_("wait for a card (0) or for a reader in use (10)")},
		{"json", 0, NULL, NULL, &o->json, N_("one JSON document on standard output")},
		{"pin-fd", 0, N_("N"), &raw->pin_fd, NULL,
		 N_("read secrets from descriptor N, one a line, as they are asked for")},
		{"trace", 0, N_("FILE"), &o->trace, NULL,
		 N_("record the dialogue with the card, without secrets")},
		{"trace-personal-data", 0, NULL, NULL, &o->trace_personal,
		 N_("record protected answers of a real card in full")},
		{"trust", 0, N_("DIR"), &o->trust, NULL, N_("trust anchors")},
		{"store", 0, N_("DIR"), &o->store, NULL, N_("revocation index")},
		{"test-roots", 0, NULL, NULL, &o->test_roots,
		 N_("accept test cards; every result is marked as a test")},
		{"at", 0, N_("TIME"), &raw->at, NULL, N_("evaluate dates at this time (RFC 3339)")},
		{"lang", 0, "ja|en", &raw->lang, NULL, N_("language of messages")},
		{"verbose", 'v', NULL, NULL, &o->verbose, N_("tell about the work on the way")},
		{"help", 'h', NULL, NULL, &o->help, N_("this text")},
		{"version", 0, NULL, NULL, &raw->version, N_("the version")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};

	memcpy(t, common, sizeof common);
}

bool kz_number(const char *text, long max, long *out)
{
	char *end;
	long value;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || value > max)
		return false;
	*out = value;
	return true;
}

static int understand(struct kz *kz, const struct raw *raw)
{
	long n;

	if (raw->wait != NULL) {
		if (!kz_number(raw->wait, 86400, &n))
			return kz_fail_usage(kz, _("--wait takes seconds, not \"%s\"."), raw->wait);
		kz->opt.wait = (int)n;
	}
	if (raw->pin_fd != NULL) {
		if (!kz_number(raw->pin_fd, 65535, &n))
			return kz_fail_usage(kz, _("--pin-fd takes the number of an open "
						   "descriptor; a secret never stands on the "
						   "command line."));
		if (fcntl((int)n, F_GETFD) < 0)
			return kz_fail_usage(kz, _("The descriptor of --pin-fd is not open."));
		kz->opt.pin_fd = (int)n;
	}
	if (raw->at != NULL) {
		if (card_time_parse(raw->at, &kz->opt.at) != CARD_OK)
			return kz_fail_usage(kz,
					     _("\"%s\" is no time; write it like "
					       "2026-04-01T09:00:00+09:00."),
					     raw->at);
		kz->opt.at_given = true;
	}
	if (raw->lang != NULL && strcmp(raw->lang, "ja") != 0 && strcmp(raw->lang, "en") != 0)
		return kz_fail_usage(kz, _("--lang takes ja or en."));
	return KZ_GO;
}

static const struct kz_option *find(const struct kz_option *t, const char *name, size_t n)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (strlen(t->name) == n && memcmp(t->name, name, n) == 0)
			return t;
	}
	return NULL;
}

static const struct kz_option *find_letter(const struct kz_option *t, char letter)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (t->letter != 0 && t->letter == letter)
			return t;
	}
	return NULL;
}

/* The option in word *i, its value in *value if it has one. *i moves over a separate value. */
static int take(struct kz *kz, const struct kz_option *own, const struct kz_option *common,
		int argc, char **argv, int *i)
{
	const char *word = argv[*i], *value = NULL;
	const struct kz_option *o;

	if (word[1] == '-') {
		const char *equal = strchr(word, '=');
		size_t n = equal != NULL ? (size_t)(equal - word) - 2 : strlen(word) - 2;

		o = find(own, word + 2, n);
		if (o == NULL)
			o = find(common, word + 2, n);
		value = equal != NULL ? equal + 1 : NULL;
	} else {
		o = find_letter(own, word[1]);
		if (o == NULL)
			o = find_letter(common, word[1]);
		value = word[2] != '\0' ? word + 2 : NULL;
	}
	if (o == NULL)
		return kz_fail_usage(kz, _("There is no option \"%s\" here."), word);
	if (o->value == NULL) {
		if (value != NULL)
			return kz_fail_usage(kz, _("--%s takes no value."), o->name);
		*o->flag = true;
		return KZ_GO;
	}
	if (value == NULL) {
		if (*i + 1 >= argc)
			return kz_fail_usage(kz, _("--%s needs a value."), o->name);
		value = argv[++*i];
	}
	*o->text = value;
	return KZ_GO;
}

/* Where the help of an option begins; a longer option has it on the next line. */
#define HELP_COLUMN 26

static void say_options(const struct kz *kz, const struct kz_option *t)
{
	for (; t->name != NULL; t++) {
		char left[80];
		size_t width;

		snprintf(left, sizeof left, "%s%c%s--%s%s%s", t->letter != 0 ? "-" : "",
			 t->letter != 0 ? t->letter : ' ', t->letter != 0 ? ", " : "   ", t->name,
			 t->value != NULL ? " " : "", t->value != NULL ? _(t->value) : "");
		width = kz_columns(left);
		if (width > HELP_COLUMN)
			kz_say(kz, "  %s\n  %*s  %s\n", left, HELP_COLUMN, "", _(t->help));
		else
			kz_say(kz, "  %s%*s  %s\n", left, (int)(HELP_COLUMN - width), "",
			       _(t->help));
	}
}

static int help(const struct kz *kz, const struct kz_usage *u, const struct kz_option *common)
{
	kz_say(kz, _("Usage: kazasu %s %s\n\n%s\n"), kz->command->name, u->synopsis, _(u->about));
	if (u->options != NULL && u->options->name != NULL) {
		kz_say(kz, _("\nOptions of this command:\n"));
		say_options(kz, u->options);
	}
	kz_say(kz, _("\nOptions of every command:\n"));
	say_options(kz, common);
	return KZ_DONE;
}

static int overview(const struct kz *kz, const struct kz_option *common)
{
	kz_say(kz, _("Usage: kazasu [options] COMMAND [options] …\n\n"
		     "Works with a My Number Card on a card reader.\n\nCommands:\n"));
	for (const struct kz_command *c = kz->table; c->name != NULL; c++)
		kz_say(kz, "  %-12s %s\n", c->name, _(c->summary));
	kz_say(kz, _("\nOptions of every command:\n"));
	say_options(kz, common);
	kz_say(kz, _("\n\"kazasu COMMAND --help\" tells more about one.\n"));
	return KZ_DONE;
}

/* --json and --lang shape even the report of a wrong word before them, so they are looked
 * for first. */
static void look_ahead(struct kz *kz, int argc, char **argv)
{
	enum card_lang lang = kz_language_wanted();

	for (int i = 1; i < argc && argv[i] != NULL && strcmp(argv[i], "--") != 0; i++) {
		const char *value = NULL;

		if (strcmp(argv[i], "--json") == 0)
			kz->opt.json = true;
		else if (strncmp(argv[i], "--lang=", 7) == 0)
			value = argv[i] + 7;
		else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
			value = argv[i + 1];
		if (value != NULL && strcmp(value, "ja") == 0)
			lang = CARD_LANG_JA;
		else if (value != NULL && strcmp(value, "en") == 0)
			lang = CARD_LANG_EN;
	}
	kz_language_set(kz, lang);
}

int kz_options_start(struct kz *kz, int argc, char **argv)
{
	struct kz_option common[COMMON_COUNT + 1];
	struct raw raw = {0};
	int i, rc;

	look_ahead(kz, argc, argv);
	common_table(kz, &raw, common);
	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		rc = take(kz, NULL, common, argc, argv, &i);
		if (rc != KZ_GO)
			return rc;
	}
	if (raw.version) {
		kz_say(kz, "kazasu %s\n", KAZASU_VERSION);
		return KZ_DONE;
	}
	rc = understand(kz, &raw);
	if (rc != KZ_GO)
		return rc;
	if (i >= argc) {
		if (kz->opt.help)
			return overview(kz, common);
		return kz_fail_usage(kz, _("Which command? \"kazasu --help\" lists them."));
	}
	for (const struct kz_command *c = kz->table; c->name != NULL; c++) {
		if (strcmp(c->name, argv[i]) == 0)
			kz->command = c;
	}
	if (kz->command == NULL)
		return kz_fail_usage(kz,
				     _("There is no command \"%s\". \"kazasu --help\" lists "
				       "them."),
				     argv[i]);
	kz->argc = argc - i - 1;
	kz->argv = argv + i + 1;
	return KZ_GO;
}

int kz_options(struct kz *kz, const struct kz_usage *u, const char **words, size_t *n)
{
	struct kz_option common[COMMON_COUNT + 1];
	struct raw raw = {0};
	bool options = true;
	int rc;

	*n = 0;
	common_table(kz, &raw, common);
	for (int i = 0; i < kz->argc; i++) {
		const char *word = kz->argv[i];

		if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && word[0] == '-' && word[1] != '\0') {
			rc = take(kz, u->options, common, kz->argc, kz->argv, &i);
			if (rc != KZ_GO)
				return rc;
		} else {
			if (*n >= u->max)
				return kz_fail_usage(kz,
						     _("One word too many. Usage: kazasu %s "
						       "%s"),
						     kz->command->name, u->synopsis);
			words[(*n)++] = word;
		}
	}
	if (kz->opt.help)
		return help(kz, u, common);
	rc = understand(kz, &raw);
	if (rc != KZ_GO)
		return rc;
	if (*n < u->min)
		return kz_fail_usage(kz, _("A word is missing. Usage: kazasu %s %s"),
				     kz->command->name, u->synopsis);
	kz_log_start(kz);
	if (kz->opt.at_given && !kz_at_counts(kz))
		kz_note(kz, "kazasu: %s",
			_("--at is left aside: a verdict is of today (another day needs "
			  "--test-roots)."));
	return KZ_GO;
}
