/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what becomes of a command whose answer is lost between pcscd and the card: a VERIFY,
 * CHANGE or SIGN is of unknown outcome and never sent again, a read has a named error, no opened
 * security status stays behind, and the next transaction works. The card is the virtual card, so
 * that "executed" means executed.
 */
#include "test.h"

#include <card/jpki.h>
#include <card/pcsc.h>
#include <card/sim.h>

#include "fake_pcsc.h"

#define WRONG_PIN "9999"
#define RIGHT_PIN "1234"

struct desk {
	card_sim_t *sim;
	card_pcsc_t *pcsc;
	card_reader_t *reader;
	card_channel_t *channel;
	card_cert_t *cert;
};

static LONG sim_card(void *ctx, struct card_bytes cmd, uint8_t *resp, DWORD *len)
{
	size_t n = 0;

	assert_ok(card_sim_transmit(ctx, cmd, resp, *len, &n));
	*len = n;
	return SCARD_S_SUCCESS;
}

static void sim_power_off(void *ctx)
{
	card_sim_power_off(ctx);
}

static void read_cert(struct desk *d)
{
	card_buf_t der = {0};

	assert_ok(card_channel_begin(d->channel, 0));
	assert_ok(card_jpki_certificate(d->channel, CARD_JPKI_AUTH, card_grant_own_card(), &der));
	assert_ok(card_channel_end(d->channel));
	assert_ok(card_cert_new(&d->cert, card_buf_bytes(&der)));
	card_buf_free(&der);
}

static void open_desk(struct desk *d)
{
	struct card_sim_problem problem;

	memset(d, 0, sizeof(*d));
	fake_pcsc_start();
	if (card_sim_new(&d->sim, "test-person", NULL, &problem) != CARD_OK)
		fail_msg("%s", problem.text);
	fake_pcsc.power_off = sim_power_off;
	fake_pcsc_insert(sim_card, d->sim);
	assert_ok(card_pcsc_new(&d->pcsc));
	assert_ok(card_pcsc_open(d->pcsc, "Test Reader 00", 0, &d->reader));
	assert_ok(card_channel_new(&d->channel, d->reader));
	read_cert(d);
	fake_pcsc.transmits = 0;
	fake_pcsc.log_len = 0;
}

static void close_desk(struct desk *d)
{
	card_cert_free(&d->cert);
	card_channel_free(&d->channel);
	card_reader_free(&d->reader);
	card_pcsc_free(&d->pcsc);
	card_sim_free(&d->sim);
	assert_true(fake_pcsc_tidy());
}

static card_secret_t *secret(const char *text)
{
	card_secret_t *s = NULL;

	assert_ok(card_secret_new(&s));
	assert_ok(card_secret_set(s, card_bytes(text, strlen(text))));
	return s;
}

static enum card_error do_verify(struct desk *d, const char *pin)
{
	card_secret_t *s = secret(pin);
	enum card_error err = card_pin_verify(d->channel, CARD_PIN_AUTH, s, 0, NULL);

	card_secret_free(&s);
	return err;
}

static enum card_error do_change(struct desk *d)
{
	card_secret_t *from = secret(RIGHT_PIN), *to = secret("4321");
	enum card_error err = card_pin_change(d->channel, CARD_PIN_AUTH, from, to, 0, NULL);

	card_secret_free(&from);
	card_secret_free(&to);
	return err;
}

static enum card_error do_sign(struct desk *d)
{
	static const uint8_t digest[32] = {1};
	card_buf_t signature = {0};
	enum card_error err = do_verify(d, RIGHT_PIN);

	if (err == CARD_OK)
		err = card_jpki_sign(d->channel, CARD_KEY_AUTH, CARD_HASH_SHA256,
				     card_bytes(digest, sizeof(digest)), 0, d->cert, &signature);
	if (err != CARD_OK)
		assert_int_equal(signature.n, 0);
	card_buf_free(&signature);
	return err;
}

static enum card_error do_read(struct desk *d)
{
	card_buf_t der = {0};
	enum card_error err = card_jpki_certificate(d->channel, CARD_JPKI_AUTH_CA, NULL, &der);

	if (err != CARD_OK)
		assert_int_equal(der.n, 0);
	card_buf_free(&der);
	return err;
}

/* What is done, and which of its commands is the one to lose. */
enum work { VERIFY_WRONG, VERIFY_RIGHT, CHANGE, SIGN, READ, WORKS };
static const uint8_t work_ins[WORKS] = {0x20, 0x20, 0x24, 0x2A, 0xB0};

static enum card_error do_work(struct desk *d, enum work work)
{
	switch (work) {
	case VERIFY_WRONG:
		return do_verify(d, WRONG_PIN);
	case VERIFY_RIGHT:
		return do_verify(d, RIGHT_PIN);
	case CHANGE:
		return do_change(d);
	case SIGN:
		return do_sign(d);
	default:
		return do_read(d);
	}
}

static bool is_target(const struct fake_command *c, enum work work)
{
	return c->ins == work_ins[work] && (c->data || work == READ);
}

static unsigned times_sent(enum work work)
{
	unsigned n = 0;

	for (size_t i = 0; i < fake_pcsc.log_len; i++)
		n += is_target(&fake_pcsc.log[i], work);
	return n;
}

/* Which of the commands of this work is its target, counted from 1. */
static unsigned target_number(enum work work)
{
	struct desk d;
	unsigned at = 0;

	open_desk(&d);
	assert_ok(card_channel_begin(d.channel, 0));
	(void)do_work(&d, work);
	for (size_t i = 0; i < fake_pcsc.log_len && at == 0; i++)
		if (is_target(&fake_pcsc.log[i], work))
			at = (unsigned)i + 1;
	assert_ok(card_channel_end(d.channel));
	close_desk(&d);
	assert_int_not_equal(at, 0);
	return at;
}

struct loss {
	LONG rv; /* SCARD_S_SUCCESS: success with no bytes */
	enum card_error read_error;
	bool same_connection;
	bool surely_not_sent;
};

static const struct loss losses[] = {
	{SCARD_E_NOT_TRANSACTED, CARD_ERR_REMOVED, false, false},
	{SCARD_F_COMM_ERROR, CARD_ERR_NO_SERVICE, false, false},
	{SCARD_W_UNRESPONSIVE_CARD, CARD_ERR_REMOVED, false, false},
	{SCARD_W_UNPOWERED_CARD, CARD_ERR_REMOVED, false, false},
	{SCARD_W_RESET_CARD, CARD_ERR_RESET, false, false},
	{SCARD_W_REMOVED_CARD, CARD_ERR_REMOVED, false, false},
	{SCARD_E_NO_SMARTCARD, CARD_ERR_REMOVED, false, false},
	{SCARD_E_READER_UNAVAILABLE, CARD_ERR_REMOVED, false, false},
	{SCARD_E_NO_SERVICE, CARD_ERR_NO_SERVICE, false, false},
	{SCARD_F_INTERNAL_ERROR, CARD_ERR_READER, false, false},
	{SCARD_S_SUCCESS, CARD_ERR_REMOVED, true, false},
	{SCARD_E_SHARING_VIOLATION, CARD_ERR_READER_BUSY, true, true},
};

/* The status must not stand open for the next program: P1=00 signature, card-spec 4.2. */
static void assert_status_closed(struct desk *d)
{
	static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0,
					 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
	static const uint8_t sign[] = {0x80, 0x2A, 0x00, 0x97, 0x01, 0x55, 0x00};
	uint8_t resp[300];
	size_t n = 0;

	assert_ok(card_sim_transmit(d->sim, card_bytes(select, sizeof(select)), resp, sizeof(resp),
				    &n));
	assert_hex(card_bytes(resp, n), "9000");
	assert_ok(
		card_sim_transmit(d->sim, card_bytes(sign, sizeof(sign)), resp, sizeof(resp), &n));
	assert_hex(card_bytes(resp, n), "6982");
}

static void assert_next_works(struct desk *d, enum work work, bool executed)
{
	int tries = -9;

	assert_ok(card_channel_begin(d->channel, 0));
	assert_ok(card_pin_tries(d->channel, CARD_PIN_AUTH, &tries));
	assert_int_equal(tries, work == VERIFY_WRONG && executed ? 2 : 3);
	assert_ok(do_read(d));
	assert_ok(card_channel_end(d->channel));
}

static void lose_one(enum work work, unsigned at, const struct loss *loss, bool executed)
{
	bool counts = work != READ && !loss->surely_not_sent;
	enum card_error expected = counts ? CARD_ERR_OUTCOME_UNKNOWN : loss->read_error;
	uint64_t generation;
	struct desk d;

	open_desk(&d);
	fake_pcsc.fault = (struct fake_fault){at, loss->rv, executed};
	generation = card_channel_generation(d.channel);
	assert_ok(card_channel_begin(d.channel, 0));
	if (do_work(&d, work) != expected)
		fail_msg("work %d, result %lx, executed %d: not %s", (int)work,
			 (unsigned long)loss->rv, (int)executed, card_error_name(expected));
	(void)card_channel_end(d.channel);
	assert_int_equal(times_sent(work), 1);
	if (loss->rv == SCARD_W_REMOVED_CARD) {
		card_sim_remove(d.sim);
		card_sim_insert(d.sim, 0, CARD_SIM_TEAR_BEFORE);
		fake_pcsc_insert(sim_card, d.sim);
	} else if (loss->rv != SCARD_F_COMM_ERROR && loss->rv != SCARD_E_NO_SERVICE) {
		assert_status_closed(&d);
	}
	assert_next_works(&d, work, executed);
	assert_int_equal(card_channel_generation(d.channel) == generation, loss->same_connection);
	close_desk(&d);
}

static void lose_all(enum work work)
{
	unsigned at = target_number(work);

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		lose_one(work, at, &losses[i], false);
		if (!losses[i].surely_not_sent)
			lose_one(work, at, &losses[i], true);
	}
}

static void lost_verify_of_a_wrong_pin_is_unknown_and_the_tries_tell(void **state)
{
	(void)state;
	lose_all(VERIFY_WRONG);
}

static void lost_verify_of_the_right_pin_leaves_no_open_status(void **state)
{
	(void)state;
	lose_all(VERIFY_RIGHT);
}

static void lost_change_is_unknown_and_not_repeated(void **state)
{
	(void)state;
	lose_all(CHANGE);
}

static void lost_signature_is_unknown_and_not_repeated(void **state)
{
	(void)state;
	lose_all(SIGN);
}

static void lost_read_has_a_named_error(void **state)
{
	(void)state;
	lose_all(READ);
}

static void a_command_that_finds_no_connection_was_not_sent(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	assert_ok(card_channel_begin(d.channel, 0));
	assert_ok(card_jpki_select(d.channel));
	fake_pcsc_remove();
	assert_int_equal(do_read(&d), CARD_ERR_REMOVED);
	fake_pcsc.log_len = 0;
	assert_int_equal(do_verify(&d, WRONG_PIN), CARD_ERR_REMOVED);
	assert_int_equal(fake_pcsc.log_len, 0);
	assert_ok(card_channel_end(d.channel));
	assert_int_equal(card_channel_begin(d.channel, 0), CARD_ERR_NO_CARD);
	fake_pcsc_insert(sim_card, d.sim);
	assert_next_works(&d, VERIFY_WRONG, false);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_verify_of_a_wrong_pin_is_unknown_and_the_tries_tell),
		cmocka_unit_test(lost_verify_of_the_right_pin_leaves_no_open_status),
		cmocka_unit_test(lost_change_is_unknown_and_not_repeated),
		cmocka_unit_test(lost_signature_is_unknown_and_not_repeated),
		cmocka_unit_test(lost_read_has_a_named_error),
		cmocka_unit_test(a_command_that_finds_no_connection_was_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
