/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counter.h — a check on the virtual card with a real journal, operators and register, for the
 * tests of the flow. Every step goes through go(): the row it took is noted in `reached`.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include "desk.h"
#include "sim_card.h"

#include <cardflow/case.h>
#include <cardflow/check.h>
#include <cardflow/identify.h>

static struct desk d;
static struct flow_rules rules;
static struct sim_card card;
static flow_identify_t *id;
static flow_register_t *reg;
static char token[FLOW_SESSION_TOKEN + 1];
static bool reached[26];
static enum flow_status status_is;
static bool ask_status;          /* there is a source, also if it knows nothing */
static const uint8_t *proof_key; /* of a register of cards; NULL: none */
static card_verify_t *verify;    /* NULL: none, the usual case here */

#define PERSONS                                                                                    \
	"atena,name,address,birth_date,sex,alive,former_name,alias,prefecture,resident_code\n"     \
	"A1,黒桐　幹也,東京都清瀬市,1980-02-17,1,yes,,,13,\n"
#define NUMBERS "atena,number,valid_from,valid_to\n"

static inline void seen(void)
{
	const char *row = flow_identify_view(id).row;

	if (row[0] == 'C')
		reached[strtol(row + 1, NULL, 10)] = true;
	assert_true(strlen(flow_identify_message(id, CARD_LANG_JA)) > 0);
}

/* Every step of these tests goes through here: the row it took is noted. */
static inline enum card_error go(enum card_error err)
{
	if (id != NULL)
		seen();
	return err;
}

static inline void assert_row(const char *row, enum flow_state state)
{
	assert_string_equal(flow_identify_view(id).row, row);
	assert_string_equal(flow_state_name(flow_identify_view(id).state), flow_state_name(state));
}

static inline bool has_code(const char *code)
{
	const struct flow_identify_view v = flow_identify_view(id);

	for (size_t i = 0; i < v.codes; i++) {
		if (strcmp(v.code[i], code) == 0)
			return true;
	}
	return false;
}

static inline enum flow_status tell_status(void *ctx, card_channel_t *ch)
{
	(void)ctx;
	(void)ch;
	return status_is;
}

static inline void new_check(bool with_register)
{
	const struct flow_identify_setup setup = {
		.rules = &rules,
		.store = d.store,
		.journal = d.journal,
		.terminal = "T1",
		.entity = FLOW_ENTITY_NUMBER_USER,
		.cas = card.cas,
		.reg = with_register ? reg : NULL,
		.verify = verify,
		.status = ask_status || status_is != FLOW_STATUS_UNKNOWN ? tell_status : NULL,
		.proof_key = proof_key,
		.clock = desk_clock,
		.clock_ctx = &d};

	flow_identify_free(&id);
	assert_ok(flow_identify_new(&id, &setup));
}

/* One row of procedures.csv with other required checks. */
static inline void require_checks(const char *procedure, const char *checks)
{
	char path[128], *text = NULL, line[1024];
	size_t n = 0;
	FILE *in = fopen(tree_path("libcard/flow/rules/data/procedures.csv"), "re");
	FILE *out = open_memstream(&text, &n);

	assert_true(in != NULL && out != NULL);
	while (fgets(line, sizeof line, in) != NULL) {
		char *at = strncmp(line, procedure, strlen(procedure)) == 0 &&
					   line[strlen(procedure)] == ','
				   ? strstr(line, "card_chain")
				   : NULL;

		if (at != NULL)
			fprintf(out, "%.*s%s%s", (int)(at - line), line, checks, strchr(at, ','));
		else
			fputs(line, out);
	}
	fclose(in);
	fclose(out);
	snprintf(path, sizeof path, "%s/procedures.csv", d.folder);
	tree_write(path, text);
	free(text);
	flow_identify_free(&id); /* it borrows the rules of before */
	flow_procedures_free(&rules.procedures);
	assert_ok(flow_procedures_read(&rules.procedures, path, rules.purposes, rules.evidence,
				       NULL));
	new_check(false);
}

static inline void use_card(const char *persona, const char *quirk)
{
	flow_identify_free(&id); /* it borrows the keys of the card before */
	sim_card_stop(&card);
	sim_card_start(&card, persona, quirk);
	assert_ok(card_channel_end(card.channel));
	new_check(false);
}

static inline void import(const char *numbers)
{
	struct flow_register_import got;
	char a[128], b[128];

	snprintf(a, sizeof a, "%s/p.csv", d.folder);
	snprintf(b, sizeof b, "%s/n.csv", d.folder);
	tree_write(a, PERSONS);
	tree_write(b, numbers);
	assert_ok(flow_register_import(
		d.store, &(struct flow_register_source){.persons = a, .numbers = b}, &got, NULL));
}

static inline int start(void **state)
{
	(void)state;
	status_is = FLOW_STATUS_UNKNOWN;
	ask_status = false;
	proof_key = NULL;
	desk_start(&d);
	assert_ok(flow_checks_setup(d.store));
	assert_ok(flow_register_setup(d.store));
	assert_ok(flow_cases_setup(d.store));
	assert_ok(flow_rules_read(&rules, tree_path("libcard/flow/rules/data"), NULL));
	assert_ok(desk_add(&d, "abe", "operator;reception", "kanri"));
	assert_ok(flow_right_grant(d.store, d.journal, "abe", "*", "inquiry", "kanri"));
	assert_ok(
		flow_right_grant(d.store, d.journal, "abe", "procedure:kokuho", "number", "kanri"));
	assert_ok(flow_right_grant(d.store, d.journal, "abe", "procedure:jido-teate", "number",
				   "kanri"));
	import(NUMBERS "A1," TEST_NUMBER_A ",2015-10-05,\n");
	assert_ok(flow_register_open(&reg, d.store, FLOW_REGISTER_ATENA, "13"));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	sim_card_start(&card, "test-person", NULL);
	assert_ok(card_channel_end(card.channel));
	new_check(false);
	return 0;
}

static inline int stop(void **state)
{
	long bad = -1;

	(void)state;
	flow_identify_free(&id);
	/* Whatever happened, the chain is whole and holds no number. */
	assert_ok(journal_check(d.journal, true, &bad));
	assert_int_equal(bad, 0);
	sim_card_stop(&card);
	flow_register_close(&reg);
	flow_rules_free(&rules);
	desk_stop(&d);
	return 0;
}

static inline void begin(const char *procedure, bool with_number)
{
	assert_ok(go(flow_identify_start(id, token, procedure, 0, with_number)));
	assert_row("C02", FLOW_AUTHORISED);
	assert_ok(go(flow_identify_presenter(id, NULL, "atena:A1")));
	assert_row("C04", FLOW_CARD_WAITING);
}

static inline enum card_error secret(enum flow_route route, const char *value, unsigned flags,
				     int *tries)
{
	card_secret_t *s = sim_card_secret(value);
	const enum card_error err =
		go(flow_identify_secret(id, card.channel, route, s, flags, tries));

	card_secret_free(&s);
	return err;
}

/* As far as the comparison on route number B. */
static inline void to_comparing(const char *procedure, bool with_number)
{
	begin(procedure, with_number);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	assert_row("C09", FLOW_SECRET);
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	assert_row("C19", FLOW_COMPARING);
	reached[14] = reached[15] = true; /* C14, C15: passed inside the step that led here */
}

/* The rows from first to last were reached by the tests before. */
static inline void assert_rows_reached(int first, int last)
{
	for (int row = first; row <= last; row++) {
		if (!reached[row])
			fail_msg("C%02d was reached by no test", row);
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

#endif
