/* SPDX-License-Identifier: Apache-2.0 */
/* The back of a sheet gives the front back after print and scan, and a changed front is found. */
#include "made_scan.h"
#include "test.h"
#include "tree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct paper {
	char folder[64], key_file[96], public_file[96];
	flow_paper_key_t *key;
	flow_paper_trust_t *trust;
	struct flow_grey front, back;
	struct flow_paper_facts facts;
};

static int set_up(void **state)
{
	struct paper *p = calloc(1, sizeof *p);

	snprintf(p->folder, sizeof p->folder, "/tmp/kazasu-paper-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->key_file, sizeof p->key_file, "%s/key.pem", p->folder);
	snprintf(p->public_file, sizeof p->public_file, "%s/public.pem", p->folder);
	assert_ok(flow_paper_key_make(p->key_file, p->public_file));
	assert_ok(flow_paper_key_open(&p->key, p->key_file));
	assert_ok(flow_paper_trust_open(&p->trust, p->public_file));
	p->facts = (struct flow_paper_facts){
		.transaction = "00112233445566778899aabbccddeeff",
		.copy = "7K3M-Q9TX-20AB",
		.page = 1,
		.pages = 1,
		.kind = "juminhyo",
		.municipality = "13221",
		.document = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		.binding = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
		.made = {2026, 11, 21}};
	made_page(&p->front, NULL, 10.5);
	assert_ok(flow_paper_back(&p->facts, &p->front, p->key, &p->back));
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct paper *p = *state;

	flow_grey_free(&p->front);
	flow_grey_free(&p->back);
	flow_paper_key_free(&p->key);
	flow_paper_trust_free(&p->trust);
	unlink(p->key_file);
	unlink(p->public_file);
	rmdir(p->folder);
	free(p);
	return 0;
}

/* Scan the back and, if given, the front, and verify. */
static void verify(const struct paper *p, const struct made_scan *back_how,
		   const struct flow_grey *front, const struct made_scan *front_how,
		   struct flow_paper_report *out)
{
	struct flow_grey back_scan = {0}, front_scan = {0};

	made_scan(&p->back, back_how, &back_scan);
	if (front != NULL)
		made_scan(front, front_how, &front_scan);
	assert_ok(flow_paper_verify(&back_scan, front == NULL ? NULL : &front_scan, 0, p->trust, NULL,
				    out));
	flow_grey_free(&back_scan);
	flow_grey_free(&front_scan);
}

static void a_printed_and_scanned_back_gives_the_front_at_any_angle(void **state)
{
	static const double angles[] = {0, 5, -5, 1.3, 180, 92};
	const struct paper *p = *state;

	for (size_t i = 0; i < sizeof angles / sizeof *angles; i++) {
		struct made_scan how = i == 0 ? made_scan_perfect() : made_scan_office(angles[i]);
		struct flow_paper_report r;

		verify(p, &how, NULL, NULL, &r);
		print_message("%6.1f°: %zu bytes put right, front at %u dpi\n", angles[i], r.repaired,
			      r.front_dpi);
		assert_int_equal(r.signature, CARD_CHECK_PASS);
		assert_int_equal(r.front_code, CARD_CHECK_PASS);
		assert_int_equal(r.front_compare, CARD_CHECK_SKIPPED);
		assert_int_equal(r.void_check, CARD_CHECK_SKIPPED);
		assert_string_equal(r.facts.transaction, p->facts.transaction);
		assert_string_equal(r.facts.copy, p->facts.copy);
		assert_string_equal(r.facts.binding, p->facts.binding);
		flow_paper_report_free(&r);
	}
}

static void the_front_in_hand_is_the_front_issued(void **state)
{
	static const double angles[] = {0, 5, -5, 0.7};
	const struct paper *p = *state;
	struct made_scan back = made_scan_office(-0.6);

	for (size_t i = 0; i < sizeof angles / sizeof *angles; i++) {
		struct made_scan how = i == 0 ? made_scan_perfect() : made_scan_office(angles[i]);
		struct flow_paper_report r;

		verify(p, &back, &p->front, &how, &r);
		for (size_t k = 0; k < r.difference_count && k < 6; k++)
			print_message("%.1f,%.1f %.1fx%.1f %s\n", r.differences[k].x, r.differences[k].y,
				      r.differences[k].width, r.differences[k].height,
				      r.differences[k].missing ? "missing" : "added");
		assert_int_equal(r.front_compare, CARD_CHECK_PASS);
		flow_paper_report_free(&r);
	}
}

static void one_changed_character_is_found(void **state)
{
	/* the third line reads 東京都清瀬市中里五丁目８４２番地　コーポ清瀬２０３号室 */
	static const char *const changed[] = {
		"住所　東京都清瀬市中里三丁目８４２番地　コーポ清瀬２０３号室",
		"住所　東京都清瀬市中里五丁目８４３番地　コーポ清瀬２０３号室",
		"住所　東京都清瀬市中里五丁目８４２番地　コーポ清瀬２０８号室",
		"住所　東京都清瀬市中黒五丁目８４２番地　コーポ清瀬２０３号室",
		"住所　東京都清瀬市中里五丁目８４２番地　コーポ清瀬　　　　　",
		"住所　東京都清瀬市中里五丁目１４２番地　コーポ清瀬２０３号室",
	};
	const struct paper *p = *state;
	struct made_scan back = made_scan_office(0.4);

	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
		struct made_scan how = made_scan_office(i % 2 == 0 ? 3.1 : -4.8);
		struct flow_grey forged;
		struct flow_paper_report r;

		made_page(&forged, changed[i], 10.5);
		verify(p, &back, &forged, &how, &r);
		for (size_t k = 0; k < r.difference_count && k < 6; k++)
			print_message("%zu: %.1f,%.1f %.1fx%.1f\n", i, r.differences[k].x,
				      r.differences[k].y, r.differences[k].width, r.differences[k].height);
		assert_int_equal(r.front_compare, CARD_CHECK_FAIL);
		assert_true(r.difference_count >= 1 && r.difference_count <= 60);
		flow_paper_report_free(&r);
		flow_grey_free(&forged);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_printed_and_scanned_back_gives_the_front_at_any_angle),
		cmocka_unit_test(the_front_in_hand_is_the_front_issued),
		cmocka_unit_test(one_changed_character_is_found),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
