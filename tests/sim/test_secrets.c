/* SPDX-License-Identifier: Apache-2.0 */
/* VERIFY, retry query, counters, lock, life time of the status, CHANGE: card-spec 2.5, 4.1, 4.4. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "simtalk.h"

static void retry_query_costs_nothing(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "00200080", "6986"); /* no current EF */
	for (int i = 0; i < 5; i++) {
		say(c, "00200098", "63C3"); /* 0018 by short identifier */
		say(c, "0020009B", "63C5"); /* 001B */
	}
	say(c, "00A4020C020018", "9000");
	say(c, "00200080", "63C3");
	say(c, SELECT_TEXT, "9000");
	say(c, "00200091", "63C3");
	say(c, "00200094", "63CA");
	say(c, "00200095", "63CA");
	say(c, "00200092", "63C0"); /* 0012: blocked on every card */
	say(c, "0020009204" DATA_1234, "6984");
	say(c, SELECT_SURFACE, "9000");
	say(c, "00200091", "63CA");
	say(c, "00200092", "63CA");
	say(c, "00200093", "63CA");
	say(c, SELECT_JUKI, "9000");
	say(c, "0020009C", "63C3");
	say(c, SELECT_COMMON, "9000");
	say(c, "0020009C", "63C3");
	say(c, "0020009E", "63C3"); /* 001E: a key reference that answers */
	card_sim_free(&c);
}

static void wrong_pin_counts_down_and_right_pin_restores(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_WRONG, "63C2");
	say(c, "00200098", "63C2");
	say(c, "0020009804" DATA_WRONG, "63C1");
	say(c, "0020009804" DATA_1234, "9000");
	say(c, "00200098", "63C3"); /* also when verified */
	say(c, "0020009B06" DATA_SIGN, "9000");
	card_sim_free(&c);
}

static void the_last_wrong_try_locks(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_WRONG, "63C2");
	say(c, "0020009804" DATA_WRONG, "63C1");
	say(c, "0020009804" DATA_WRONG, "63C0");
	say(c, "0020009804" DATA_1234, "6984");
	say(c, "0020009804" DATA_WRONG, "6984");
	say(c, "00200098", "63C0");
	say(c, "802A009701AA00", "6982");
	say(c, "0020009B", "63C5"); /* the other secret is not concerned */
	card_sim_power_off(c);
	card_sim_power_on(c);
	say(c, SELECT_JPKI, "9000");
	say(c, "00200098", "63C0"); /* no reset by power */
	card_sim_free(&c);
}

static void wrong_length_uses_no_try(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009803313233", "6700");
	say(c, "00200098053132333435", "6700");
	say(c, "0020009B054142433132", "6700");
	say(c, "0020009B113131313131313131313131313131313131", "6700"); /* 17 */
	say(c, "0020009800", "6700"); /* five bytes: another shape than the query */
	say(c, "00200098", "63C3");
	say(c, "0020009B", "63C5");
	say(c, "0020019804" DATA_1234, "6A86");
	say(c, "0020001804" DATA_1234, "6A86");
	say(c, "0020008304" DATA_1234, "6A82");
	say(c, "0020009704" DATA_1234, "6981"); /* a key is no secret */
	card_sim_free(&c);
}

static void a_wrong_try_leaves_the_status(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_1234, "9000");
	say(c, "0020009B06" DATA_SIGN, "9000");
	say(c, "0020009804" DATA_WRONG, "63C2");
	say(c, "802A009701AA00", "*9000"); /* 2.5: until power-off or another AP */
	card_sim_free(&c);
	c = simtalk_card("test-person", "wrong-verify-clears");
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_1234, "9000");
	say(c, "0020009B06" DATA_SIGN, "9000");
	say(c, "0020009804" DATA_WRONG, "63C2");
	say(c, "802A009701AA00", "6982");
	say(c, "00B0810004", "3082*9000"); /* the other secret's stands */
	card_sim_free(&c);
}

static void status_lives_until_another_application(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_1234, "9000");
	say(c, "00A4020C02000A", "9000");
	say(c, SELECT_JPKI, "9000"); /* the same again keeps it (2.5) */
	say(c, "802A009701AA00", "*9000");
	say(c, "00A4040C05A0000000030000", "6700");
	say(c, "00A4040C05A000000003", "6A82"); /* nothing selected: nothing lost */
	say(c, "802A009701AA00", "*9000");
	say(c, SELECT_TEXT, "9000");
	say(c, SELECT_JPKI, "9000");
	say(c, "802A009701AA00", "6982");
	say(c, "0020009804" DATA_1234, "9000");
	say(c, SELECT_ISD, "9000"); /* clearing without power-off */
	say(c, SELECT_JPKI, "9000");
	say(c, "802A009701AA00", "6982");
	card_sim_free(&c);
}

static void warm_reset_keeps_the_status_power_off_does_not(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_1234, "9000");
	card_sim_reset(c);
	say(c, "00B08A0004", "6A82"); /* back at the card manager */
	say(c, SELECT_JPKI, "9000");
	say(c, "802A009701AA00", "*9000");
	card_sim_reset(c);
	say(c, SELECT_TEXT, "9000");
	say(c, SELECT_JPKI, "9000");
	say(c, "802A009701AA00", "6982");
	say(c, "0020009804" DATA_1234, "9000");
	card_sim_power_off(c);
	card_sim_power_on(c);
	say(c, SELECT_JPKI, "9000");
	say(c, "802A009701AA00", "6982");
	card_sim_free(&c);
}

static void change_pin_needs_verify(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c,
	    "0024019804"
	    "35363738",
	    "6982");
	say(c, "0020009804" DATA_1234, "9000");
	say(c,
	    "0024009804"
	    "35363738",
	    "6A86"); /* P1 is 01 */
	say(c, "0024019803353637", "6700");
	say(c,
	    "0024019804"
	    "35364138",
	    "6A80"); /* not digits */
	say(c,
	    "8032009804"
	    "35363738",
	    "6D00"); /* the command of the 住基 side */
	say(c, "00A4020C020018", "9000");
	say(c,
	    "0024018004"
	    "35363738",
	    "9000"); /* current EF form */
	say(c, "0020009804" DATA_1234, "63C2");
	say(c,
	    "0020009804"
	    "35363738",
	    "9000");
	card_sim_free(&c);
}

static void change_sign_password_format(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009B06" DATA_SIGN, "9000");
	say(c,
	    "0024019B05"
	    "4142433132",
	    "6700");
	say(c,
	    "0024019B06"
	    "414243444546",
	    "6A80"); /* no digit */
	say(c,
	    "0024019B06"
	    "313233343536",
	    "6A80"); /* no letter */
	say(c,
	    "0024019B06"
	    "616263313233",
	    "6A80"); /* lower case */
	say(c,
	    "0024019B10"
	    "41424344454647483132333435363738",
	    "9000");
	say(c,
	    "0020009B10"
	    "41424344454647483132333435363738",
	    "9000");
	card_sim_free(&c);
}

static void change_in_the_other_applications(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_TEXT, "9000");
	say(c, "0020009104" DATA_1234, "9000");
	say(c,
	    "0024019104"
	    "30303030",
	    "9000");
	say(c, "002000940C" DATA_A, "9000");
	say(c,
	    "002401940C"
	    "303030303030303030303030",
	    "6985"); /* a 照合番号 is what it is */
	say(c, SELECT_COMMON, "9000");
	say(c, "0020009C04" DATA_1234, "9000");
	say(c,
	    "0024019C04"
	    "37373737",
	    "6D00");
	say(c,
	    "8032009C04"
	    "37373737",
	    "9000");
	say(c,
	    "0020009C04"
	    "37373737",
	    "9000");
	say(c, SELECT_JUKI, "9000");
	say(c,
	    "0020009C04"
	    "37373737",
	    "63C2"); /* separate references (3.5) */
	say(c, "0020009C04" DATA_1234, "9000");
	say(c, "00A4020C02001C", "9000");
	say(c,
	    "8032008004"
	    "38383838",
	    "9000");
	card_sim_free(&c);
}

/* ------------------------------------------------------------ counters that last */

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/kazasu-state-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static card_sim_t *kept(unsigned long tear_after, enum card_sim_tear tear)
{
	struct card_sim_options opt = {.state_dir = folder, .tear_after = tear_after, .tear = tear};

	return simtalk_card_with("test-person", opt);
}

static void counters_and_pins_outlive_the_process(void **state)
{
	card_sim_t *c = kept(0, CARD_SIM_TEAR_BEFORE);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_WRONG, "63C2");
	say(c, "0020009B06" DATA_SIGN, "9000");
	say(c,
	    "0024019B06"
	    "5A5A5A393939",
	    "9000");
	card_sim_free(&c);
	c = kept(0, CARD_SIM_TEAR_BEFORE);
	say(c, SELECT_JPKI, "9000");
	say(c, "00200098", "63C2");
	say(c,
	    "0020009B06"
	    "5A5A5A393939",
	    "9000");
	say(c, "0020009804" DATA_1234, "9000");
	card_sim_free(&c);
	c = kept(0, CARD_SIM_TEAR_BEFORE);
	say(c, SELECT_JPKI, "9000");
	say(c, "00200098", "63C3");
	card_sim_free(&c);
}

static enum card_error send_hex(card_sim_t *c, const char *hex)
{
	uint8_t cmd[64];
	size_t n = simtalk_bytes(hex, cmd, sizeof cmd);

	return card_sim_transmit(c, card_bytes(cmd, n), told, sizeof told, &told_n);
}

static void tearing_gives_no_free_try(void **state)
{
	static const struct {
		enum card_sim_tear tear;
		const char *verify, *left;
	} rows[] = {
		{CARD_SIM_TEAR_BEFORE, "0020009804" DATA_WRONG, "63C3"},
		{CARD_SIM_TEAR_BEFORE, "0020009804" DATA_1234, "63C3"},
		{CARD_SIM_TEAR_COUNTER, "0020009804" DATA_WRONG, "63C2"},
		{CARD_SIM_TEAR_COUNTER, "0020009804" DATA_1234, "63C2"}, /* even the right PIN */
		{CARD_SIM_TEAR_AFTER, "0020009804" DATA_WRONG, "63C2"},
		{CARD_SIM_TEAR_AFTER, "0020009804" DATA_1234, "63C3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		card_sim_t *c = kept(2, rows[i].tear);

		say(c, SELECT_JPKI, "9000");
		assert_int_equal(send_hex(c, rows[i].verify), CARD_ERR_REMOVED);
		assert_int_equal(send_hex(c, SELECT_JPKI), CARD_ERR_REMOVED); /* it is gone */
		card_sim_free(&c);
		c = kept(0, CARD_SIM_TEAR_BEFORE);
		say(c, SELECT_JPKI, "9000");
		say(c, "802A009701AA00", "6982"); /* nothing is open */
		say(c, "00200098", rows[i].left);
		say(c, "0020009804" DATA_1234, "9000");
		card_sim_free(&c);
	}
}

/* A child tries wrong 照合番号 as fast as it can and reports each answer; it is
 * killed in the middle. Every reported try must have been kept, and the file
 * must be whole. */
static void kill_between_write_and_answer_loses_no_count(void **state)
{
	(void)state;
	for (int round = 0; round < 8; round++) {
		int pipes[2], status;
		uint8_t seen = 10, byte;

		drop_folder(NULL);
		assert_int_equal(mkdir(folder, 0700), 0);
		assert_int_equal(pipe(pipes), 0);
		pid_t child = fork();
		if (child == 0) {
			struct card_sim_options opt = {.state_dir = folder};
			card_sim_t *c = NULL;

			if (card_sim_new(&c, "test-person", &opt, NULL) != CARD_OK)
				_exit(1);
			send_hex(c, SELECT_TEXT);
			for (;;) {
				send_hex(c, "002000950E"
					    "3030303030303030303030303030");
				byte = told[1] & 0x0F;
				if (told[0] != 0x63 || write(pipes[1], &byte, 1) != 1)
					_exit(2);
			}
		}
		close(pipes[1]);
		for (int i = 0; i <= round && read(pipes[0], &byte, 1) == 1; i++)
			seen = byte;
		kill(child, SIGKILL);
		while (read(pipes[0], &byte, 1) == 1)
			seen = byte;
		close(pipes[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		card_sim_t *c = kept(0, CARD_SIM_TEAR_BEFORE);
		say(c, SELECT_TEXT, "9000");
		say(c, "00200095", "63*");
		assert_true((told[1] & 0x0F) <= seen);
		assert_true((told[1] & 0x0F) + 1 >= seen);
		card_sim_free(&c);
	}
}

static void a_damaged_state_file_is_refused(void **state)
{
	struct card_sim_options opt = {.state_dir = folder};
	struct card_sim_problem problem;
	char path[128];
	card_sim_t *c = NULL;

	(void)state;
	drop_folder(NULL);
	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(path, sizeof path, "%s/400000012719843.card", folder);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("auth 99\n", f);
	fclose(f);
	assert_int_equal(card_sim_new(&c, "test-person", &opt, &problem), CARD_ERR_IO);
	assert_null(c);
	assert_non_null(strstr(problem.text, "damaged"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retry_query_costs_nothing),
		cmocka_unit_test(wrong_pin_counts_down_and_right_pin_restores),
		cmocka_unit_test(the_last_wrong_try_locks),
		cmocka_unit_test(wrong_length_uses_no_try),
		cmocka_unit_test(a_wrong_try_leaves_the_status),
		cmocka_unit_test(status_lives_until_another_application),
		cmocka_unit_test(warm_reset_keeps_the_status_power_off_does_not),
		cmocka_unit_test(change_pin_needs_verify),
		cmocka_unit_test(change_sign_password_format),
		cmocka_unit_test(change_in_the_other_applications),
		cmocka_unit_test(counters_and_pins_outlive_the_process),
		cmocka_unit_test(tearing_gives_no_free_try),
		cmocka_unit_test(kill_between_write_and_answer_loses_no_count),
		cmocka_unit_test(a_damaged_state_file_is_refused),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
