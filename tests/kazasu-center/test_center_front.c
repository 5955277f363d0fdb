/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves message 4 at the centre: a front signed by the municipality that was asked goes on to the
 * terminal; one of another municipality, without a signature, altered, or of other pages than the
 * message says ends the transaction with document_error (K21), nothing is left of it, nothing is
 * charged, and what was wrong is in the events and nowhere else.
 */
#include "center_store.h"

#include "made_pdf.h"

static card_buf_t plain, good, foreign;

static int start_front(void **state)
{
	struct made_pdf p;
	flow_issue_signer_t *s = NULL;

	start(state);
	made_pdf_simple(&p, MADE_TABLE);
	plain = p.out;
	assert_ok(card_buf_append(&good, card_buf_bytes(&plain)));
	assert_ok(card_buf_append(&foreign, card_buf_bytes(&plain)));
	case_signer_open(&k, 0, &s);
	assert_ok(flow_issue_signer_sign(s, k.now, &good));
	flow_issue_signer_free(&s);
	case_signer_open(&k, 1, &s);
	assert_ok(flow_issue_signer_sign(s, k.now, &foreign));
	flow_issue_signer_free(&s);
	k.front_real = true;
	return 0;
}

static int stop_front(void **state)
{
	card_buf_free(&plain);
	card_buf_free(&good);
	card_buf_free(&foreign);
	return stop(state);
}

static void refused(struct card_bytes front, unsigned pages, const char *why)
{
	struct kiosk t;
	char *said;

	k.answer = front;
	k.pages = pages;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	kiosk_document(&t);
	kiosk_is(&t, "refused", "K21", "document_error");
	assert_false(json_is_true(json_object_get(t.answer, "charged")));
	said = json_dumps(t.answer, 0);
	assert_null(strstr(said, why));
	free(said);
	nothing_is_left(&t);
	assert_int_equal(case_count(&k,
				    "SELECT COUNT(*) FROM issue_event WHERE id = $1 AND"
				    " event = 'message-4'",
				    t.id),
			 1);
	assert_true(case_count(&k,
			       "SELECT COUNT(*) FROM issue_event WHERE event = 'message-4'"
			       " AND code = $1",
			       why) > 0);
	kiosk_free(&t);
}

static void the_front_of_this_municipality_goes_on(void **state)
{
	struct kiosk t;

	(void)state;
	k.answer = card_buf_bytes(&good);
	k.pages = 1;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_DELIVERED);
	assert_true(card_bytes_equal(card_buf_bytes(&t.front), card_buf_bytes(&good)));
	kiosk_free(&t);
}

static void any_other_front_ends_the_transaction(void **state)
{
	card_buf_t altered = {0};

	(void)state;
	refused(card_buf_bytes(&plain), 1, "not_signed");
	refused(card_buf_bytes(&foreign), 1, "signer_other");
	refused(card_buf_bytes(&good), 2, "pages");
	assert_ok(card_buf_append(&altered, card_buf_bytes(&good)));
	assert_ok(card_buf_append(&altered, BYTES("\n%%EOF\n")));
	refused(card_buf_bytes(&altered), 1, "not_whole_file");
	card_buf_clear(&altered);
	assert_ok(card_buf_append(&altered, card_buf_bytes(&good)));
	memcpy(memmem(altered.p, altered.n, "100 yen", 7), "900", 3);
	refused(card_buf_bytes(&altered), 1, "digest");
	card_buf_free(&altered);
}

/* Who reads the tables again reads the certificates again: the old key counts until then. */
static void a_new_certificate_counts_from_the_reload_on(void **state)
{
	struct flow_problem p = {{0}, 0, {0}};
	struct kiosk t;
	char from[128], to[128];

	(void)state;
	refused(card_buf_bytes(&foreign), 1, "signer_other");
	snprintf(from, sizeof from, "%s/rules/signers/13222.pem", k.folder);
	snprintf(to, sizeof to, "%s/rules/signers/13221.pem", k.folder);
	assert_int_equal(unlink(to), 0);
	assert_int_equal(center_reload(k.c, &k.config, &p), CARD_ERR_NOT_FOUND);
	assert_non_null(strstr(p.file, "13221.pem"));
	refused(card_buf_bytes(&foreign), 1, "signer_other");
	assert_int_equal(link(from, to), 0);
	assert_ok(center_reload(k.c, &k.config, &p));
	k.answer = card_buf_bytes(&foreign);
	k.pages = 1;
	kiosk_start(&t, &k, "T1", &bob);
	kiosk_to(&t, FLOW_ISSUE_DELIVERED);
	kiosk_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_front_of_this_municipality_goes_on),
		cmocka_unit_test(any_other_front_ends_the_transaction),
		cmocka_unit_test(a_new_certificate_counts_from_the_reload_on),
	};

	return cmocka_run_group_tests(tests, start_front, stop_front);
}
