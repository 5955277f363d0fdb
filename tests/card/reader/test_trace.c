/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves traces: what is recorded can be read by people and replayed, secrets never get in, a real
 * reader's protected answers are hashed, and a replay stops at the first different byte.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <card/pin.h>
#include <card/text.h>
#include <card/trace.h>

#include "script.h"

static char path[] = "/tmp/kazasu-trace-XXXXXX";

static int make_path(void **state)
{
	int fd;

	(void)state;
	memcpy(path, "/tmp/kazasu-trace-XXXXXX", sizeof(path));
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static char *slurp(void)
{
	FILE *f = fopen(path, "r");
	static char text[16384];
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	return text;
}

static void write_trace(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	(void)fclose(f);
}

/* card-spec 10.2: the published number's file */
static const struct script_line dialogue[] = {
	{"00A4040C0AD3921000310001010408", "9000", CARD_OK, false},
	{"00200091", "63C3", CARD_OK, false},
	{"002000910431323334", "9000", CARD_OK, false},
	{"00B0810000", "FF100C353337363836363737313838FFFF9000", CARD_OK, false},
	{"00A4040C07A0000001510000", "9000", CARD_OK, false},
};

/* Runs the flow over any reader; returns the error of its first failing step. */
static enum card_error flow(card_reader_t *reader)
{
	card_channel_t *ch = NULL;
	card_secret_t *pin = NULL;
	card_grant_t *grant = NULL;
	char number[13];
	enum card_error err;

	assert_ok(card_secret_new(&pin));
	assert_ok(card_secret_set(pin, BYTES("1234")));
	assert_ok(card_grant_new(&grant, CARD_OBJECT_NUMBER));
	assert_ok(card_channel_new(&ch, reader));
	assert_ok(card_channel_begin(ch, 0));
	err = card_pin_verify(ch, CARD_PIN_TEXT, pin, 0, NULL);
	if (err == CARD_OK)
		err = card_text_read_number(ch, grant, NULL, number);
	if (err == CARD_OK)
		assert_string_equal(number, "537686677188");
	card_channel_free(&ch);
	card_grant_free(&grant);
	card_secret_free(&pin);
	return err;
}

static void record(unsigned features, unsigned flags)
{
	struct script script;
	card_reader_t *inner = script_reader(&script, LINES(dialogue)), *r = NULL;

	script.features = features;
	assert_ok(card_trace_record(&inner, path, flags, &r));
	assert_null(inner);
	assert_ok(flow(r));
	card_reader_free(&r);
	script_assert_done(&script);
}

static void a_recorded_dialogue_can_be_replayed(void **state)
{
	card_reader_t *r = NULL;
	struct stat st;

	(void)state;
	record(0, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(card_trace_replay(path, &r));
	assert_ok(flow(r));
	assert_int_equal(card_trace_mismatch_line(r), 0);
	card_reader_free(&r);
}

static void secrets_are_not_in_the_file(void **state)
{
	const char *text;

	(void)state;
	record(0, 0);
	text = slurp();
	assert_non_null(strstr(text, "> 00200091**\n"));
	assert_null(strstr(text, "31323334"));
	assert_null(strstr(text, "1234"));
}

static void change_session_key_and_secure_messaging_are_hidden_too(void **state)
{
	static const struct script_line lines[] = {
		{"002401800435363738", "9000", CARD_OK, false},
		{"803200800435363738", "9000", CARD_OK, false},
		{"80AE0000020A0B", "9000", CARD_OK, false},
		{"08B0000003860101", "8602AABB9000", CARD_OK, false},
	};
	struct script script;
	card_reader_t *inner = script_reader(&script, LINES(lines)), *r = NULL;
	uint8_t resp[16];
	size_t n;
	const char *text;

	(void)state;
	assert_ok(card_trace_record(&inner, path, 0, &r));
	for (size_t i = 0; i < 4; i++) {
		card_buf_t cmd = {0};

		assert_ok(card_hex_decode(lines[i].command, &cmd));
		assert_ok(card_reader_transmit(r, card_buf_bytes(&cmd), resp, sizeof(resp), &n,
					       NULL));
		card_buf_free(&cmd);
	}
	card_reader_free(&r);
	text = slurp();
	assert_null(strstr(text, "35363738"));
	assert_null(strstr(text, "0A0B"));
	assert_null(strstr(text, "860101"));
	assert_null(strstr(text, "AABB"));
	assert_non_null(strstr(text, "> 80AE0000**\n"));
}

static void a_real_readers_answers_are_hashed_unless_asked_for(void **state)
{
	card_reader_t *r = NULL;

	(void)state;
	record(CARD_READER_REAL, 0);
	/* SHA-256 of the 17 physical bytes: card-spec 10.3 */
	assert_non_null(strstr(slurp(),
			       "< =17 6D5A4C1EF9AB15BF506862D7E66B9C0F179CA065BC936C8E634E9E"
			       "57449CA9CD 9000\n"));
	assert_null(strstr(slurp(), "353337363836363737313838"));
	assert_int_equal(card_trace_replay(path, &r), CARD_ERR_MALFORMED);

	record(CARD_READER_REAL, CARD_TRACE_PERSONAL_DATA);
	assert_non_null(strstr(slurp(), "353337363836363737313838"));
	assert_ok(card_trace_replay(path, &r));
	assert_ok(flow(r));
	card_reader_free(&r);
}

static void a_replay_stops_at_the_first_different_byte(void **state)
{
	card_reader_t *r = NULL;

	(void)state;
	write_trace("# kazasu trace 1\n"
		    "> 00A4040C0AD3921000310001010408\n< 9000\n"
		    "> 00200091\n< 63C3\n"
		    "> 00200092**\n< 9000\n");
	assert_ok(card_trace_replay(path, &r));
	assert_int_equal(flow(r), CARD_ERR_TRACE_MISMATCH);
	assert_int_equal(card_trace_mismatch_line(r), 6);
	assert_int_equal(flow(r), CARD_ERR_TRACE_MISMATCH); /* and stays stopped */
	card_reader_free(&r);

	write_trace("> 00A4040C0AD3921000310001010408\n< 9000\n");
	assert_ok(card_trace_replay(path, &r));
	assert_int_equal(flow(r), CARD_ERR_TRACE_MISMATCH);
	card_reader_free(&r);
}

static void a_recorded_failure_is_replayed_as_one(void **state)
{
	card_reader_t *r = NULL;

	(void)state;
	write_trace("> 00A4040C0AD3921000310001010408\n< 9000\n"
		    "> 00200091\n< 63C3\n"
		    "> 00200091**\n! REMOVED\n");
	assert_ok(card_trace_replay(path, &r));
	assert_int_equal(flow(r), CARD_ERR_OUTCOME_UNKNOWN);
	card_reader_free(&r);
}

static void what_is_no_trace_is_refused(void **state)
{
	static const char *const wrong[] = {"hello\n",           "> 00A\n",           "> zz\n",
					    "! NO_SUCH_ERROR\n", "< =17 AABB 9000\n", "> 00A4\n",
					    "atr 3B8\n"};
	card_reader_t *r = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_trace(wrong[i]);
		assert_int_equal(card_trace_replay(path, &r), CARD_ERR_MALFORMED);
	}
	assert_int_equal(card_trace_replay("/nonexistent/trace", &r), CARD_ERR_IO);
}

static void a_link_is_not_followed(void **state)
{
	char link[sizeof(path) + 8];
	struct script script;
	card_reader_t *inner = script_reader(&script, NULL, 0), *r = NULL;

	(void)state;
	(void)snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(card_trace_record(&inner, link, 0, &r), CARD_ERR_IO);
	assert_non_null(inner);
	assert_int_equal(unlink(link), 0);
	card_reader_free(&inner);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_path, remove_path)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_recorded_dialogue_can_be_replayed),
		test(secrets_are_not_in_the_file),
		test(change_session_key_and_secure_messaging_are_hidden_too),
		test(a_real_readers_answers_are_hashed_unless_asked_for),
		test(a_replay_stops_at_the_first_different_byte),
		test(a_recorded_failure_is_replayed_as_one),
		test(what_is_no_trace_is_refused),
		test(a_link_is_not_followed),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
