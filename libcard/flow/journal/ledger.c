/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.c — the register of terminal use: reading it, and making it from the journal. */
#include "ledger_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *const columns[] = {"date", "terminal", "operator", "start",
				      "end",  "purpose",  "approver", NULL};

int ledger_minutes(const char *text)
{
	int h, m;

	if (strlen(text) != 5 || text[2] != ':' || strspn(text, "0123456789:") != 5)
		return -1;
	h = 10 * (text[0] - '0') + text[1] - '0';
	m = 10 * (text[3] - '0') + text[4] - '0';
	return h < 24 && m < 60 ? 60 * h + m : -1;
}

static enum card_error read_entry(const flow_table_t *t, size_t row, struct ledger_entry *e,
				  struct flow_problem *problem)
{
	const char *name = flow_table_name(t), *terminal = flow_table_get(t, row, 1);
	const char *operator_id = flow_table_get(t, row, 2);
	struct card_date day;
	enum card_error err = flow_table_date(t, row, 0, &day, problem);

	if (err != CARD_OK)
		return err;
	e->line = flow_table_line(t, row);
	if (!card_date_valid(day))
		return flow_problem_set(problem, name, e->line, "a date is needed");
	if (!line_terminal_valid(terminal))
		return flow_problem_set(problem, name, e->line,
					"a terminal is 1 to 40 of A-Z a-z 0-9 . _ -");
	if (!line_terminal_valid(operator_id) || strlen(operator_id) >= sizeof e->operator_id)
		return flow_problem_set(problem, name, e->line,
					"an operator's identifier is needed");
	e->start = ledger_minutes(flow_table_get(t, row, 3));
	e->end = ledger_minutes(flow_table_get(t, row, 4));
	if (e->start < 0 || e->end < e->start)
		return flow_problem_set(problem, name, e->line,
					"start and end are HH:MM, in this order");
	card_date_format(day, e->day);
	snprintf(e->terminal, sizeof e->terminal, "%s", terminal);
	snprintf(e->operator_id, sizeof e->operator_id, "%s", operator_id);
	return CARD_OK;
}

enum card_error journal_ledger_read(journal_ledger_t **out, const char *path,
				    struct flow_problem *problem)
{
	journal_ledger_t *l;
	flow_table_t *t = NULL;
	enum card_error err;

	if (out == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_table_read(&t, path, columns, problem);
	if (err != CARD_OK)
		return err;
	l = calloc(1, sizeof *l);
	if (l != NULL)
		l->entry = calloc(flow_table_rows(t) + 1, sizeof *l->entry);
	if (l == NULL || l->entry == NULL)
		err = CARD_ERR_NO_MEMORY;
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(t); i++) {
		err = read_entry(t, i, &l->entry[i], problem);
		l->n += err == CARD_OK;
	}
	flow_table_free(&t);
	if (err == CARD_OK)
		*out = l;
	else
		journal_ledger_free(&l);
	return err;
}

void journal_ledger_free(journal_ledger_t **l)
{
	if (l == NULL || *l == NULL)
		return;
	free((*l)->entry);
	free(*l);
	*l = NULL;
}

size_t journal_ledger_entries(const journal_ledger_t *l)
{
	return l != NULL ? l->n : 0;
}

bool ledger_counts(const struct journal_entry *e)
{
	return *e->operator_id != '\0' && strcmp(e->operator_id, "setup") != 0 &&
	       strcmp(e->phase, "unknown") != 0 && strcmp(e->event, "late-entry") != 0 &&
	       strlen(e->end) == 25;
}

/* ---------------------------------------------------------------- made from the journal */

struct use {
	char terminal[41], operator_id[33], day[11], from[6], to[6], purpose[256], approver[128];
	bool open;
};

struct making {
	FILE *out;
	struct use use[16]; /* who is at a terminal now */
};

/* Words may hold what a table's field may not. */
static void put_field(FILE *out, const char *text, char end)
{
	for (; *text != '\0'; text++)
		fputc(*text == ',' || *text == '"' || (unsigned char)*text < 0x20 ? ' ' : *text,
		      out);
	fputc(end, out);
}

static void close_use(struct making *m, struct use *u)
{
	if (!u->open)
		return;
	put_field(m->out, u->day, ',');
	put_field(m->out, u->terminal, ',');
	put_field(m->out, u->operator_id, ',');
	put_field(m->out, u->from, ',');
	put_field(m->out, u->to, ',');
	put_field(m->out, u->purpose, ',');
	put_field(m->out, u->approver, '\n');
	u->open = false;
}

static void add_word(char *list, size_t room, const char *word)
{
	const size_t n = strlen(list);

	if (*word != '\0' && !flow_list_has(list, word) && n + strlen(word) + 2 < room)
		snprintf(list + n, room - n, "%s%s", n > 0 ? ";" : "", word);
}

static struct use *find_use(struct making *m, const char *operator_id)
{
	struct use *free_one = NULL;

	for (size_t i = 0; i < sizeof m->use / sizeof *m->use; i++) {
		if (m->use[i].open && strcmp(m->use[i].operator_id, operator_id) == 0)
			return &m->use[i];
		if (!m->use[i].open && free_one == NULL)
			free_one = &m->use[i];
	}
	if (free_one == NULL) {
		close_use(m, &m->use[0]);
		free_one = &m->use[0];
	}
	return free_one;
}

/* Records come by terminal and place: another terminal or day ends everybody's use. */
static enum card_error take(void *ctx, const struct journal_entry *e)
{
	struct making *m = ctx;
	char day[11], time[6];
	struct use *u;

	if (!ledger_counts(e))
		return CARD_OK;
	snprintf(day, sizeof day, "%.10s", e->end);
	snprintf(time, sizeof time, "%.5s", e->end + 11);
	for (size_t i = 0; i < sizeof m->use / sizeof *m->use; i++) {
		if (strcmp(m->use[i].terminal, e->terminal) != 0 || strcmp(m->use[i].day, day) != 0)
			close_use(m, &m->use[i]);
	}
	u = find_use(m, e->operator_id);
	if (u->open && strcmp(e->event, "login") == 0)
		close_use(m, u);
	if (!u->open) {
		memset(u, 0, sizeof *u);
		u->open = true;
		snprintf(u->terminal, sizeof u->terminal, "%.40s", e->terminal);
		snprintf(u->operator_id, sizeof u->operator_id, "%.32s", e->operator_id);
		memcpy(u->day, day, sizeof day);
		memcpy(u->from, time, sizeof time);
	}
	memcpy(u->to, time, sizeof time);
	add_word(u->purpose, sizeof u->purpose, *e->purpose != '\0' ? e->purpose : e->procedure);
	add_word(u->approver, sizeof u->approver, e->approver);
	if (strcmp(e->event, "logout") == 0)
		close_use(m, u);
	return ferror(m->out) ? CARD_ERR_IO : CARD_OK;
}

enum card_error journal_ledger_write(flow_store_t *store, const struct journal_ledger_scope *scope,
				     FILE *out)
{
	struct journal_filter f = {.terminal = NULL};
	struct making *m;
	enum card_error err;

	if (store == NULL || scope == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	m = calloc(1, sizeof *m);
	if (m == NULL)
		return CARD_ERR_NO_MEMORY;
	m->out = out;
	f.terminal = scope->terminal;
	f.from = scope->from;
	f.to = scope->to;
	for (size_t i = 0; columns[i] != NULL; i++)
		put_field(out, columns[i], columns[i + 1] != NULL ? ',' : '\n');
	err = journal_read(store, &f, take, m);
	for (size_t i = 0; i < sizeof m->use / sizeof *m->use; i++)
		close_use(m, &m->use[i]);
	free(m);
	return err == CARD_OK && fflush(out) != 0 ? CARD_ERR_IO : err;
}
