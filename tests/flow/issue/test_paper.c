/* SPDX-License-Identifier: Apache-2.0 */
/* The back of a sheet gives the front back after print and scan, and a changed front is found. */
#include "made_scan.h"
#include "test.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Fonts are looked for by fontconfig, which keeps what it read of its own configuration. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\n";
}

/* Each picture is read and compared pixel by pixel, which the sanitizers make many times slower:
 * there the last and hardest of each row only. */
#ifdef __SANITIZE_ADDRESS__
#define FIRST_OF(list) (sizeof(list) / sizeof *(list)-1)
#else
#define FIRST_OF(list) ((size_t)0)
#endif

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
	assert_ok(flow_paper_verify(&back_scan, front == NULL ? NULL : &front_scan, 0, p->trust,
				    NULL, out));
	flow_grey_free(&back_scan);
	flow_grey_free(&front_scan);
}

static void a_printed_and_scanned_back_gives_the_front_at_any_angle(void **state)
{
	static const double angles[] = {0, 5, -5, 92};
	const struct paper *p = *state;

	for (size_t i = FIRST_OF(angles); i < sizeof angles / sizeof *angles; i++) {
		struct made_scan how = i == 0 ? made_scan_perfect() : made_scan_office(angles[i]);
		struct flow_paper_report r;

		verify(p, &how, NULL, NULL, &r);
		print_message("%6.1f°: %zu bytes put right, front at %u dpi\n", angles[i],
			      r.repaired, r.front_dpi);
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
	static const double angles[] = {0, -5};
	const struct paper *p = *state;
	struct made_scan back = made_scan_office(-0.6);

	for (size_t i = FIRST_OF(angles); i < sizeof angles / sizeof *angles; i++) {
		struct made_scan how = i == 0 ? made_scan_perfect() : made_scan_office(angles[i]);
		struct flow_paper_report r;

		verify(p, &back, &p->front, &how, &r);
		for (size_t k = 0; k < r.difference_count && k < 6; k++)
			print_message("%.1f,%.1f %.1fx%.1f %s\n", r.differences[k].x,
				      r.differences[k].y, r.differences[k].width,
				      r.differences[k].height,
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
	};
	const struct paper *p = *state;
	struct made_scan back = made_scan_office(0.4);

	for (size_t i = FIRST_OF(changed); i < sizeof changed / sizeof *changed; i++) {
		struct made_scan how = made_scan_office(i % 2 == 0 ? 3.1 : -4.8);
		struct flow_grey forged;
		struct flow_paper_report r;

		made_page(&forged, changed[i], 10.5);
		verify(p, &back, &forged, &how, &r);
		for (size_t k = 0; k < r.difference_count && k < 6; k++)
			print_message("%zu: %.1f,%.1f %.1fx%.1f\n", i, r.differences[k].x,
				      r.differences[k].y, r.differences[k].width,
				      r.differences[k].height);
		assert_int_equal(r.front_compare, CARD_CHECK_FAIL);
		assert_true(r.difference_count >= 1 && r.difference_count <= 60);
		flow_paper_report_free(&r);
		flow_grey_free(&forged);
	}
}

static struct flow_paper_report of_scan(const struct paper *p, const struct flow_grey *scan)
{
	struct flow_paper_report r;

	assert_ok(flow_paper_verify(scan, NULL, 0, p->trust, NULL, &r));
	return r;
}

/* Copy part of one picture over the same part of another. */
static void paste(struct flow_grey *to, const struct flow_grey *from, uint32_t top, uint32_t bottom)
{
	memcpy(to->pixels + (size_t)top * to->width, from->pixels + (size_t)top * from->width,
	       (size_t)(bottom - top) * to->width);
}

static void the_pattern_of_another_sheet_proves_nothing(void **state)
{
	const struct paper *p = *state;
	struct flow_paper_facts facts = p->facts;
	struct flow_grey front, other;
	struct flow_paper_report r;

	/* the same person's paper with another address, its pattern under the true code */
	made_page(&front, "住所　大阪府大阪市北区梅田一丁目１番１号　　　　　　　　　", 10.5);
	assert_ok(flow_paper_back(&facts, &front, p->key, &other));
	paste(&other, &p->back, 0, 680);
	r = of_scan(p, &other);
	assert_int_equal(r.signature, CARD_CHECK_PASS);
	assert_int_equal(r.front_code, CARD_CHECK_FAIL);
	assert_null(r.front.pixels);
	flow_paper_report_free(&r);
	flow_grey_free(&front);
	flow_grey_free(&other);
}

static void a_key_that_is_not_trusted_leaves_it_open(void **state)
{
	const struct paper *p = *state;
	char file[128], public_file[128];
	flow_paper_trust_t *other;
	flow_paper_key_t *key;
	struct flow_paper_report r;
	struct flow_grey forged;

	snprintf(file, sizeof file, "%s/other-key", p->folder);
	snprintf(public_file, sizeof public_file, "%s/other", p->folder);
	assert_ok(flow_paper_key_make(file, public_file));
	assert_int_equal(flow_paper_key_make(file, public_file), CARD_ERR_DENIED);
	assert_ok(flow_paper_trust_open(&other, public_file));
	assert_ok(flow_paper_key_open(&key, file));
	assert_ok(flow_paper_verify(&p->back, NULL, 0, other, NULL, &r));
	assert_int_equal(r.signature, CARD_CHECK_UNDETERMINED);
	flow_paper_report_free(&r);
	/* a forger's own key and the true facts */
	assert_ok(flow_paper_back(&p->facts, &p->front, key, &forged));
	r = of_scan(p, &forged);
	assert_int_equal(r.signature, CARD_CHECK_UNDETERMINED);
	flow_paper_report_free(&r);
	flow_grey_free(&forged);
	flow_paper_key_free(&key);
	flow_paper_trust_free(&other);
	unlink(file);
	unlink(public_file);
}

static void stains_are_put_right_and_ruins_are_refused(void **state)
{
	const struct paper *p = *state;
	struct flow_paper_report r;
	struct flow_grey dirty;

	assert_ok(flow_grey_resize(&p->back, p->back.width, p->back.height, &dirty));
	for (uint32_t y = 1800; y < 2000; y++) /* a coffee ring of 6 cm by 1.7 cm */
		memset(dirty.pixels + (size_t)y * dirty.width + 900, 60, 700);
	r = of_scan(p, &dirty);
	assert_int_equal(r.front_code, CARD_CHECK_PASS);
	assert_true(r.repaired > 500);
	flow_paper_report_free(&r);
	for (uint32_t y = 1500; y < 2600; y++) /* a third is gone */
		memset(dirty.pixels + (size_t)y * dirty.width, 255, dirty.width);
	r = of_scan(p, &dirty);
	assert_int_equal(r.signature, CARD_CHECK_PASS);
	assert_int_equal(r.front_code, CARD_CHECK_FAIL);
	flow_paper_report_free(&r);
	flow_grey_free(&dirty);
}

static void paper_without_a_code_fails(void **state)
{
	const struct paper *p = *state;
	struct flow_paper_report r = of_scan(p, &p->front);

	assert_int_equal(r.signature, CARD_CHECK_FAIL);
	assert_string_equal(r.key_id, "");
	flow_paper_report_free(&r);
}

static void facts_out_of_range_are_not_signed(void **state)
{
	const struct paper *p = *state;
	struct flow_grey out;

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		struct flow_paper_facts f = p->facts;                                              \
		change;                                                                            \
		assert_int_equal(flow_paper_back(&f, &p->front, p->key, &out),                     \
				 CARD_ERR_INVALID_ARGUMENT);                                       \
	} while (0)
	REFUSED(f.page = 2);
	REFUSED(f.page = 0);
	REFUSED(f.transaction[3] = 'G');
	REFUSED(f.copy[0] = 'O'); /* no letter of the alphabet of copy numbers */
	REFUSED(f.kind[0] = '"');
	REFUSED(f.municipality[4] = '\0');
	REFUSED(f.document[63] = '\0');
	REFUSED(f.made.month = 13);
#undef REFUSED
}

static void a_void_copy_is_found_on_a_signed_list(void **state)
{
	static const char rows[] = "0000-0000-0001\n7K3M-Q9TX-20AB\n9999-9999-9999\n";
	const int64_t now = 1900000000;
	const struct paper *p = *state;
	card_buf_t text = {0};
	flow_void_list_t *list;
	char file[128];
	FILE *f;

	assert_ok(flow_void_list_make(BYTES(rows), now, now + 60, p->key, &text));
	snprintf(file, sizeof file, "%s/void", p->folder);
	for (size_t flip = 0; flip <= text.n; flip++) { /* the last round: as it is */
		if (flip < text.n)
			text.p[flip] ^= 1;
		f = fopen(file, "w");
		assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
		fclose(f);
		if (flip < text.n) {
			assert_int_not_equal(flow_void_list_open(&list, file, p->trust), CARD_OK);
			assert_null(list);
			text.p[flip] ^= 1;
		}
	}
	assert_ok(flow_void_list_open(&list, file, p->trust));
	assert_int_equal(flow_void_list_until(list), now + 60);
	assert_true(flow_void_list_has(list, "7K3M-Q9TX-20AB"));
	assert_true(flow_void_list_has(list, "9999-9999-9999"));
	assert_false(flow_void_list_has(list, "7K3M-Q9TX-20AC"));
	flow_void_list_free(&list);
	/* an empty one is a list too */
	card_buf_clear(&text);
	assert_ok(flow_void_list_make(card_bytes(NULL, 0), now, now + 60, p->key, &text));
	f = fopen(file, "w");
	fwrite(text.p, 1, text.n, f);
	fclose(f);
	assert_ok(flow_void_list_open(&list, file, p->trust));
	assert_false(flow_void_list_has(list, "7K3M-Q9TX-20AB"));
	flow_void_list_free(&list);
	card_buf_free(&text);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_printed_and_scanned_back_gives_the_front_at_any_angle),
		cmocka_unit_test(the_front_in_hand_is_the_front_issued),
		cmocka_unit_test(one_changed_character_is_found),
		cmocka_unit_test(the_pattern_of_another_sheet_proves_nothing),
		cmocka_unit_test(a_key_that_is_not_trusted_leaves_it_open),
		cmocka_unit_test(stains_are_put_right_and_ruins_are_refused),
		cmocka_unit_test(paper_without_a_code_fails),
		cmocka_unit_test(facts_out_of_range_are_not_signed),
		cmocka_unit_test(a_void_copy_is_found_on_a_signed_list),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
