/* SPDX-License-Identifier: Apache-2.0 */
/*
 * register_import.c — persons and numbers from tables, all or nothing.
 *
 * The tables are checked in memory (sorted once, O(n log n)) before the first row is written: a
 * database would stop at the first mistake, and whoever sent the file wants to know all of them.
 */
#include <cardflow/digits.h>
#include <cardflow/register.h>

#include <card/text.h>

#include <stdlib.h>
#include <string.h>

enum {
	P_ATENA,
	P_NAME,
	P_ADDRESS,
	P_BIRTH,
	P_SEX,
	P_ALIVE,
	P_FORMER,
	P_ALIAS,
	P_PREFECTURE,
	P_CODE,
	P_N
};
enum { N_ATENA, N_NUMBER, N_FROM, N_TO, N_N };

struct import {
	const struct flow_register_source *source;
	flow_table_t *persons, *numbers, *sums;
	struct flow_register_import *out;
	struct flow_problem *first;
};

static void tell(struct import *i, const struct flow_problem *p)
{
	if (i->out->wrong++ == 0 && i->first != NULL)
		*i->first = *p;
	if (i->source->report != NULL)
		i->source->report(i->source->ctx, p);
}

static void bad(struct import *i, const flow_table_t *t, size_t row, const char *what)
{
	struct flow_problem p = {.text = ""};

	flow_problem_set(&p, flow_table_name(t), flow_table_line(t, row), "%s", what);
	tell(i, &p);
}

/* ---------------------------------------------------------------- one line */

static const char *wrong_atena(const char *atena)
{
	if (*atena == '\0' || strlen(atena) > 40 ||
	    strspn(atena, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-") !=
		    strlen(atena))
		return "atena is not 1 to 40 letters and digits";
	return strlen(atena) == 12 && card_number_valid(atena) ? "atena is an individual number"
							       : NULL;
}

static const char *wrong_person(const flow_table_t *t, size_t r)
{
	const char *prefecture = flow_table_get(t, r, P_PREFECTURE),
		   *code = flow_table_get(t, r, P_CODE);
	const char *what = wrong_atena(flow_table_get(t, r, P_ATENA));

	if (what != NULL)
		return what;
	if (*flow_table_get(t, r, P_NAME) == '\0' || strlen(flow_table_get(t, r, P_NAME)) > 500 ||
	    strlen(flow_table_get(t, r, P_ADDRESS)) > 1000 ||
	    strlen(flow_table_get(t, r, P_FORMER)) > 500 ||
	    strlen(flow_table_get(t, r, P_ALIAS)) > 500)
		return "a name is missing or too long";
	if (strlen(prefecture) != 2 || strspn(prefecture, "0123456789") != 2)
		return "prefecture is not two digits";
	if (*code != '\0' && !flow_resident_code_valid(code))
		return "the check digit of resident_code is wrong";
	return *flow_table_get(t, r, P_BIRTH) == '\0' ? "birth_date is missing" : NULL;
}

static void check_person(struct import *i, size_t r)
{
	static const char *const yes_no[] = {"yes", "no", NULL};
	static const char *const sexes[] = {"1", "2", "9", "0", NULL};
	const flow_table_t *t = i->persons;
	struct flow_problem p = {.text = ""};
	const char *what = wrong_person(t, r);
	struct card_date birth;
	size_t word;

	if (what != NULL)
		bad(i, t, r, what);
	else if (flow_table_date(t, r, P_BIRTH, &birth, &p) != CARD_OK ||
		 flow_table_word(t, r, P_SEX, sexes, &word, &p) != CARD_OK ||
		 flow_table_word(t, r, P_ALIVE, yes_no, &word, &p) != CARD_OK)
		tell(i, &p);
	i->out->alive += strcmp(flow_table_get(t, r, P_ALIVE), "yes") == 0;
}

static void check_number(struct import *i, size_t r)
{
	const flow_table_t *t = i->numbers;
	struct flow_problem p = {.text = ""};
	struct card_date from, to;

	if (flow_table_date(t, r, N_FROM, &from, &p) != CARD_OK ||
	    flow_table_date(t, r, N_TO, &to, &p) != CARD_OK)
		tell(i, &p);
	else if (!card_number_valid(flow_table_get(t, r, N_NUMBER)))
		bad(i, t, r, "the number is not 12 digits with a right check digit");
	else if (!card_date_valid(from) || (card_date_valid(to) && card_date_compare(to, from) < 0))
		bad(i, t, r, "valid_from and valid_to are no period");
}

/* ---------------------------------------------------------------- lines among each other */

struct key {
	const char *a, *b;
	size_t row;
};

static int compare(const void *x, const void *y)
{
	const struct key *p = x, *q = y;
	int c = strcmp(p->a, q->a);

	if (c == 0)
		c = strcmp(p->b, q->b);
	return c != 0 ? c : (p->row > q->row) - (p->row < q->row);
}

/* The rows of a table in the order of two columns. NULL: no memory. */
static struct key *sorted(const flow_table_t *t, size_t a, size_t b)
{
	const size_t n = flow_table_rows(t);
	struct key *keys = calloc(n + 1, sizeof *keys);

	for (size_t r = 0; keys != NULL && r < n; r++)
		keys[r] = (struct key){flow_table_get(t, r, a), flow_table_get(t, r, b), r};
	if (keys != NULL)
		qsort(keys, n, sizeof *keys, compare);
	return keys;
}

/* The later line of two is the one that is told. */
static size_t later(const struct key *a, const struct key *b)
{
	return a->row > b->row ? a->row : b->row;
}

static void check_twice(struct import *i, const flow_table_t *t, const struct key *k,
			const char *what)
{
	for (size_t r = 1; r < flow_table_rows(t); r++) {
		if (*k[r].a != '\0' && strcmp(k[r - 1].a, k[r].a) == 0)
			bad(i, t, later(&k[r - 1], &k[r]), what);
	}
}

static bool there(const struct key *persons, size_t n, const char *atena)
{
	size_t low = 0, high = n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(persons[middle].a, atena) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && strcmp(persons[low].a, atena) == 0;
}

/* R2-46: a person has a history of numbers, one at a time. */
static void check_periods(struct import *i, const struct key *k)
{
	const flow_table_t *t = i->numbers;

	for (size_t r = 1; r < flow_table_rows(t); r++) {
		const char *to = flow_table_get(t, k[r - 1].row, N_TO);

		if (strcmp(k[r - 1].a, k[r].a) == 0 && (*to == '\0' || strcmp(to, k[r].b) >= 0))
			bad(i, t, later(&k[r - 1], &k[r]),
			    "this person has another number at the same time");
	}
}

static enum card_error check_together(struct import *i)
{
	struct key *persons = sorted(i->persons, P_ATENA, P_ATENA);
	struct key *by_number = sorted(i->numbers, N_NUMBER, N_ATENA);
	struct key *by_person = sorted(i->numbers, N_ATENA, N_FROM);
	const bool memory = persons != NULL && by_number != NULL && by_person != NULL;

	if (memory) {
		check_twice(i, i->persons, persons, "this atena is there twice");
		check_twice(i, i->numbers, by_number, "this number is there twice");
		check_periods(i, by_person);
		for (size_t r = 0; r < flow_table_rows(i->numbers); r++) {
			if (!there(persons, flow_table_rows(i->persons),
				   flow_table_get(i->numbers, r, N_ATENA)))
				bad(i, i->numbers, r, "its person is not there");
		}
	}
	free(persons);
	free(by_number);
	free(by_person);
	return memory ? CARD_OK : CARD_ERR_NO_MEMORY;
}

/* ---------------------------------------------------------------- sums */

static void check_sum(struct import *i, const char *file, unsigned line, const char *what,
		      long have, long stated)
{
	struct flow_problem p = {.text = ""};

	if (have == stated)
		return;
	flow_problem_set(&p, file, line, "%s: %ld rows, stated are %ld", what, have, stated);
	tell(i, &p);
}

static long count_of(const struct import *i, const char *what)
{
	long n = 0;

	if (strcmp(what, "persons") == 0)
		return i->out->persons;
	if (strcmp(what, "numbers") == 0)
		return i->out->numbers;
	if (strcmp(what, "alive") == 0)
		return i->out->alive;
	if (strcmp(what, "dead") == 0)
		return i->out->persons - i->out->alive;
	if (strncmp(what, "prefecture:", 11) != 0)
		return -1;
	for (size_t r = 0; r < flow_table_rows(i->persons); r++)
		n += strcmp(flow_table_get(i->persons, r, P_PREFECTURE), what + 11) == 0;
	return n;
}

static void check_sums(struct import *i)
{
	const struct flow_register_source *s = i->source;

	if (s->stated_persons > 0)
		check_sum(i, flow_table_name(i->persons), 0, "persons", i->out->persons,
			  s->stated_persons);
	if (s->stated_numbers > 0)
		check_sum(i, i->numbers != NULL ? flow_table_name(i->numbers) : "", 0, "numbers",
			  i->out->numbers, s->stated_numbers);
	for (size_t r = 0; r < flow_table_rows(i->sums); r++) {
		const char *what = flow_table_get(i->sums, r, 0);
		const long have = count_of(i, what);
		struct flow_problem p = {.text = ""};
		long stated = 0;

		if (have < 0)
			bad(i, i->sums, r, "this is no sum of a register");
		else if (flow_table_count(i->sums, r, 1, &stated, &p) != CARD_OK)
			tell(i, &p);
		else
			check_sum(i, flow_table_name(i->sums), flow_table_line(i->sums, r), what,
				  have, stated);
	}
}

/* ---------------------------------------------------------------- reading and writing */

static enum card_error read_all(struct import *i)
{
	static const char *const persons[] = {
		"atena",       "name",  "address",    "birth_date",    "sex", "alive",
		"former_name", "alias", "prefecture", "resident_code", NULL};
	static const char *const numbers[] = {"atena", "number", "valid_from", "valid_to", NULL};
	static const char *const sums[] = {"what", "count", NULL};
	enum card_error err = flow_table_read(&i->persons, i->source->persons, persons, i->first);

	if (err == CARD_OK && i->source->numbers != NULL)
		err = flow_table_read(&i->numbers, i->source->numbers, numbers, i->first);
	if (err == CARD_OK && i->source->sums != NULL)
		err = flow_table_read(&i->sums, i->source->sums, sums, i->first);
	i->out->persons = (long)flow_table_rows(i->persons);
	i->out->numbers = (long)flow_table_rows(i->numbers);
	return err;
}

static enum card_error insert(flow_store_t *store, const flow_table_t *t, const char *sql,
			      size_t columns)
{
	enum card_error err = CARD_OK;

	for (size_t r = 0; err == CARD_OK && r < flow_table_rows(t); r++) {
		const char *params[P_N];

		for (size_t c = 0; c < columns; c++)
			params[c] = flow_table_get(t, r, c);
		err = flow_store_run(store, sql, params, columns, NULL, NULL);
	}
	return err;
}

static enum card_error write_all(flow_store_t *store, const struct import *i)
{
	enum card_error err = flow_store_begin(store);

	if (err != CARD_OK)
		return err;
	err = flow_store_script(store, "DELETE FROM register_number;DELETE FROM register_person;");
	if (err == CARD_OK)
		err = insert(
			store, i->persons,
			"INSERT INTO register_person (atena, name, address, birth_date, sex, alive,"
			" former_name, alias, prefecture, resident_code) VALUES ($1, $2, $3, $4, $5, $6, $7,"
			" $8, $9, $10)",
			P_N);
	if (err == CARD_OK && i->numbers != NULL)
		err = insert(store, i->numbers,
			     "INSERT INTO register_number (atena, number, valid_from, valid_to)"
			     " VALUES ($1, $2, $3, $4)",
			     N_N);
	if (err == CARD_OK)
		err = flow_store_commit(store);
	if (err != CARD_OK)
		flow_store_rollback(store);
	return err;
}

enum card_error flow_register_import(flow_store_t *store, const struct flow_register_source *source,
				     struct flow_register_import *out, struct flow_problem *problem)
{
	struct import i = {.source = source, .out = out, .first = problem};
	enum card_error err;

	if (store == NULL || source == NULL || source->persons == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	err = read_all(&i);
	for (size_t r = 0; err == CARD_OK && r < flow_table_rows(i.persons); r++)
		check_person(&i, r);
	for (size_t r = 0; err == CARD_OK && r < flow_table_rows(i.numbers); r++)
		check_number(&i, r);
	if (err == CARD_OK)
		err = check_together(&i);
	if (err == CARD_OK)
		check_sums(&i);
	if (err == CARD_OK && out->wrong > 0)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = write_all(store, &i);
	flow_table_free(&i.persons);
	flow_table_free(&i.numbers);
	flow_table_free(&i.sums);
	return err;
}
