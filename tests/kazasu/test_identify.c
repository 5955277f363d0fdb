/* SPDX-License-Identifier: Apache-2.0 */
/* Proves: the verdict is never better than its checks (design decision 5), and `person` is never
 * confirmed by software alone (flows C15, C20, C21). */
#include "test.h"

#include "kazasu/identify.h"

static struct identify all_passed(void)
{
	struct identify id = {.route = IDENTIFY_NUMBER_B};

	for (size_t i = 0; i < CHECK_COUNT; i++)
		id.check[i] = CARD_CHECK_PASS;
	return id;
}

static void valid_needs_every_check(void **state)
{
	struct identify id = all_passed();

	(void)state;
	assert_int_equal(identify_verdict(&id), VERDICT_VALID);
	for (size_t i = 0; i < CHECK_COUNT; i++) {
		id = all_passed();
		id.check[i] = CARD_CHECK_SKIPPED;
		assert_int_equal(identify_verdict(&id), VERDICT_UNDETERMINED);
		id.check[i] = CARD_CHECK_FAIL;
		assert_int_equal(identify_verdict(&id), VERDICT_INVALID);
	}
}

static void a_failure_outweighs_what_was_not_checked(void **state)
{
	struct identify id = {.route = IDENTIFY_NUMBER_B};

	(void)state;
	assert_int_equal(identify_verdict(&id), VERDICT_UNDETERMINED);
	for (size_t i = 0; i < CHECK_COUNT; i++) {
		memset(id.check, 0, sizeof id.check);
		id.check[i] = CARD_CHECK_FAIL;
		assert_int_equal(identify_verdict(&id), VERDICT_INVALID);
	}
}

static void route_pin_does_not_require_what_it_cannot_compare(void **state)
{
	struct identify id = all_passed();

	(void)state;
	id.route = IDENTIFY_PIN;
	id.check[CHECK_CONSISTENCY] = CARD_CHECK_SKIPPED;
	assert_int_equal(identify_verdict(&id), VERDICT_VALID);
}

static void person_is_confirmed_only_by_the_operator_and_a_proven_card(void **state)
{
	static const enum identify_check proof[] = {CHECK_CHAIN, CHECK_RECORD, CHECK_CHALLENGE,
						    CHECK_IN_FORCE};
	struct identify id = all_passed();

	(void)state;
	assert_string_equal(identify_person(&id, FACE_NOT_ASKED), "undetermined");
	assert_string_equal(identify_person(&id, FACE_UNSURE), "undetermined");
	assert_string_equal(identify_person(&id, FACE_DIFFERENT), "refused");
	assert_string_equal(identify_person(&id, FACE_SAME), "confirmed");
	/* Revocation may be unknown: the person is still the one on the card (C19). */
	id.check[CHECK_REVOCATION] = CARD_CHECK_SKIPPED;
	assert_string_equal(identify_person(&id, FACE_SAME), "confirmed");
	for (size_t i = 0; i < sizeof proof / sizeof *proof; i++) {
		id = all_passed();
		id.check[proof[i]] = CARD_CHECK_SKIPPED;
		assert_string_equal(identify_person(&id, FACE_SAME), "undetermined");
	}
	id = all_passed();
	id.check[CHECK_REVOCATION] = CARD_CHECK_FAIL;
	assert_string_equal(identify_person(&id, FACE_SAME), "undetermined");
}

/* The published test person: card-spec 10.1. */
static struct identify test_person(void)
{
	struct identify id = {.route = IDENTIFY_NUMBER_B,
			      .has_record = true,
			      .has_face = true,
			      .has_attributes = true};

	id.face.birth = (struct card_date){1980, 2, 17};
	id.face.expiry = (struct card_date){2035, 2, 17};
	id.face.sex = '1';
	id.record.expiry = id.face.expiry;
	id.attributes.birth = id.face.birth;
	id.attributes.sex = '1';
	return id;
}

static enum card_check compared(struct identify *id)
{
	identify_compare(id, BYTES("55021720352285"));
	return id->check[CHECK_CONSISTENCY];
}

static void records_that_agree_pass(void **state)
{
	struct identify id = test_person();

	(void)state;
	assert_int_equal(compared(&id), CARD_CHECK_PASS);
}

static void every_difference_is_found(void **state)
{
	struct identify id = test_person();

	(void)state;
	id.attributes.birth.day = 18;
	assert_int_equal(compared(&id), CARD_CHECK_FAIL);
	assert_true(id.differs[DIFFER_BIRTH_TEXT]);
	assert_false(id.differs[DIFFER_BIRTH_NUMBER]);

	id = test_person();
	id.attributes.sex = '2';
	assert_int_equal(compared(&id), CARD_CHECK_FAIL);
	assert_true(id.differs[DIFFER_SEX_TEXT]);

	id = test_person();
	id.record.expiry.year = 2036;
	assert_int_equal(compared(&id), CARD_CHECK_FAIL);
	assert_true(id.differs[DIFFER_EXPIRY_RECORD]);

	id = test_person();
	id.face.expiry.year = id.record.expiry.year = 2034;
	assert_int_equal(compared(&id), CARD_CHECK_FAIL);
	assert_true(id.differs[DIFFER_EXPIRY_NUMBER]);

	id = test_person();
	id.face.birth.year = id.attributes.birth.year = 1981;
	assert_int_equal(compared(&id), CARD_CHECK_FAIL);
	assert_true(id.differs[DIFFER_BIRTH_NUMBER]);

	id = test_person();
	id.attributes.birth = (struct card_date){0, 0, 0};
	assert_int_equal(compared(&id), CARD_CHECK_FAIL);
}

static void without_the_face_nothing_is_compared(void **state)
{
	struct identify id = test_person();

	(void)state;
	id.has_face = false;
	assert_int_equal(compared(&id), CARD_CHECK_SKIPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_needs_every_check),
		cmocka_unit_test(a_failure_outweighs_what_was_not_checked),
		cmocka_unit_test(route_pin_does_not_require_what_it_cannot_compare),
		cmocka_unit_test(person_is_confirmed_only_by_the_operator_and_a_proven_card),
		cmocka_unit_test(records_that_agree_pass),
		cmocka_unit_test(every_difference_is_found),
		cmocka_unit_test(without_the_face_nothing_is_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
