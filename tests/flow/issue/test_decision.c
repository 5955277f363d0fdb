/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves who gets a certificate and who does not, and why: notices count for everybody who would
 * stand on the document; the state of the records decides, whatever the card says; the family
 * register knows residents of elsewhere by their 利用登録; one document, one snapshot (flows K19,
 * K20). On SQLite and on PostgreSQL.
 */
#include "pg_server.h"
#include "town.h"

static struct town town;

static void begin(void **state, struct pg_server *server)
{
	char where[256];

	(void)state;
	if (server != NULL)
		pg_server_where(server, NULL, where);
	town_open(&town, server != NULL ? where : NULL);
}

static void end(void **state)
{
	(void)state;
	town_close(&town);
}

#include "both_stores.h"

static void assert_ask_at(enum flow_certificate_kind kind, const char *serial,
			  struct flow_certificate_options o, enum flow_certificate_outcome outcome,
			  enum flow_certificate_why why, const char *concerned, int line)
{
	struct flow_certificate c = town_ask(&town, &town_office, kind, serial, o);

	if (c.outcome != outcome || c.why != why || strcmp(c.concerned, concerned) != 0)
		fail_msg("line %d: %s, %s, %s", line, flow_outcome_name(c.outcome),
			 flow_why_name(c.why), c.concerned);
	assert_true((c.pdf.n > 0) == (outcome == FLOW_OUTCOME_MADE));
	flow_certificate_free(&c);
}

#define ASK(kind, serial, person_, outcome, why, concerned)                                        \
	assert_ask_at(FLOW_CERTIFICATE_##kind, serial,                                             \
		      (struct flow_certificate_options){.person = person_},                        \
		      FLOW_OUTCOME_##outcome, FLOW_WHY_##why, concerned, __LINE__)

static void refused_for_what_the_records_say(void **state)
{
	(void)state;
	ASK(JUMINHYO, "0a01", false, MADE, NONE, ""); /* a notice that ended yesterday */
	ASK(JUMINHYO, "0a04", true, NOT_AVAILABLE, PROTECTED, "A4");
	ASK(JUMINHYO, "0a05", true, NOT_AVAILABLE, MOVED, "A5");
	ASK(JUMINHYO, "0a06", true, NOT_AVAILABLE, DECEASED, "A6");
	ASK(JUMINHYO, "0a07", true, NOT_AVAILABLE, CHANGING, "A7");
	ASK(JUMINHYO, "0aff", true, NOT_AVAILABLE, NO_MAPPING, "");
	ASK(JUMINHYO, "0aee", true, NOT_AVAILABLE, NO_MAPPING,
	    ""); /* the mapping ended yesterday */
	ASK(TAX, "0a08", false, NOT_AVAILABLE, NO_RECORD, "A8");
	ASK(INKAN, "0a04", false, NOT_AVAILABLE, PROTECTED, "A4");
	ASK(TAX, "0a04", false, NOT_AVAILABLE, PROTECTED, "A4");
}

static void a_notice_counts_for_everybody_who_would_stand_on_it(void **state)
{
	(void)state;
	/* A8 lives with A9, for whom nothing may be issued; on a copy of A8 alone A9 does not stand. */
	ASK(JUMINHYO, "0a08", false, NOT_AVAILABLE, SUPPRESSED, "A9");
	ASK(KISAI, "0a08", false, NOT_AVAILABLE, SUPPRESSED, "A9");
	ASK(JUMINHYO, "0a08", true, MADE, NONE, "");
	/* M9 left the register, and still stands on a copy of all of it. */
	ASK(KOSEKI, "0b08", false, NOT_AVAILABLE, PROTECTED, "M9");
	ASK(FUHYO, "0b08", false, NOT_AVAILABLE, PROTECTED, "M9");
	ASK(KOSEKI, "0b08", true, MADE, NONE, "");
	/* A notice on A2's membership in the register holds for her as a resident, too. */
	town_write(&town, "notice.csv",
		   "notice,atena,member,kind,valid_from,valid_to,reference\n"
		   "N9,,M2,protected,2026-01-01,,\n");
	assert_ok(town_import(&town, false));
	ASK(JUMINHYO, "0a01", false, NOT_AVAILABLE, PROTECTED, "A2");
	ASK(KOSEKI, "0a01", false, NOT_AVAILABLE, PROTECTED, "A2");
	ASK(KOSEKI, "0a01", true, MADE, NONE, "");
}

/* The head is named on a copy of one person: his notice, his state count. */
static void the_head_of_the_household_stands_on_it(void **state)
{
	(void)state;
	town_write(&town, "notice.csv",
		   "notice,atena,member,kind,valid_from,valid_to,reference\n"
		   "N9,A1,,suppressed,2026-01-01,,\n");
	assert_ok(town_import(&town, false));
	ASK(JUMINHYO, "0a02", true, NOT_AVAILABLE, SUPPRESSED, "A1");
	ASK(TAX, "0a02", false, NOT_AVAILABLE, NO_RECORD, "A2");
}

static void people_of_age_with_a_seal_and_an_enrolment(void **state)
{
	(void)state;
	ASK(JUMINHYO, "0a03", true, UNDER_AGE, NONE, "");
	ASK(INKAN, "0a01", false, MADE, NONE, "");
	ASK(INKAN, "0a02", false, NO_SEAL, NONE, ""); /* registered once, struck off since */
	ASK(INKAN, "0a08", false, NO_SEAL, NONE, "");
	ASK(KOSEKI, "0a01", false, MADE, NONE, "");
	ASK(FUHYO, "0a01", false, MADE, NONE, "");
	ASK(KOSEKI, "0b08", true, MADE, NONE, "");
	ASK(KOSEKI, "0b09", true, NOT_ENROLLED, NONE, ""); /* enrolment ended */
	ASK(KOSEKI, "0bff", true, NOT_ENROLLED, NONE, "");
	ASK(KOSEKI, "0a08", false, NOT_AVAILABLE, NO_RECORD, "A8"); /* 本籍 elsewhere */
}

/* Fifteen on the fifteenth birthday, not on the day before (PD-07: 20 November is the day here). */
static void age_is_reached_on_the_birthday(void **state)
{
	struct flow_certificate c;
	struct flow_issuing_office office = town_office;

	(void)state;
	town_write(&town, "notice.csv",
		   "notice,atena,member,kind,valid_from,valid_to,reference\n"
		   "N2,A9,,suppressed,2020-01-01,2020-01-02,\n");
	assert_ok(town_import(&town, false));
	ASK(JUMINHYO, "0a09", true, UNDER_AGE, NONE, ""); /* born 2011-11-21 */
	office.minimum_age = 14;
	c = town_ask(&town, &office, FLOW_CERTIFICATE_JUMINHYO, "0a09",
		     (struct flow_certificate_options){.person = true});
	assert_int_equal(c.outcome, FLOW_OUTCOME_MADE);
	flow_certificate_free(&c);
}

static void found_by_user_id_too(void **state)
{
	char key[FLOW_RECORD_KEY];
	struct flow_certificate_request q = {
		.kind = FLOW_CERTIFICATE_JUMINHYO, .user_key = key, .time = TOWN_NOW};
	struct flow_certificate c;

	(void)state;
	assert_ok(flow_record_user_key(town_secret(), "USER-0001", key));
	assert_ok(flow_certificate_make(town.store, town.fonts, &town_office, &q, &c));
	assert_string_equal(c.atena, "A1");
	flow_certificate_free(&c);
	assert_ok(flow_record_user_key(town_secret(), "USER-0009", key));
	assert_ok(flow_certificate_make(town.store, town.fonts, &town_office, &q, &c));
	assert_int_equal(c.why, FLOW_WHY_NO_MAPPING);
	flow_certificate_free(&c);
}

/* All refusals of K20 have one name. */
static void every_reason_of_k20_has_the_same_code(void **state)
{
	static const char *const serials[] = {"0a04", "0a05", "0a06", "0a07", "0aff", "0a08"};

	(void)state;
	for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
		struct flow_certificate c =
			town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, serials[i],
				 (struct flow_certificate_options){0});

		assert_string_equal(flow_outcome_name(c.outcome), "not_available_here");
		flow_certificate_free(&c);
	}
}

/* An import in the middle of everything: the document is of before or of after, never of both. */
static void a_document_is_of_one_moment(void **state)
{
	struct flow_certificate before = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO,
						  "0a01", (struct flow_certificate_options){0});
	struct flow_certificate during;
	flow_store_t *writer = NULL;

	(void)state;
	assert_ok(flow_store_open(&writer, town.where, 0, NULL));
	assert_ok(flow_store_begin(writer));
	assert_ok(flow_store_run(writer, "UPDATE record_resident SET name = '改名　した子'", NULL,
				 0, NULL, NULL));
	during = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a01",
			  (struct flow_certificate_options){0});
	assert_true(card_bytes_equal(card_buf_bytes(&before.drawn), card_buf_bytes(&during.drawn)));
	flow_certificate_free(&during);
	assert_ok(flow_store_commit(writer));
	during = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a01",
			  (struct flow_certificate_options){0});
	assert_false(
		card_bytes_equal(card_buf_bytes(&before.drawn), card_buf_bytes(&during.drawn)));
	flow_certificate_free(&before);
	flow_certificate_free(&during);
	flow_store_close(&writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(refused_for_what_the_records_say),
		BOTH(a_notice_counts_for_everybody_who_would_stand_on_it),
		BOTH(the_head_of_the_household_stands_on_it),
		BOTH(people_of_age_with_a_seal_and_an_enrolment),
		BOTH(age_is_reached_on_the_birthday),
		BOTH(found_by_user_id_too),
		BOTH(every_reason_of_k20_has_the_same_code),
		BOTH(a_document_is_of_one_moment),
	};

	return run_on_both(tests);
}
