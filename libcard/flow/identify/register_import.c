/* SPDX-License-Identifier: Apache-2.0 */
/* register_import.c — persons and numbers from tables, all or nothing. */
#include <cardflow/digits.h>
#include <cardflow/register.h>

#include <card/text.h>

#include <stdlib.h>
#include <string.h>

enum { P_ATENA, P_NAME, P_ADDRESS, P_BIRTH, P_SEX, P_ALIVE, P_FORMER, P_ALIAS, P_PREFECTURE, P_CODE, P_N };
enum { N_ATENA, N_NUMBER, N_FROM, N_TO, N_N };

static enum card_error bad(const flow_table_t *t, size_t row, struct flow_problem *problem,
			   const char *what)
{
	return flow_problem_set(problem, flow_table_name(t), flow_table_line(t, row), "%s", what);
}

static enum card_error check_person(flow_store_t *store, const flow_table_t *t, size_t i, struct flow_problem *problem)
{
	static const char *const yes_no[] = {"yes", "no", NULL};
	static const char *const sexes[] = {"1", "2", "9", "0", NULL};
	const char *atena = flow_table_get(t, i, P_ATENA), *code = flow_table_get(t, i, P_CODE);
	struct card_date birth;
	size_t word;
	enum card_error err;

	(void)store;
	if (*atena == '\0' || strlen(atena) > 40 ||
	    strspn(atena, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-") !=
		    strlen(atena))
		return bad(t, i, problem, "atena is not 1 to 40 letters and digits");
	if (strlen(atena) == 12 && card_number_valid(atena))
		return bad(t, i, problem, "atena is an individual number");
	if (*flow_table_get(t, i, P_NAME) == '\0' || strlen(flow_table_get(t, i, P_NAME)) > 500 ||
	    strlen(flow_table_get(t, i, P_ADDRESS)) > 1000 ||
	    strlen(flow_table_get(t, i, P_FORMER)) > 500 || strlen(flow_table_get(t, i, P_ALIAS)) > 500)
		return bad(t, i, problem, "a name is missing or too long");
	err = flow_table_date(t, i, P_BIRTH, &birth, problem);
	if (err == CARD_OK && !card_date_valid(birth))
		err = bad(t, i, problem, "birth_date is missing");
	if (err == CARD_OK)
		err = flow_table_word(t, i, P_SEX, sexes, &word, problem);
	if (err == CARD_OK)
		err = flow_table_word(t, i, P_ALIVE, yes_no, &word, problem);
	if (err == CARD_OK && strlen(flow_table_get(t, i, P_PREFECTURE)) != 2)
		err = bad(t, i, problem, "prefecture is not two digits");
	if (err == CARD_OK && *code != '\0' && !flow_resident_code_valid(code))
		err = bad(t, i, problem, "the check digit of resident_code is wrong");
	return err;
}

static enum card_error found(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	*(bool *)ctx = true;
	return CARD_OK;
}

static enum card_error check_number(flow_store_t *store, const flow_table_t *t, size_t i,
				    struct flow_problem *problem)
{
	const char *params[] = {flow_table_get(t, i, N_ATENA), flow_table_get(t, i, N_FROM),
				flow_table_get(t, i, N_TO)};
	struct card_date from, to;
	bool overlap = false;
	enum card_error err = flow_table_date(t, i, N_FROM, &from, problem);

	if (err == CARD_OK)
		err = flow_table_date(t, i, N_TO, &to, problem);
	if (err != CARD_OK)
		return err;
	if (!card_number_valid(flow_table_get(t, i, N_NUMBER)))
		return bad(t, i, problem, "the number is not 12 digits with a right check digit");
	if (!card_date_valid(from) || (card_date_valid(to) && card_date_compare(to, from) < 0))
		return bad(t, i, problem, "valid_from and valid_to are no period");
	/* R2-46: a person has a history of numbers, one at a time. */
	err = flow_store_run(store, "SELECT 1 FROM register_number WHERE atena = $1 AND ($3 = '' OR"
				    " valid_from <= $3) AND (valid_to = '' OR valid_to >= $2)",
			     params, 3, found, &overlap);
	if (err == CARD_OK && overlap)
		err = bad(t, i, problem, "this person has another number at the same time");
	return err;
}

typedef enum card_error (*check_fn)(flow_store_t *store, const flow_table_t *t, size_t row,
				    struct flow_problem *problem);

static enum card_error insert(flow_store_t *store, const flow_table_t *t, const char *sql, size_t columns,
			      check_fn check, struct flow_problem *problem)
{
	enum card_error err = CARD_OK;

	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(t); i++) {
		const char *params[P_N];

		err = check(store, t, i, problem);
		for (size_t c = 0; c < columns; c++)
			params[c] = flow_table_get(t, i, c);
		if (err == CARD_OK)
			err = flow_store_run(store, sql, params, columns, NULL, NULL);
		if (err == CARD_ERR_DENIED)
			err = bad(t, i, problem, columns == P_N ? "this atena is there twice"
								 : "the number is held by somebody else, "
								   "or its person is not there");
	}
	return err;
}

static enum card_error check_sums(const flow_table_t *t, long stated, struct flow_problem *problem)
{
	const long rows = (long)flow_table_rows(t);

	if (stated < 0 || stated == rows)
		return CARD_OK;
	return flow_problem_set(problem, flow_table_name(t), 0, "%ld rows, stated are %ld", rows, stated);
}

enum card_error flow_register_import(flow_store_t *store, const char *persons, const char *numbers,
				     const struct flow_register_import *stated,
				     struct flow_register_import *out, struct flow_problem *problem)
{
	static const char *const person_columns[] = {"atena", "name", "address", "birth_date", "sex",
						     "alive", "former_name", "alias", "prefecture",
						     "resident_code", NULL};
	static const char *const number_columns[] = {"atena", "number", "valid_from", "valid_to", NULL};
	flow_table_t *p = NULL, *n = NULL;
	enum card_error err;

	if (store == NULL || persons == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_table_read(&p, persons, person_columns, problem);
	if (err == CARD_OK && numbers != NULL)
		err = flow_table_read(&n, numbers, number_columns, problem);
	if (err == CARD_OK && stated != NULL)
		err = check_sums(p, stated->persons, problem);
	if (err == CARD_OK && stated != NULL && n != NULL)
		err = check_sums(n, stated->numbers, problem);
	if (err == CARD_OK)
		err = flow_store_begin(store);
	if (err == CARD_OK) {
		err = flow_store_script(store, "DELETE FROM register_number;DELETE FROM register_person;");
		if (err == CARD_OK)
			err = insert(store, p, "INSERT INTO register_person (atena, name, address,"
					       " birth_date, sex, alive, former_name, alias, prefecture,"
					       " resident_code) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
					       " $9, $10)", P_N, check_person, problem);
		if (err == CARD_OK && n != NULL)
			err = insert(store, n, "INSERT INTO register_number (atena, number, valid_from,"
					       " valid_to) VALUES ($1, $2, $3, $4)", N_N, check_number,
				     problem);
		if (err == CARD_OK)
			err = flow_store_commit(store);
		if (err != CARD_OK)
			flow_store_rollback(store);
	}
	if (err == CARD_OK)
		*out = (struct flow_register_import){(long)flow_table_rows(p), (long)flow_table_rows(n)};
	flow_table_free(&p);
	flow_table_free(&n);
	return err;
}
