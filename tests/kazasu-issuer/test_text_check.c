/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that a document whose text is not what was meant is found before it is signed: a character
 * more, less, another one, another form of one, another number of pages, no PDF (flows K21). */
#include "../flow/issue/town.h"
#include "kazasu-issuer/text_check.h"

static struct town town;
static struct flow_certificate made;

static int start(void **state)
{
	(void)state;
	town_open(&town, NULL);
	made = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a01",
			(struct flow_certificate_options){.domicile = true});
	return made.outcome == FLOW_OUTCOME_MADE ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	flow_certificate_free(&made);
	town_close(&town);
	return 0;
}

static bool says(const char *text, size_t n, size_t pages)
{
	return text_check(card_buf_bytes(&made.pdf), pages, card_bytes(text, n));
}

static void what_was_drawn_is_what_is_read(void **state)
{
	(void)state;
	assert_true(says((const char *)made.drawn.p, made.drawn.n, made.pages));
	assert_false(says((const char *)made.drawn.p, made.drawn.n, made.pages + 1));
}

/* One change at a time of what was meant. */
static void every_difference_is_found(void **state)
{
	static const struct {
		const char *find, *put;
	} changes[] = {{"太郎", "次郎"},           {"渡邉\U000E010F", "渡邉\U000E0110"},
		       {"渡邉\U000E010F", "渡邉"}, {"1960", "1961"},
		       {"見本", "見見本"},         {"世帯主", "世主"}};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const char *at = memmem(made.drawn.p, made.drawn.n, changes[i].find,
					strlen(changes[i].find));
		const size_t before = (size_t)(at - (const char *)made.drawn.p);
		card_buf_t text = {0};

		assert_non_null(at);
		assert_ok(card_buf_append(&text, card_bytes(made.drawn.p, before)));
		assert_ok(
			card_buf_append(&text, card_bytes(changes[i].put, strlen(changes[i].put))));
		assert_ok(card_buf_append(
			&text, card_bytes(at + strlen(changes[i].find),
					  made.drawn.n - before - strlen(changes[i].find))));
		assert_false(says((const char *)text.p, text.n, made.pages));
		card_buf_free(&text);
	}
}

static void what_is_no_document_is_not_read(void **state)
{
	(void)state;
	assert_false(text_check(BYTES(""), 1, BYTES("x")));
	assert_false(text_check(BYTES("%PDF-1.5\nnonsense"), 1, BYTES("x")));
	assert_false(text_check(card_bytes(made.pdf.p, made.pdf.n / 2), made.pages,
				card_buf_bytes(&made.drawn)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_drawn_is_what_is_read),
		cmocka_unit_test(every_difference_is_found),
		cmocka_unit_test(what_is_no_document_is_not_read),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
