/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the matrix of faults: every message of every script of a terminal × every fault, the terminal's
 * power cut at each durable step, a printer and a payment unit that fail. The messages and steps are
 * those of a file that --record writes from clean runs; which of them meets which row of the
 * transaction's table is looked at too. Driven by test_faults.sh.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <card/date.h>
#include <cardflow/issue_transaction.h>

#include "fault_script.h"

#define STEPS  400
#define LARGE  100 /* cells of a class */
#define CELLS  6000
#define SPREAD 7919u /* a prime above CELLS */

/* A message and its fault, or a durable step, or words for printer and payment unit. */
struct cell {
	const struct fault_step *step; /* NULL: no wire fails */
	const struct fault_script *script;
	enum fault_kind kind;
	unsigned cut_at; /* 0: the terminal is not cut at a durable step */
	bool cut_before;
	char words[96]; /* more arguments */
	const char *class;
	char name[120];
	char terminal[16];
	char folder[FAULT_PATH];
	struct fault_visit visit[3];
	size_t visits;
	bool failed, ran;
};

static struct fault_step steps[STEPS];
static struct {
	char script[16];
	unsigned n;
} durable[32];
static size_t step_count, durable_count, cell_count;
static struct cell cells[CELLS];
static struct fault_town town;
static struct fault_person first = {"sim:test-person", "黒桐", "観布子南", ""};
static struct fault_person next = {"sim:child", "こはる", "試験町二丁目", ""};
static struct fault_person nobody = {"sim:licence", NULL, NULL, ""};
static unsigned part = 1, parts = 1, each, terminals;
static volatile sig_atomic_t enough;
static const char *only, *steps_file, *record_file, *rows_file;

/* ---- the file of steps ---- */

static void read_steps(void)
{
	char line[256];
	FILE *f = fopen(steps_file, "re");

	if (f == NULL)
		fault_die("%s: %s", steps_file, strerror(errno));
	while (fgets(line, sizeof line, f) != NULL) {
		struct fault_step *s = &steps[step_count];
		char wire[16];

		if (sscanf(line, "step %15s %15s %39s %19s", s->script, wire, s->key, s->state) ==
			    4 &&
		    step_count + 1 < STEPS) {
			s->issuer = strcmp(wire, "issuer") == 0;
			step_count++;
		} else if (sscanf(line, "durable %15s %u", durable[durable_count].script,
				  &durable[durable_count].n) == 2 &&
			   durable_count + 1 < 32) {
			durable_count++;
		}
	}
	fclose(f);
}

/* ---- the matrix ---- */

static struct cell *add(const char *class, const struct fault_script *script)
{
	struct cell *c = &cells[cell_count];

	if (script == NULL || cell_count + 1 == CELLS)
		fault_die("%s: too many cells, or a script that is not there", class);
	cell_count++;
	c->class = class;
	c->script = script;
	return c;
}

static void add_wires(void)
{
	for (size_t i = 0; i < step_count; i++)
		for (unsigned k = 0; k < FAULT_KINDS_; k++) {
			struct cell *c;

			if (!fault_possible(&steps[i], (enum fault_kind)k, town.pg_wire != NULL))
				continue;
			c = add(fault_kind_class((enum fault_kind)k),
				fault_script_of(steps[i].script));
			c->step = &steps[i];
			c->kind = (enum fault_kind)k;
			snprintf(c->name, sizeof c->name, "%.15s %s%.39s in %.19s %.19s",
				 steps[i].script, steps[i].issuer ? "issuer " : "", steps[i].key,
				 steps[i].state, fault_kind_name((enum fault_kind)k));
		}
}

static void add_durable(void)
{
	for (size_t i = 0; i < durable_count; i++)
		for (unsigned k = 0; k < 2 * durable[i].n; k++) {
			struct cell *c = add("power cut at a durable step",
					     fault_script_of(durable[i].script));

			c->cut_at = k / 2 + 1;
			c->cut_before = k % 2 == 0;
			snprintf(c->name, sizeof c->name, "%.15s power cut %s durable step %u",
				 durable[i].script, c->cut_before ? "before" : "after", c->cut_at);
		}
}

static void add_words(const char *class, const char *words)
{
	struct cell *c = add(class, fault_script_of("straight"));

	snprintf(c->words, sizeof c->words, "%s", words);
	snprintf(c->name, sizeof c->name, "%s", words);
}

static void add_printer(void)
{
	static const char *const faults[] = {"jam", "paper", "toner", "cover"};
	static const char *const choices[] = {"resume", "refund"};
	char words[96];

	for (unsigned copies = 1; copies <= 2; copies++) {
		for (unsigned sheet = 0; sheet <= copies; sheet++)
			for (size_t c = 0; c < 2; c++) {
				for (size_t i = 0; i < 4; i++) {
					snprintf(words, sizeof words,
						 "--copies %u --printer-sim %s:%u --on-fault %s",
						 copies, faults[i], sheet, choices[c]);
					add_words("printer", words);
				}
				snprintf(words, sizeof words,
					 "--copies %u --printer-sim silent:%u --on-fault %s",
					 copies, sheet, choices[c]);
				add_words("printer", words);
			}
		snprintf(words, sizeof words, "--copies %u --printer-sim lost-answer", copies);
		add_words("printer", words);
		snprintf(words, sizeof words, "--copies %u --printer-sim empty", copies);
		add_words("printer", words);
	}
}

static void add_payment(void)
{
	static const char *const faults[] = {"decline",     "lost-settled", "lost-not-settled",
					     "unknown",     "late",         "double",
					     "wrong-amount"};
	char words[96];

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		snprintf(words, sizeof words, "--payment-sim %s", faults[i]);
		add_words("payment", words);
		snprintf(words, sizeof words, "--payment-sim %s --refund-sim impossible",
			 faults[i]);
		add_words("payment", words);
		snprintf(words, sizeof words,
			 "--payment-sim %s --copies 2 --printer-sim jam:1 --on-fault refund",
			 faults[i]);
		add_words("payment", words);
	}
}

static void make_cells(void)
{
	add_wires();
	add_durable();
	add_printer();
	add_payment();
}

/* ---- one cell ---- */

static void turn(struct cell *c)
{
	snprintf(c->terminal, sizeof c->terminal, "T%u", ++terminals);
	snprintf(town.terminal, sizeof town.terminal, "%s", c->terminal);
	snprintf(c->folder, sizeof c->folder, "%.200s/cells/%s", town.folder, c->terminal);
}

static struct fault_run visit(struct cell *c, const struct fault_person *p, const char *out,
			      const char *card, const char *pins, const char *words)
{
	struct fault_run r = {
		.arguments = words, .card = card, .pins = pins, .out = out, .message_seconds = 60};

	snprintf(r.folder, sizeof r.folder, "%s", c->folder);
	/* Nobody can wait for the whole of that where it is all the cell is about. */
	if (p == &first && (c->kind == FAULT_SLOW_ANSWER || c->kind == FAULT_SLOW_REQUEST))
		r.message_seconds =
			c->step != NULL && strcmp(c->step->key, "document") == 0 ? 25 : 12;
	r.cut_at = p == &first ? c->cut_at : 0;
	r.cut_before = c->cut_before;
	r.trace = r.cut_at > 0;
	c->visit[c->visits++] = (struct fault_visit){p, out};
	fault_run(&town, &r);
	return r;
}

/* What was kept for later, and nothing came any more. */
static void repeat_now(struct fault_plan *p)
{
	card_buf_t answer = {0};
	char who[40], *body, *text;

	if (p->kept.n == 0)
		return;
	text = strndup((const char *)p->kept.p, p->kept.n);
	body = text != NULL ? strstr(text, "\r\n\r\n") : NULL;
	snprintf(who, sizeof who, "terminal-%s", town.terminal);
	p->kept_status =
		(unsigned)fault_ask(&town, who, p->kept_path,
				    body != NULL && body[4] != '\0' ? body + 4 : NULL, &answer);
	card_buf_clear(&p->kept);
	card_buf_free(&answer);
	free(text);
}

static void cell_run(struct cell *c)
{
	struct fault_oracle o = {.town = &town, .visit = c->visit};
	char words[256];
	struct fault_plan *p;
	struct fault_run r;

	turn(c);
	mkdir(c->folder, 0700);
	fault_plan_begin(NULL, FAULT_CUT_ANSWER);
	if (c->script->second)
		(void)visit(c, &first, "out0", first.card, "1234\n", "--kind juminhyo --again yes");
	fault_plan_begin(c->step, c->kind);
	snprintf(words, sizeof words, "%s %s", c->script->arguments, c->words);
	r = visit(c, &first, "out1", c->script->card, c->script->pins, words);
	/* The municipality is told a little later. */
	for (int i = 0; i < 50 && c->step != NULL && c->step->issuer && !fault_plan_met(); i++)
		usleep(100000);
	p = fault_plan_end(&town);
	/* The next customer stands there at once, and it is not he whose things may be in work still;
	 * two of three bring no card that could be used. */
	if (strcmp(r.state, "closed") != 0 && !(c->step != NULL && c->kind == FAULT_GONE)) {
		if (terminals % 3 == 0)
			(void)visit(c, &next, "out2", next.card, "1234\n",
				    "--kind juminhyo --again yes");
		else
			(void)visit(c, &nobody, "out2", nobody.card, "1234\n",
				    "--kind juminhyo --again yes");
	}
	repeat_now(p);
	o.folder = c->folder;
	o.terminal = c->terminal;
	o.visits = c->visits;
	/* Where nobody comes back, the day has to end first. */
	if (c->step == NULL || c->kind != FAULT_GONE)
		fault_oracle(&o);
	if (c->step != NULL && !p->met)
		snprintf(o.complaint + strlen(o.complaint),
			 sizeof o.complaint - strlen(o.complaint), "%sthe message did not come",
			 *o.complaint != '\0' ? "; " : "");
	if (c->kind == FAULT_LATER && c->step != NULL && p->kept_status != 200 &&
	    p->kept_status != 404 && p->kept_status != 409)
		snprintf(o.complaint + strlen(o.complaint),
			 sizeof o.complaint - strlen(o.complaint),
			 "%sthe repetition was answered %u", *o.complaint != '\0' ? "; " : "",
			 p->kept_status);
	c->ran = true;
	c->failed = *o.complaint != '\0';
	if (c->failed)
		printf("[  ERROR   ] %s (%s): %s\n", c->name, c->terminal, o.complaint);
	else
		printf("[       OK ] %s\n", c->name);
	fflush(stdout);
}

/* ---- the day is over ---- */

static void wait_for_none(flow_store_t *db, const char *sql, const char *what)
{
	for (int i = 0; i < 600; i++) {
		if (fault_number(db, sql, NULL) == 0)
			return;
		usleep(200000);
	}
	printf("[  ERROR   ] %s\n", what);
}

static unsigned pay_refunds(void)
{
	card_buf_t list = {0};
	json_t *json, *one;
	unsigned odd = 0;
	size_t i;

	(void)fault_ask(&town, "operator-sato", "/v1/admin/refunds", NULL, &list);
	json = json_loadb((const char *)list.p, list.n, JSON_DISABLE_EOF_CHECK, NULL);
	json_array_foreach(json_object_get(json, "refunds"), i, one)
	{
		char body[256];

		snprintf(body, sizeof body,
			 "{\"inquiry\":\"%s\",\"refund\":\"%s\",\"means\":\"operator\"}",
			 json_string_value(json_object_get(one, "inquiry")),
			 json_string_value(json_object_get(one, "refund")));
		card_buf_clear(&list);
		odd += fault_ask(&town, "operator-sato", "/v1/admin/refund-paid", body, &list) !=
		       200;
		card_buf_clear(&list);
		odd += fault_ask(&town, "operator-sato", "/v1/admin/refund-paid", body, &list) !=
		       409;
	}
	printf("# %zu refunds paid by hand, each once\n", i);
	json_decref(json);
	card_buf_free(&list);
	return odd;
}

static unsigned settle(flow_store_t *db)
{
	char path[80], day[11];
	card_buf_t list = {0};
	unsigned odd = 0;
	json_t *json, *one;
	size_t i;

	card_date_format(card_date_in_japan((int64_t)town.first), day);
	snprintf(path, sizeof path, "/v1/admin/settlement?day=%s", day);
	(void)fault_ask(&town, "operator-sato", path, NULL, &list);
	json = json_loadb((const char *)list.p, list.n, JSON_DISABLE_EOF_CHECK, NULL);
	json_array_foreach(json_object_get(json, "settlement"), i, one)
	{
		/* Money that nobody knows of stays a finding, until the unit's own count is there. */
		if (!json_is_false(json_object_get(one, "finding")) &&
		    fault_number(db,
				 "SELECT COUNT(*) FROM issue_transaction WHERE terminal = $1 AND"
				 " code = 'payment_unknown'",
				 json_string_value(json_object_get(one, "terminal"))) == 0 &&
		    fault_number(db,
				 "SELECT COUNT(*) FROM issue_event WHERE terminal = $1 AND"
				 " code = 'payment_unknown'",
				 json_string_value(json_object_get(one, "terminal"))) == 0) {
			char *text = json_dumps(one, JSON_COMPACT);

			printf("[  ERROR   ] settlement: %s\n", text);
			free(text);
			odd++;
		}
	}
	if (!json_is_array(json_object_get(json, "settlement")))
		odd++;
	json_decref(json);
	card_buf_free(&list);
	return odd;
}

static unsigned day_over(void)
{
	const char *place = town.pg_wire != NULL ? town.pg.folder : town.folder;
	char tmp[FAULT_PATH + 96];
	flow_store_t *db = NULL;
	unsigned odd = 0;

	if (flow_store_open(&db, town.store, 0, NULL) != CARD_OK)
		fault_die("the store cannot be opened");
	fault_center_later(&town, 3600);
	wait_for_none(db,
		      "SELECT COUNT(*) FROM issue_transaction WHERE deadline > 0 AND state IN"
		      " ('card_read','applied','verified','delivered','paying','paid','resumed')",
		      "an hour later something still waits");
	fault_center_later(&town, 13 * 3600L);
	wait_for_none(
		db,
		"SELECT COUNT(*) FROM issue_transaction WHERE state IN ('print_failed','printing')",
		"the day is over and something is still to be printed");
	odd += pay_refunds();
	wait_for_none(db, "SELECT COUNT(*) FROM issue_outbox", "a municipality was not told");
	odd += settle(db);
	if (fault_number(db, "SELECT COUNT(*) FROM issue_document", NULL) != 0)
		odd++, puts("[  ERROR   ] a document is still in the store");
	flow_store_close(&db);
	for (size_t i = 0; i < cell_count; i++) {
		struct cell *c = &cells[i];
		struct fault_oracle o = {.town = &town,
					 .folder = c->folder,
					 .terminal = c->terminal,
					 .visit = c->visit,
					 .visits = c->visits,
					 .late = true,
					 .papers = c->step != NULL && c->kind == FAULT_GONE};

		if (!c->ran)
			continue;
		fault_oracle(&o);
		if (*o.complaint != '\0')
			printf("[  ERROR   ] %s (%s), at the end of the day: %s\n", c->name,
			       c->terminal, o.complaint);
		c->failed |= *o.complaint != '\0';
	}
	fault_path(tmp, town.folder, "tmp");
	if (fault_words_below(place, &first) != 0 || fault_words_below(place, &next) != 0)
		odd++, puts("[  ERROR   ] a name stands in the centre's store");
	if (fault_words_below(tmp, &first) != 0 || fault_words_below(tmp, &next) != 0)
		odd++, puts("[  ERROR   ] a name stands in temporary files");
	return odd;
}

/* ---- the table ---- */

static enum card_error print_row(void *ctx, const char *const *c, size_t n)
{
	(void)n;
	fprintf(ctx, "row %s|%s|%s\n", c[0], c[1], c[2]);
	return CARD_OK;
}

/* Rows of the table that were taken, for test_faults.sh. */
static void write_rows(void)
{
	flow_store_t *db = NULL;
	FILE *f;

	if (rows_file == NULL)
		return;
	f = fopen(rows_file, "we");
	if (f == NULL || flow_store_open(&db, town.store, 0, NULL) != CARD_OK ||
	    flow_store_run(db,
			   "SELECT DISTINCT flow_row, from_state, event FROM issue_event WHERE"
			   " flow_row IS NOT NULL AND to_state IS NOT NULL ORDER BY 1, 2, 3",
			   NULL, 0, print_row, f) != CARD_OK)
		fault_die("%s cannot be written", rows_file);
	fclose(f);
	flow_store_close(&db);
}

/* Every state × event of the table: "row K13|applied|valid". */
static void print_table(void)
{
	const struct flow_issue_rule *r;

	for (size_t i = 0; (r = flow_issue_rule(i)) != NULL; i++)
		for (unsigned s = 0; s < FLOW_ISSUE_STATES_; s++)
			if ((r->from & 1u << s) != 0)
				printf("row %s|%s|%s\n", r->row,
				       flow_issue_state_name((enum flow_issue_state)s),
				       flow_issue_event_name(r->event));
}

/* ---- clean runs ---- */

static void references(void)
{
	struct cell clean = {.script = fault_script_of("straight"), .class = ""};

	turn(&clean);
	mkdir(clean.folder, 0700);
	fault_plan_begin(NULL, FAULT_CUT_ANSWER);
	(void)visit(&clean, &first, "out0", first.card, "1234\n", "--kind juminhyo --again yes");
	fault_reference(&town, &first, clean.folder, "out0", "juminhyo");
	(void)visit(&clean, &first, "out1", first.card, "1234\n", "--kind inkan --again yes");
	fault_reference(&town, &first, clean.folder, "out1", "inkan");
	(void)visit(&clean, &next, "out2", next.card, "1234\n", "--kind juminhyo --again yes");
	fault_reference(&town, &next, clean.folder, "out2", "juminhyo");
}

static bool known(const struct fault_step *s)
{
	for (size_t i = 0; i < step_count; i++)
		if (steps[i].issuer == s->issuer && strcmp(steps[i].key, s->key) == 0 &&
		    strcmp(steps[i].state, s->state) == 0)
			return true;
	return false;
}

static void record_one(FILE *f, const struct fault_script *script)
{
	struct cell clean = {.script = script, .class = ""};
	const struct fault_plan *p;
	struct fault_run r = {.arguments = script->arguments,
			      .card = script->card,
			      .pins = script->pins,
			      .out = "out1",
			      .message_seconds = 60,
			      .trace = script->notes};

	turn(&clean);
	mkdir(clean.folder, 0700);
	fault_plan_begin(NULL, FAULT_CUT_ANSWER);
	if (script->second)
		(void)visit(&clean, &first, "out0", first.card, "1234\n",
			    "--kind juminhyo --again yes");
	fault_plan_begin(NULL, FAULT_CUT_ANSWER);
	snprintf(r.folder, sizeof r.folder, "%s", clean.folder);
	fault_run(&town, &r);
	sleep(3); /* the municipality is told a little later */
	p = fault_plan_end(&town);
	for (size_t i = 0; i < p->trails; i++) {
		struct fault_step s = p->trail[i];

		snprintf(s.script, sizeof s.script, "%s", script->name);
		if (known(&s) || step_count + 1 == STEPS)
			continue;
		steps[step_count++] = s;
		fprintf(f, "step %s %s %s %s\n", s.script, s.issuer ? "issuer" : "centre", s.key,
			s.state);
	}
	if (script->notes)
		fprintf(f, "durable %s %u\n", script->name, r.durable);
	fprintf(stderr, "%s: %s, %zu messages, %u durable steps\n", script->name, r.state,
		p->trails, r.durable);
}

static int record(void)
{
	FILE *f = fopen(record_file, "we");

	if (f == NULL)
		fault_die("%s: %s", record_file, strerror(errno));
	for (size_t i = 0; i < fault_script_count; i++)
		record_one(f, &fault_scripts[i]);
	fclose(f);
	return 0;
}

/* ---- all of it ---- */

static void count_classes(void)
{
	unsigned passed = 0, failed = 0;

	for (size_t i = 0; i < cell_count; i++) {
		unsigned ran = 0, bad = 0, all = 0;
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++)
			seen = strcmp(cells[k].class, cells[i].class) == 0;
		for (size_t k = i; !seen && k < cell_count; k++)
			if (strcmp(cells[k].class, cells[i].class) == 0)
				all++, ran += cells[k].ran, bad += cells[k].failed;
		if (!seen)
			printf("class %s|%u|%u|%u\n", cells[i].class, all, ran, bad);
		passed += cells[i].ran && !cells[i].failed;
		failed += cells[i].failed;
	}
	printf("cells %u passed %u failed\n", passed, failed);
}

/* Of each class so many, of a large one twice as many; others on the other store. */
static bool chosen(const struct cell *c)
{
	static struct {
		const char *class;
		unsigned all, seen;
	} count[32];
	size_t n = 0;
	unsigned most, skip;

	if (each == 0)
		return true;
	while (n < 31 && count[n].class != NULL && strcmp(count[n].class, c->class) != 0)
		n++;
	if (count[n].class == NULL) {
		count[n].class = c->class;
		for (size_t i = 0; i < cell_count; i++)
			count[n].all += strcmp(cells[i].class, c->class) == 0;
	}
	most = count[n].all > LARGE ? 2 * each : each;
	skip = town.pg_wire != NULL && count[n].all > 4 * most ? most : 0;
	return count[n].seen++ >= skip && count[n].seen <= skip + most;
}

static void run_cells(void)
{
	unsigned nth = 0;

	for (size_t i = 0; i < cell_count; i++) {
		/* Spread over everything, always the same way: what was run until now says something
		 * about all of it. */
		struct cell *c = &cells[i * SPREAD % cell_count];

		if (only != NULL && strstr(c->name, only) == NULL)
			continue;
		if (!enough && chosen(c) && nth++ % parts == part - 1)
			cell_run(c);
	}
}

/* SIGTERM: no more of them, and the day ends. */
static void stop(int number)
{
	(void)number;
	enough = 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"bin", required_argument, NULL, 'b'},
						{"place", required_argument, NULL, 'p'},
						{"store", required_argument, NULL, 's'},
						{"each", required_argument, NULL, 'n'},
						{"part", required_argument, NULL, 'i'},
						{"only", required_argument, NULL, 'o'},
						{"steps", required_argument, NULL, 'f'},
						{"record", required_argument, NULL, 'r'},
						{"rows", required_argument, NULL, 'w'},
						{"table", no_argument, NULL, 't'},
						{NULL, 0, NULL, 0}};
	bool postgresql = false;
	unsigned odd;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case 'b':
			snprintf(town.bin, sizeof town.bin, "%s", optarg);
			break;
		case 'p':
			snprintf(town.folder, sizeof town.folder, "%s", optarg);
			break;
		case 's':
			postgresql = strcmp(optarg, "postgresql") == 0;
			break;
		case 'n':
			each = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'i':
			if (sscanf(optarg, "%u/%u", &part, &parts) != 2)
				return 64;
			break;
		case 'o':
			only = optarg;
			break;
		case 'f':
			steps_file = optarg;
			break;
		case 'r':
			record_file = optarg;
			break;
		case 'w':
			rows_file = optarg;
			break;
		case 't':
			print_table();
			return 0;
		default:
			return 64;
		}
	}
	if (*town.bin == '\0' || *town.folder == '\0' || parts == 0)
		return 64;
	town.at = fault_script_at;
	fault_town_open(&town, postgresql);
	if (record_file != NULL) {
		o = record();
		fault_town_close(&town);
		return o;
	}
	read_steps();
	make_cells();
	references();
	signal(SIGTERM, stop);
	run_cells();
	odd = day_over();
	write_rows();
	count_classes();
	fault_town_close(&town);
	return odd == 0 ? 0 : 1;
}
