/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c — records in and out, cards, PINs. */
#include "commands.h"

#include "card.h"
#include "personas.h"
#include "say.h"

#include <card/secret.h>
#include <cardflow/issue_record.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static flow_store_t *open_records(const struct config *c)
{
	struct flow_problem problem = {.text = ""};
	flow_store_t *s = NULL;

	if (flow_store_open(&s, c->records, FLOW_STORE_CREATE, &problem) == CARD_OK &&
	    flow_record_setup(s) == CARD_OK)
		return s;
	say("%s: %s", c->records, s != NULL ? flow_store_message(s) : problem.text);
	flow_store_close(&s);
	return NULL;
}

static int exit_of(enum card_error err, flow_store_t *s)
{
	if (err == CARD_OK)
		return EX_OK;
	if (err == CARD_ERR_MALFORMED)
		return EX_DATAERR;
	if (err == CARD_ERR_NOT_FOUND)
		return EX_NOINPUT;
	say("%s %s", card_strerror(err, CARD_LANG_EN), s != NULL ? flow_store_message(s) : "");
	return err == CARD_ERR_IO ? EX_IOERR : EX_UNAVAILABLE;
}

static void print_counts(const struct flow_record_report *r)
{
	for (size_t i = 0; i < r->tables; i++)
		printf("%-14s %10ld\n", r->table[i].table, r->table[i].rows);
}

static void print_problems(const struct flow_record_report *r)
{
	const size_t kept = r->problems < FLOW_RECORD_PROBLEMS ? r->problems : FLOW_RECORD_PROBLEMS;

	for (size_t i = 0; i < kept; i++) {
		const struct flow_problem *p = &r->problem[i];

		if (p->line > 0)
			say("%s.csv:%u: %s", p->file, p->line, p->text);
		else
			say("%s.csv: %s", p->file, p->text);
	}
	if (r->problems > 0)
		say(_("%zu problems; nothing was taken"), r->problems);
}

static void progress(void *ctx, long n)
{
	(void)ctx;
	fprintf(stderr, "\r%ld", n);
	fflush(stderr);
}

int command_generate(const struct config *c, const struct options *o)
{
	/* The authority of invented cards is nobody's key. */
	static const char authority[] = "00000000000000000000000000000000"
					"00000000000000000000000000000000";
	struct flow_record_report *r = calloc(1, sizeof *r);
	flow_store_t *s = r != NULL ? open_records(c) : NULL;
	struct personas p = {.n = 0};
	unsigned char secret[256];
	size_t n = 0;
	int rc = EX_CONFIG;

	if (s != NULL && config_secret(c, secret, sizeof secret, &n) &&
	    (o->fixtures == NULL || personas_read(&p, o->fixtures, c->municipality))) {
		const struct flow_record_generate how = {
			.residents = o->residents,
			.seed = o->seed,
			.place = c->place,
			.font = c->font,
			.day = card_date_in_japan((int64_t)time(NULL)),
			.secret = card_bytes(secret, n),
			.authority = authority,
			.person = p.person,
			.persons = p.n,
			.progress = isatty(STDERR_FILENO) ? progress : NULL};

		rc = exit_of(flow_record_generate(s, &how, r), s);
		print_counts(r);
	}
	card_wipe(secret, sizeof secret);
	personas_free(&p);
	flow_store_close(&s);
	free(r);
	return rc;
}

int command_import(const struct config *c, const struct options *o)
{
	struct flow_record_report *r = calloc(1, sizeof *r);
	flow_store_t *s = r != NULL ? open_records(c) : NULL;
	unsigned char secret[256];
	size_t n = 0;
	int rc = EX_CONFIG;

	if (s != NULL && config_secret(c, secret, sizeof secret, &n)) {
		const struct flow_record_import how = {o->replace, card_bytes(secret, n)};
		const enum card_error err = flow_record_import(s, o->folder, &how, r);

		if (err == CARD_ERR_NOT_FOUND)
			say(_("%s: none of the files that can be imported"), o->folder);
		rc = exit_of(err, s);
		print_counts(r);
		print_problems(r);
	}
	card_wipe(secret, sizeof secret);
	flow_store_close(&s);
	free(r);
	return rc;
}

int command_export(const struct config *c, const struct options *o)
{
	struct flow_record_report *r = calloc(1, sizeof *r);
	flow_store_t *s = r != NULL ? open_records(c) : NULL;
	int rc = EX_CONFIG;

	if (s != NULL) {
		mkdir(o->folder, 0700);
		rc = exit_of(flow_record_export(s, o->folder, r), s);
		print_counts(r);
	}
	flow_store_close(&s);
	free(r);
	return rc;
}

/* A file of one line, taken like any import. */
static enum card_error import_line(flow_store_t *s, const struct config *c, const char *name,
				   const char *header, const char *line,
				   struct flow_record_report *r)
{
	char folder[] = "/tmp/kazasu-issuer-XXXXXX", path[64];
	unsigned char secret[256];
	struct flow_record_import how = {false, {NULL, 0}};
	size_t n = 0;
	FILE *f;
	enum card_error err = CARD_ERR_IO;

	if (!config_secret(c, secret, sizeof secret, &n) || mkdtemp(folder) == NULL)
		return CARD_ERR_IO;
	how.secret = card_bytes(secret, n);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "we");
	if (f != NULL && fprintf(f, "%s\n%s\n", header, line) > 0 && fclose(f) == 0)
		err = flow_record_import(s, folder, &how, r);
	unlink(path);
	rmdir(folder);
	card_wipe(secret, sizeof secret);
	return err;
}

int command_map(const struct config *c, const struct options *o)
{
	const bool enrol = o->action == ACTION_ENROL;
	const char *who = enrol ? o->member : o->atena;
	struct flow_record_report *r;
	struct card_name card;
	flow_store_t *s;
	char line[400], today[11];
	int rc = EX_CONFIG;

	if (who == NULL || o->trust == NULL) {
		say(_("the person (--atena or --member) and --trust are needed"));
		return EX_USAGE;
	}
	if (!card_name_of(o->certificate, o->trust, &card))
		return EX_DATAERR;
	card_date_format(card_date_in_japan((int64_t)time(NULL)), today);
	if (enrol)
		snprintf(line, sizeof line, "E-%.24s,%s,%s,%.60s,%s,", card.serial, card.serial,
			 card.authority, who, today);
	else
		snprintf(line, sizeof line, "%s,%s,%.60s,%s,", card.serial, card.authority, who,
			 today);
	r = calloc(1, sizeof *r);
	s = r != NULL ? open_records(c) : NULL;
	if (s != NULL) {
		rc = exit_of(
			import_line(
				s, c, enrol ? "enrolments.csv" : "serials.csv",
				enrol ? "enrolment,serial,authority,member,registered_on,ended_on"
				      : "serial,authority,atena,valid_from,valid_to",
				line, r),
			s);
		print_problems(r);
	}
	flow_store_close(&s);
	free(r);
	return rc;
}
