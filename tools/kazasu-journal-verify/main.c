/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kazasu-journal-verify — is this journal whole? (docs/journal.md)
 *
 *   kazasu-journal-verify [--key PUB.pem] [--keys LIST] [--checkpoints FILE]… [--json] EXPORT | -
 *
 * EXPORT is what `kazasu journal export` wrote. --key: of every terminal that LIST does not name;
 * LIST has lines "K TAB terminal TAB public key in hexadecimal". --checkpoints: lines kept off the machine; they
 * make a cut end visible. Exit 0: whole; 1: not; 64, 65, 66: words, data, files.
 */
#include "chain.h"
#include "language.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
	struct hasher h;
	struct chain *chain;
	size_t chains;
	uint64_t line;
};

static struct chain *find(struct job *j, const char *terminal)
{
	struct chain *more;

	for (size_t i = j->chains; i > 0; i--) {
		if (strcmp(j->chain[i - 1].terminal, terminal) == 0)
			return &j->chain[i - 1];
	}
	if (strlen(terminal) > 40 || *terminal == '\0' ||
	    strspn(terminal, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") !=
		    strlen(terminal))
		return NULL;
	more = realloc(j->chain, (j->chains + 1) * sizeof *more);
	if (more == NULL)
		return NULL;
	j->chain = more;
	memset(&more[j->chains], 0, sizeof *more);
	snprintf(more[j->chains].terminal, sizeof more->terminal, "%s", terminal);
	return &more[j->chains++];
}

/* Cut a line at its first tabs; the last field keeps the rest. How many fields there are. */
static size_t cut(char *line, char **f, size_t max)
{
	size_t n = 0;

	for (;;) {
		char *tab = strchr(line, '\t');

		f[n++] = line;
		if (tab == NULL || n == max)
			return n;
		*tab = '\0';
		line = tab + 1;
	}
}

static bool number(const char *text, uint64_t *out)
{
	char *end;

	*out = strtoull(text, &end, 10);
	return *text >= '1' && *text <= '9' && *end == '\0';
}

static bool take_checkpoint(struct job *j, char *line)
{
	struct checkpoint p = {.size = 0};
	struct chain *c;
	char *f[6];

	if (cut(line, f, 6) != 6 || strcmp(f[0], "C") != 0 || !number(f[2], &p.size) ||
	    strlen(f[3]) != 64 || strlen(f[4]) >= sizeof p.time || strlen(f[5]) != 128)
		return false;
	memcpy(p.root, f[3], 65);
	memcpy(p.time, f[4], strlen(f[4]) + 1);
	memcpy(p.signature, f[5], 129);
	c = find(j, f[1]);
	return c != NULL && chain_checkpoint(c, &p);
}

static bool take_record(struct job *j, char *line)
{
	struct chain *c;
	uint64_t seq;
	char *f[5];
	const size_t n = cut(line, f, 5);

	if (!((n == 5 && strcmp(f[0], "R") == 0) || (n == 4 && strcmp(f[0], "E") == 0)) ||
	    !number(f[2], &seq))
		return false;
	c = find(j, f[1]);
	if (c == NULL)
		return false;
	chain_record(&j->h, c, seq, f[3], n == 5 ? f[4] : NULL);
	return true;
}

/* which: 'C' takes the checkpoints and passes over the rest, 'R' the other way round. */
static bool read_lines(struct job *j, FILE *in, char which, bool header)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool good = true;

	for (j->line = 1; good && (n = getline(&line, &cap, in)) >= 0; j->line++) {
		if (n == 0 || line[n - 1] != '\n' || strlen(line) != (size_t)n) {
			good = false;
			break;
		}
		line[n - 1] = '\0';
		if (header && j->line == 1)
			good = strcmp(line, "KAZASU-JOURNAL-1") == 0;
		else if (*line == 'C')
			good = which != 'C' || take_checkpoint(j, line);
		else
			good = (which == 'C' && header) || take_record(j, line);
	}
	free(line);
	return good && !ferror(in) && (!header || j->line > 1);
}

static int fail(int code, const char *what, const char *name)
{
	fprintf(stderr, "kazasu-journal-verify: %s: %s\n", name, what);
	return code;
}

static bool add_key(struct job *j, const char *terminal, EVP_PKEY *key)
{
	struct chain_key *more =
		key != NULL ? realloc(j->h.key, (j->h.keys + 1) * sizeof *more) : NULL;

	if (more == NULL) {
		EVP_PKEY_free(key);
		return false;
	}
	j->h.key = more;
	snprintf(more[j->h.keys].terminal, sizeof more->terminal, "%s", terminal);
	more[j->h.keys++].key = key;
	return true;
}

static int load_key(struct job *j, const char *path)
{
	FILE *f = fopen(path, "re");
	bool good;

	if (f == NULL)
		return fail(66, strerror(errno), path);
	good = add_key(j, "", PEM_read_PUBKEY(f, NULL, NULL, NULL));
	fclose(f);
	return good ? 0 : fail(65, _("no public key"), path);
}

/* "K TAB terminal TAB 64 digits" */
static bool take_key(struct job *j, const char *line)
{
	char terminal[41], hex[65];
	uint8_t raw[32];

	if (sscanf(line, "K\t%40[A-Za-z0-9._-]\t%64[0-9a-f]", terminal, hex) != 2 ||
	    strlen(hex) != 64)
		return false;
	for (size_t i = 0; i < sizeof raw; i++) {
		const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		raw[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return add_key(j, terminal,
		       EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, sizeof raw));
}

static int load_keys(struct job *j, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[160];
	bool good = true;

	if (f == NULL)
		return fail(66, strerror(errno), path);
	while (good && fgets(line, sizeof line, f) != NULL)
		good = take_key(j, line);
	fclose(f);
	return good ? 0 : fail(65, _("no public key"), path);
}

static int load(struct job *j, const char *path, bool outside)
{
	FILE *f = strcmp(path, "-") == 0 ? tmpfile() : fopen(path, "re");
	char buf[65536];
	size_t n;
	bool good;

	if (f == NULL)
		return fail(66, strerror(errno), path);
	if (strcmp(path, "-") == 0) {
		while ((n = fread(buf, 1, sizeof buf, stdin)) > 0)
			fwrite(buf, 1, n, f);
		rewind(f);
	}
	/* Checkpoints stand behind the records of their chain: the file is read twice. */
	good = read_lines(j, f, 'C', !outside);
	if (good && !outside) {
		rewind(f);
		good = read_lines(j, f, 'R', true);
	}
	fclose(f);
	if (good)
		return 0;
	snprintf(buf, sizeof buf, _("line %llu is not of a journal"), (unsigned long long)j->line);
	return fail(65, buf, path);
}

static int report(struct job *j, bool json)
{
	uint64_t records = 0;
	bool whole = true;

	if (json)
		printf("{\"chains\":[");
	for (size_t i = 0; i < j->chains; i++) {
		struct chain *c = &j->chain[i];

		chain_finish(&j->h, c);
		whole = whole && c->bad == 0;
		records += c->records;
		if (json)
			printf("%s{\"terminal\":\"%s\",\"records\":%llu,\"signed\":%llu,\"first_bad\":%llu,"
			       "\"why\":\"%s\"}",
			       i > 0 ? "," : "", c->terminal, (unsigned long long)c->records,
			       (unsigned long long)c->signed_to, (unsigned long long)c->bad,
			       c->why);
		else if (c->bad == 0)
			printf(_("%s: %llu records, whole, signed up to %llu\n"), c->terminal,
			       (unsigned long long)c->records, (unsigned long long)c->signed_to);
		else
			printf(_("%s: BROKEN at record %llu: %s\n"), c->terminal,
			       (unsigned long long)c->bad, c->why);
	}
	if (json)
		printf("],\"records\":%llu,\"whole\":%s,\"signatures\":%s}\n",
		       (unsigned long long)records, whole ? "true" : "false",
		       j->h.keys > 0 ? "true" : "false");
	return whole ? 0 : 1;
}

/* Options that take a value, in the order in which they have to be done. */
enum option { KEY, KEYS, CHECKPOINTS, OPTIONS };
static const char *const options[OPTIONS] = {"--key", "--keys", "--checkpoints"};

static int do_option(struct job *j, enum option o, const char *value)
{
	switch (o) {
	case KEY:
		return load_key(j, value);
	case KEYS:
		return load_keys(j, value);
	default:
		return load(j, value, true);
	}
}

/* True if the word at *i is this option with its value; *i is then at the value. */
static bool is_option(int argc, char **argv, int *i, int o)
{
	if (strcmp(argv[*i], options[o]) != 0 || *i + 1 >= argc)
		return false;
	++*i;
	return true;
}

#define USAGE "[--key PUB.pem] [--keys LIST] [--checkpoints COPY]… [--json] EXPORT | -"

static void help(void)
{
	printf(_("Usage: %s\n"), "kazasu-journal-verify " USAGE);
	printf(_(
		"\nTells whether a journal that \"kazasu journal export\" wrote is whole: exit 0, or 1 if a record "
		"was changed, removed, put in or cut off.\n\n"
		"  --key PUB.pem        public key of the checkpoints\n"
		"  --keys LIST          public keys of several terminals: K, the terminal and the key in "
		"hexadecimal, with tabs\n"
		"  --checkpoints COPY   checkpoints kept off the machine; they make a cut end visible\n"
		"  --json               one JSON document on standard output\n"));
}

static int read_words(int argc, char **argv, const char **export, bool *json)
{
	for (int i = 1; i < argc; i++) {
		bool known = false;

		for (int o = 0; o < OPTIONS && !known; o++)
			known = is_option(argc, argv, &i, o);
		if (known)
			continue;
		if (strcmp(argv[i], "--json") == 0)
			*json = true;
		else if (*export == NULL && (argv[i][0] != '-' || argv[i][1] == '\0'))
			*export = argv[i];
		else
			return fail(64, _("not understood"), argv[i]);
	}
	if (*export == NULL)
		return fail(64, USAGE, _("usage"));
	return 0;
}

static void free_all(struct job *j)
{
	free(j->chain);
	for (size_t i = 0; i < j->h.keys; i++)
		EVP_PKEY_free(j->h.key[i].key);
	free(j->h.key);
	EVP_MD_CTX_free(j->h.ctx);
	EVP_MD_free(j->h.md);
}

int main(int argc, char **argv)
{
	const char *export = NULL;
	struct job j = {.chains = 0};
	bool json = false;
	int rc;

	language_start();
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		help();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("kazasu-journal-verify " KAZASU_VERSION);
		return 0;
	}
	rc = read_words(argc, argv, &export, &json);
	if (rc != 0)
		return rc;
	j.h.md = EVP_MD_fetch(NULL, "SHA256", NULL);
	j.h.ctx = EVP_MD_CTX_new();
	for (int o = 0; o < OPTIONS; o++) {
		for (int i = 1; i < argc && rc == 0; i++) {
			if (is_option(argc, argv, &i, o))
				rc = do_option(&j, (enum option)o, argv[i]);
		}
	}
	if (rc == 0)
		rc = load(&j, export, false);
	if (rc == 0)
		rc = report(&j, json);
	else
		for (size_t i = 0; i < j.chains; i++)
			chain_finish(&j.h, &j.chain[i]);
	free_all(&j);
	return rc;
}
