/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves: a reader with keys of its own takes numeric secrets there, with the tries looked at
 * first, and changes them there (the old one, the new one twice); a password, and number B of the
 * identity check, are not asked there; the cancel key ends in exit 8 without a try.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <card/sim.h>

#include "kazasu/output.h"
#include "kazasu/pin_change.h"
#include "kazasu/secret_entry.h"

static struct kz kz;

struct desk {
	card_sim_t *sim;
	struct kz_session card;
};

static void sit_down(struct desk *d, const char *digits)
{
	memset(d, 0, sizeof *d);
	kz.opt.wait = -1;
	kz.opt.pin_fd = -1;
	assert_ok(card_sim_new(&d->sim, "test-person", NULL, NULL));
	assert_ok(card_sim_set_keypad(d->sim, digits));
	assert_ok(card_sim_reader_new(&d->card.reader, d->sim));
	assert_ok(card_channel_new(&d->card.ch, d->card.reader));
}

static void get_up(struct desk *d)
{
	kz_session_close(&d->card);
	card_sim_free(&d->sim);
}

/* Ask and present; what the command would do. */
static enum card_error use(struct desk *d, enum card_pin pin, int *tries)
{
	const struct kz_entry entry = {.pin = pin};
	struct kz_secret secret;
	enum card_error err;

	assert_int_equal(kz_secret_ask(&kz, &d->card, &entry, &secret), KZ_GO);
	assert_null(secret.value);
	assert_ok(kz_session_begin(&kz, &d->card));
	err = kz_session_end(&d->card, kz_secret_present(&kz, &d->card, pin, &secret, tries));
	kz_secret_free(&secret);
	return err;
}

static void digits_go_from_the_keys_to_the_card(void **state)
{
	struct desk d;
	int tries = 0;

	(void)state;
	sit_down(&d, "1234");
	assert_ok(use(&d, CARD_PIN_AUTH, &tries));
	get_up(&d);
	sit_down(&d, "9999");
	assert_int_equal(use(&d, CARD_PIN_AUTH, &tries), CARD_ERR_PIN_WRONG);
	assert_int_equal(tries, 2);
	get_up(&d);
}

static int tries_left(struct desk *d, enum card_pin pin)
{
	int tries = CARD_TRIES_UNKNOWN;

	assert_ok(kz_session_begin(&kz, &d->card));
	assert_ok(card_pin_tries(d->card.ch, pin, &tries));
	assert_ok(kz_session_end(&d->card, CARD_OK));
	return tries;
}

static void the_cancel_key_costs_no_try(void **state)
{
	struct desk d;
	int tries = 0;

	(void)state;
	sit_down(&d, "");
	assert_int_equal(use(&d, CARD_PIN_TEXT, &tries), CARD_ERR_CANCELLED);
	assert_int_equal(kz_exit_of(CARD_ERR_CANCELLED), KZ_CANCELLED);
	assert_int_equal(tries_left(&d, CARD_PIN_TEXT), 3);
	get_up(&d);
}

/* What pin the card has now: presented on the keys. */
static void assert_pin(struct desk *d, enum card_pin pin, const char *digits)
{
	int tries = 0;

	assert_ok(card_sim_set_keypad(d->sim, digits));
	assert_ok(use(d, pin, &tries));
}

static void a_pin_is_changed_on_the_keys(void **state)
{
	static const enum card_pin pins[] = {CARD_PIN_AUTH, CARD_PIN_TEXT, CARD_PIN_JUKI,
					     CARD_PIN_COMMON};
	struct desk d;

	(void)state;
	for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
		sit_down(&d, "1234 5678 5678");
		assert_int_equal(kz_pin_change(&kz, &d.card, "PIN", pins[i], false), KZ_DONE);
		assert_pin(&d, pins[i], "5678");
		assert_int_equal(tries_left(&d, pins[i]), 3);
		get_up(&d);
	}
}

static void a_change_that_fails_on_the_keys_leaves_the_old_pin(void **state)
{
	static const struct {
		const char *keys;
		int exit, tries;
	} cases[] = {
		{"9999 5678 5678", KZ_WRONG_SECRET, 2}, /* the old one is wrong: no new one asked */
		{"1234 5678 5679", KZ_BAD_DATA, 3},     /* the two entries differ */
		{"-", KZ_CANCELLED, 3},
		{"1234 -", KZ_CANCELLED, 3},
		{"1234 5678 -", KZ_CANCELLED, 3},
		{"1234 56", KZ_CANCELLED, 3}, /* never reaches the enter key */
	};
	struct desk d;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sit_down(&d, cases[i].keys);
		if (kz_pin_change(&kz, &d.card, "auth", CARD_PIN_AUTH, false) != cases[i].exit)
			fail_msg("%s is not %d", cases[i].keys, cases[i].exit);
		assert_int_equal(tries_left(&d, CARD_PIN_AUTH), cases[i].tries);
		assert_pin(&d, CARD_PIN_AUTH, "1234");
		get_up(&d);
	}
}

static void leave_terminal(void)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (tty >= 0) {
		assert_int_equal(ioctl(tty, TIOCNOTTY), 0);
		close(tty);
	}
	unsetenv("DISPLAY");
	unsetenv("WAYLAND_DISPLAY");
}

/* Without a terminal the only other way is a usage error: so nothing was asked on the keys. */
static void letters_and_number_b_are_not_typed_there(void **state)
{
	const struct kz_entry password = {.pin = CARD_PIN_SIGN};
	const struct kz_entry number_b = {.pin = CARD_PIN_SURFACE_NUMBER_B, .no_pinpad = true};
	struct kz_secret secret;
	struct desk d;
	int saved = dup(STDERR_FILENO);

	(void)state;
	assert_true(saved >= 0);
	sit_down(&d, "1234");
	leave_terminal();
	assert_non_null(freopen("/dev/null", "w", stderr));
	assert_int_equal(kz_secret_ask(&kz, &d.card, &password, &secret), KZ_USAGE);
	assert_int_equal(kz_secret_ask(&kz, &d.card, &number_b, &secret), KZ_USAGE);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	get_up(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_go_from_the_keys_to_the_card),
		cmocka_unit_test(the_cancel_key_costs_no_try),
		cmocka_unit_test(a_pin_is_changed_on_the_keys),
		cmocka_unit_test(a_change_that_fails_on_the_keys_leaves_the_old_pin),
		cmocka_unit_test(letters_and_number_b_are_not_typed_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
