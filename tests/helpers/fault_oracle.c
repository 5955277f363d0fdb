/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_oracle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <card/date.h>
#include <cardflow/issue_transaction.h>

#define TRANSACTIONS 16u
#define COPIES       20u

struct copy {
	char number[16];
	unsigned place, state; /* 2: valid */
	unsigned papers;       /* whole ones that came out */
};

struct transaction {
	char id[33], state[24], kind[20], atena[32];
	int64_t fee, copies, paid, refund_state, refund_amount;
	struct copy copy[COPIES];
	size_t n;
};

struct look {
	struct fault_oracle *o;
	flow_store_t *db, *ledger;
	struct transaction t[TRANSACTIONS];
	size_t n;
	char voids[FAULT_PATH + 96];
};

static void complain(struct fault_oracle *o, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct fault_oracle *o, const char *format, ...)
{
	const size_t n = strlen(o->complaint);
	va_list a;

	va_start(a, format);
	if (n + 3 < sizeof o->complaint) {
		snprintf(o->complaint + n, sizeof o->complaint - n, n > 0 ? "; " : "");
		vsnprintf(o->complaint + strlen(o->complaint),
			  sizeof o->complaint - strlen(o->complaint), format, a);
	}
	va_end(a);
}

static void run_sql(struct look *l, flow_store_t *db, const char *sql, const char *param,
		    flow_row_fn row, void *ctx)
{
	(void)l;
	if (flow_store_run(db, sql, &param, param != NULL ? 1 : 0, row, ctx) != CARD_OK)
		fault_die("%s: %s", sql, flow_store_message(db));
}

/* ---- the store ---- */

static void keep(char *out, size_t cap, const char *column)
{
	snprintf(out, cap, "%s", column != NULL ? column : "");
}

static int64_t number(const char *column)
{
	return column != NULL ? strtoll(column, NULL, 10) : 0;
}

static enum card_error take_transaction(void *ctx, const char *const *c, size_t n)
{
	struct look *l = ctx;
	struct transaction *t = &l->t[l->n];

	if (n < 8 || l->n == TRANSACTIONS)
		return CARD_ERR_TOO_LONG;
	l->n++;
	keep(t->id, sizeof t->id, c[0]);
	keep(t->state, sizeof t->state, c[1]);
	keep(t->kind, sizeof t->kind, c[2]);
	t->fee = number(c[3]);
	t->copies = number(c[4]);
	t->paid = number(c[5]);
	t->refund_state = number(c[6]);
	t->refund_amount = number(c[7]);
	return CARD_OK;
}

static enum card_error take_copy(void *ctx, const char *const *c, size_t n)
{
	struct transaction *t = ctx;
	struct copy *k = &t->copy[t->n];

	if (n < 3 || t->n == COPIES)
		return CARD_ERR_TOO_LONG;
	t->n++;
	keep(k->number, sizeof k->number, c[0]);
	k->place = (unsigned)number(c[1]);
	k->state = (unsigned)number(c[2]);
	return CARD_OK;
}

static enum card_error take_text(void *ctx, const char *const *c, size_t n)
{
	(void)n;
	snprintf(ctx, 32, "%s", c[0] != NULL ? c[0] : "");
	return CARD_OK;
}

static void read_store(struct look *l)
{
	run_sql(l, l->db,
		"SELECT id, state, kind, fee, copies, paid, refund_state, refund_amount"
		" FROM issue_transaction WHERE terminal = $1 ORDER BY opened, application",
		l->o->terminal, take_transaction, l);
	for (size_t i = 0; i < l->n; i++) {
		run_sql(l, l->db,
			"SELECT number, place, state FROM issue_copy WHERE id = $1"
			" ORDER BY attempt, place",
			l->t[i].id, take_copy, &l->t[i]);
		run_sql(l, l->ledger,
			"SELECT atena FROM issue_record WHERE txn = $1 AND outcome = 'made'",
			l->t[i].id, take_text, l->t[i].atena);
	}
}

static bool is(const struct transaction *t, const char *state)
{
	return strcmp(t->state, state) == 0;
}

static int64_t valid(const struct transaction *t)
{
	int64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->copy[i].state == 2;
	return n;
}

/* Open by right: money is owed (the list of the day), or somebody has to clear the terminal. */
static void check_state(struct look *l, const struct transaction *t)
{
	const enum flow_issue_state state = flow_issue_state_of(t->state);
	const bool attended = is(t, "printed") || is(t, "collected");

	if (flow_issue_ended(state) || attended ||
	    (!l->o->late && (is(t, "refund_due") || is(t, "print_failed"))))
		return;
	complain(l->o, "%.8s is left %s", t->id, t->state);
}

static void check_copies(struct look *l, const struct transaction *t)
{
	const enum flow_issue_state state = flow_issue_state_of(t->state);
	const bool open = is(t, "print_failed"); /* what is prepared takes effect later */

	for (unsigned place = 1; place <= (unsigned)t->copies; place++) {
		unsigned count = 0;

		for (size_t i = 0; i < t->n; i++)
			count += t->copy[i].place == place && t->copy[i].state == 2;
		if (count > 1)
			complain(l->o, "%.8s has %u valid papers for copy %u", t->id, count, place);
	}
	if (!flow_issue_charged(state) && valid(t) > 0)
		complain(l->o, "%.8s was not paid and has %lld valid copies", t->id,
			 (long long)valid(t));
	/* 2, 4: FLOW_ISSUE_REFUND_EFFECTIVE, _PAID. */
	if (flow_issue_charged(state) && !open && t->paid > 0 &&
	    valid(t) * t->fee + (t->refund_state == FLOW_ISSUE_REFUND_EFFECTIVE ||
						 t->refund_state == FLOW_ISSUE_REFUND_PAID
					 ? t->refund_amount
					 : 0) !=
		    t->paid)
		complain(l->o, "%.8s: %lld paid, %lld valid copies of %lld yen, refund %lld", t->id,
			 (long long)t->paid, (long long)valid(t), (long long)t->fee,
			 (long long)t->refund_amount);
	if (state == FLOW_ISSUE_CLOSED && t->fee == 0 && valid(t) != t->copies)
		complain(l->o, "%.8s is closed with %lld of %lld copies", t->id,
			 (long long)valid(t), (long long)t->copies);
}

static void check_documents(struct look *l, const struct transaction *t)
{
	if (!flow_issue_ended(flow_issue_state_of(t->state)) && !is(t, "refund_due"))
		return;
	if (fault_number(l->db, "SELECT COUNT(*) FROM issue_document WHERE id = $1", t->id) != 0 ||
	    fault_number(l->db,
			 "SELECT COUNT(*) FROM issue_transaction WHERE id = $1 AND"
			 " (doc_key <> '' OR resident <> '' OR card <> '')",
			 t->id) != 0)
		complain(l->o, "%.8s is %s and its document is still there", t->id, t->state);
}

/* The issuer's word of it comes a little later: told when the day is over. */
static void check_record(struct look *l, const struct transaction *t)
{
	char state[32] = "";
	const char *want = valid(t) > 0 ? "issued"
			   : flow_issue_charged(flow_issue_state_of(t->state)) && t->paid > 0
				   ? "void"
				   : "withdrawn";

	if (!l->o->late)
		return;
	run_sql(l, l->ledger, "SELECT state FROM issue_record WHERE txn = $1 AND outcome = 'made'",
		t->id, take_text, state);
	if (*state == '\0' || strcmp(state, want) == 0)
		return;
	/* A payment that was never known to be made, or none was due: either word. */
	if (valid(t) == 0 && flow_issue_charged(flow_issue_state_of(t->state)) &&
	    (strcmp(state, "withdrawn") == 0 || strcmp(state, "void") == 0))
		return;
	complain(l->o, "%.8s is %s and its issue record %s", t->id, t->state, state);
}

/* ---- money ---- */

struct money {
	int64_t in, back;
	char again[33]; /* a refund that was given twice */
};

/* Lines of the payment unit's memory (libcard/flow/issue/payment_sim.c). */
static struct money read_unit(const struct fault_oracle *o)
{
	struct money m = {0, 0, ""};
	char path[FAULT_PATH + 96], line[128], word[16], id[40], seen[64][40];
	long long amount;
	size_t n = 0;
	FILE *f;

	fault_path(path, o->folder, "state/payment/unit.log");
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%15s %39s %lld", word, id, &amount) != 3)
			continue;
		if (strcmp(word, "take") == 0 || strcmp(word, "hush") == 0 ||
		    strcmp(word, "mute") == 0 || strcmp(word, "more") == 0)
			m.in += amount;
		if (strcmp(word, "back") != 0)
			continue;
		m.back += amount;
		for (size_t i = 0; i < n; i++)
			if (strcmp(seen[i], id) == 0)
				snprintf(m.again, sizeof m.again, "%.32s", id);
		if (n < 64)
			snprintf(seen[n++], sizeof seen[0], "%s", id);
	}
	if (f != NULL)
		fclose(f);
	return m;
}

struct refunds {
	struct look *l;
	int64_t effective, by_hand;
};

/* refund, amount, state */
static enum card_error take_refund(void *ctx, const char *const *c, size_t n)
{
	struct refunds *r = ctx;
	char path[FAULT_PATH + 96], line[128], want[48];
	bool given = false;
	FILE *f;

	(void)n;
	if (strcmp(c[2], "effective") == 0)
		r->effective += number(c[1]);
	fault_path(path, r->l->o->folder, "state/payment/unit.log");
	snprintf(want, sizeof want, "back %.32s ", c[0]);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		given |= strncmp(line, want, strlen(want)) == 0;
	if (f != NULL)
		fclose(f);
	/* Paid, and not by the unit: the operator did. */
	if (!given && strcmp(c[2], "paid") == 0)
		r->by_hand += number(c[1]);
	if (given && strcmp(c[2], "effective") == 0)
		complain(r->l->o, "refund %.8s was given and is still owed", c[0]);
	if (given && strcmp(c[2], "cancelled") == 0)
		complain(r->l->o, "refund %.8s was given and cancelled", c[0]);
	return CARD_OK;
}

static void check_money(struct look *l)
{
	const struct money m = read_unit(l->o);
	struct refunds r = {l, 0, 0};
	int64_t earned = 0, prepared = 0;
	bool unknown = false;

	for (size_t i = 0; i < l->n; i++) {
		unknown |= fault_number(l->db,
					"SELECT COUNT(*) FROM issue_event WHERE id = $1 AND code ="
					" 'payment_unknown'",
					l->t[i].id) > 0;
		run_sql(l, l->db, "SELECT refund, amount, state FROM issue_refund WHERE id = $1",
			l->t[i].id, take_refund, &r);
		earned += valid(&l->t[i]) * l->t[i].fee;
		if (is(&l->t[i], "print_failed"))
			prepared += l->t[i].paid - valid(&l->t[i]) * l->t[i].fee;
	}
	if (*m.again != '\0')
		complain(l->o, "refund %.8s was given twice", m.again);
	/* What became of a payment was never known: in doubt it is the resident's. */
	if (unknown && m.in - m.back - r.by_hand <= earned + r.effective + prepared)
		return;
	if (m.in - m.back - r.by_hand != earned + r.effective + prepared)
		complain(l->o, "%lld yen in, %lld back, %lld by hand; %lld earned, %lld owed",
			 (long long)m.in, (long long)m.back, (long long)r.by_hand,
			 (long long)earned, (long long)(r.effective + prepared));
}

/* ---- paper ---- */

static json_t *verify(struct look *l, const char *picture)
{
	char command[5 * FAULT_PATH], at[26];
	json_t *json;
	FILE *f;

	card_time_format_japan((int64_t)time(NULL), at);
	snprintf(
		command, sizeof command,
		"'%s/kazasu' --test-roots paper verify '%s' --void-list '%s' --at %s --json 2>/dev/null",
		l->o->town->bin, picture, l->voids, at);
	f = popen(command, "re");
	json = f != NULL ? json_loadf(f, 0, NULL) : NULL;
	if (f != NULL)
		pclose(f);
	return json;
}

static bool same_file(const char *a, const char *b)
{
	char command[5 * FAULT_PATH];

	snprintf(command, sizeof command, "cmp -s '%s' '%s'", a, b);
	return system(command) == 0;
}

static struct copy *find_copy(struct look *l, const char *transaction, const char *copy,
			      struct transaction **of)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->t[i].n; k++)
			if (strcmp(l->t[i].id, transaction) == 0 &&
			    strcmp(l->t[i].copy[k].number, copy) == 0) {
				*of = &l->t[i];
				return &l->t[i].copy[k];
			}
	return NULL;
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "";
}

/* One back: what it says of itself, against the store and against him who stood there. */
static void check_paper(struct look *l, const struct fault_visit *v, const char *name)
{
	char back[FAULT_PATH * 2], front[FAULT_PATH * 2], want[FAULT_PATH * 2];
	struct transaction *t = NULL;
	const json_t *facts;
	struct copy *copy;
	json_t *json;
	bool good;

	snprintf(back, sizeof back, "%s/%s/%s", l->o->folder, v->out, name);
	json = verify(l, back);
	facts = json_object_get(json, "facts");
	good = strcmp(text_of(json, "verdict"), "valid") == 0;
	copy = find_copy(l, text_of(facts, "transaction"), text_of(facts, "copy"), &t);
	if (copy == NULL) {
		complain(l->o, "%s: a paper that nobody issued here (%s)", name,
			 text_of(facts, "transaction"));
	} else {
		copy->papers += good;
		if (good != (copy->state == 2))
			complain(l->o, "%s: copy %s is %s on paper and %u in the store", name,
				 copy->number, text_of(json, "verdict"), copy->state);
		if (good && strncmp(name, "void", 4) == 0)
			complain(l->o, "%s was put aside and is valid", name);
		if (strcmp(t->atena, v->person->atena) != 0)
			complain(l->o, "%s is of %s, and %s stood there", name, t->atena,
				 v->person->atena);
		/* "…back.png" → "…front.png" */
		snprintf(front, sizeof front, "%.*sfront.png", (int)(strlen(back) - 8), back);
		snprintf(want, sizeof want, "%s/reference-%s-%s.png", l->o->town->folder,
			 v->person->atena, t->kind);
		if (!same_file(front, want))
			complain(l->o, "%s: its front is not that of %s", name, v->person->atena);
		else if (l->o->late)
			unlink(front);
	}
	json_decref(json);
}

static void check_papers(struct look *l)
{
	for (size_t i = 0; i < l->o->visits; i++) {
		char path[FAULT_PATH + 96];
		const struct dirent *e;
		DIR *d;

		fault_path(path, l->o->folder, l->o->visit[i].out);
		d = opendir(path);
		while (d != NULL && (e = readdir(d)) != NULL)
			if (strstr(e->d_name, "back.png") != NULL)
				check_paper(l, &l->o->visit[i], e->d_name);
		if (d != NULL)
			closedir(d);
	}
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->t[i].n; k++)
			if (l->t[i].copy[k].state == 2 && l->t[i].copy[k].papers != 1)
				complain(l->o, "copy %s is valid and %u papers of it are there",
					 l->t[i].copy[k].number, l->t[i].copy[k].papers);
}

static void fetch_voids(struct look *l)
{
	card_buf_t list = {0};
	char who[40];
	FILE *f;

	snprintf(who, sizeof who, "terminal-%s", l->o->terminal);
	fault_path(l->voids, l->o->folder, "void.txt");
	if (fault_ask(l->o->town, who, "/v1/void-list", NULL, &list) != 200)
		complain(l->o, "no void list");
	f = fopen(l->voids, "we");
	if (f == NULL || fwrite(list.p, 1, list.n, f) != list.n)
		fault_die("%s: %s", l->voids, strerror(errno));
	fclose(f);
	card_buf_free(&list);
}

/* ---- what is left ---- */

static unsigned grep(const char *folder, const char *pattern)
{
	char command[4096], line[FAULT_PATH * 2];
	unsigned n = 0;
	FILE *f;

	/* -a: in any file; -P: bytes. Folders of paper stand in the resident's hands. */
	snprintf(
		command, sizeof command,
		"LC_ALL=C grep -rlaP --exclude-dir='out*' --exclude-dir=issuer '%s' '%s' 2>/dev/null",
		pattern, folder);
	f = popen(command, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		n++;
	if (f != NULL)
		pclose(f);
	return n;
}

/* UTF-8 → \xNN…, and the same in UTF-16 of both orders; three patterns in one. */
static void make_pattern(const char *words, char *out, size_t cap)
{
	const uint8_t *p = (const uint8_t *)words;
	char big[512] = "", little[512] = "";

	*out = '\0';
	for (const uint8_t *at = p; *at != '\0'; at++)
		snprintf(out + strlen(out), cap - strlen(out), "\\x%02x", *at);
	for (const uint8_t *at = p; *at >= 0xE0 && at[1] != 0 && at[2] != 0; at += 3) {
		const unsigned c = (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);

		snprintf(big + strlen(big), sizeof big - strlen(big), "\\x%02x\\x%02x", c >> 8,
			 c & 255);
		snprintf(little + strlen(little), sizeof little - strlen(little), "\\x%02x\\x%02x",
			 c & 255, c >> 8);
	}
	snprintf(out + strlen(out), cap - strlen(out), "|%s|%s", big, little);
}

unsigned fault_words_below(const char *folder, const struct fault_person *p)
{
	char name[3200], words[1600], path[FAULT_PATH + 96];
	FILE *f;

	make_pattern(p->name, name, sizeof name);
	make_pattern(p->words, words, sizeof words);
	/* The control: what is planted is found. */
	fault_path(path, folder, "planted");
	f = fopen(path, "we");
	if (f == NULL || fprintf(f, "...%s...", p->name) < 0 || fclose(f) != 0)
		fault_die("%s: %s", path, strerror(errno));
	if (grep(folder, name) < 1)
		fault_die("%s: a planted name is not found", folder);
	unlink(path);
	snprintf(name + strlen(name), sizeof name - strlen(name), "|%s", words);
	return grep(folder, name);
}

static void check_left(struct fault_oracle *o)
{
	for (size_t i = 0; i < o->visits; i++)
		if (o->visit[i].person->name != NULL &&
		    fault_words_below(o->folder, o->visit[i].person) != 0)
			complain(o, "%s stands in the terminal's files", o->visit[i].person->name);
}

/* ---- all of it ---- */

static void open_look(struct look *l, struct fault_oracle *o)
{
	char ledger[FAULT_PATH + 96];

	memset(l, 0, sizeof *l);
	l->o = o;
	fault_path(ledger, o->town->folder, "issuer/ledger.db");
	if (flow_store_open(&l->db, o->town->store, 0, NULL) != CARD_OK ||
	    flow_store_open(&l->ledger, ledger, 0, NULL) != CARD_OK)
		fault_die("a store cannot be opened");
}

static void close_look(struct look *l)
{
	flow_store_close(&l->db);
	flow_store_close(&l->ledger);
}

void fault_oracle(struct fault_oracle *o)
{
	struct look *l = calloc(1, sizeof *l);

	if (l == NULL)
		fault_die("no memory");
	open_look(l, o);
	read_store(l);
	for (size_t i = 0; i < l->n; i++) {
		check_state(l, &l->t[i]);
		check_copies(l, &l->t[i]);
		check_documents(l, &l->t[i]);
		check_record(l, &l->t[i]);
	}
	check_money(l);
	/* Void is void: copies do not change any more once they were looked at. */
	if (!o->late || o->papers) {
		fetch_voids(l);
		check_papers(l);
		check_left(o);
	}
	close_look(l);
	free(l);
}

void fault_reference(struct fault_town *t, struct fault_person *p, const char *folder,
		     const char *out, const char *kind)
{
	struct fault_oracle o = {.town = t, .folder = folder, .terminal = t->terminal};
	struct look *l = calloc(1, sizeof *l);
	char command[6 * FAULT_PATH];

	if (l == NULL)
		fault_die("no memory");
	open_look(l, &o);
	read_store(l);
	if (l->n == 0 || !is(&l->t[l->n - 1], "closed"))
		fault_die("the clean run of %s did not close", p->card);
	snprintf(p->atena, sizeof p->atena, "%s", l->t[l->n - 1].atena);
	snprintf(
		command, sizeof command,
		"cp '%s/%s/paper-front.png' '%s/reference-%s-%s.png' && "
		"pdftotext '%s/%s/certificate.pdf' - | tr -d ' \\n' | grep -q \"$(printf %%s '%s' | tr -d ' ')\"",
		folder, out, t->folder, p->atena, kind, folder, out, p->name);
	if (system(command) != 0)
		fault_die("the paper of %s does not bear %s", p->card, p->name);
	close_look(l);
	free(l);
}
