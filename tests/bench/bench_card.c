/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each flow costs on the card: commands, and the time they take on a contactless reader
 * (ISO 14443 Type B at 106 and 424 kbit/s as docs/vcard.md models it; the card is the slow part).
 */
#include <stdlib.h>

#include <card/jpki.h>
#include <card/token.h>

#include "bench.h"
#include "sim_card.h"

static void must(enum card_error err)
{
	if (err != CARD_OK) {
		(void)fprintf(stderr, "bench_card: %s\n", card_error_name(err));
		exit(1);
	}
}

static void verify(struct sim_card *c, enum card_pin pin, const char *value)
{
	card_secret_t *s = sim_card_secret(value);

	must(card_pin_verify(c->channel, pin, s, 0, NULL));
	card_secret_free(&s);
}

static double status(struct sim_card *c)
{
	struct card_status s;

	must(card_status_read(c->channel, &s));
	return 19;
}

static double tries(struct sim_card *c)
{
	int t[CARD_PIN_COUNT_];

	must(card_status_tries(c->channel, t));
	return 15;
}

static double attributes(struct sim_card *c)
{
	card_buf_t record = {0};
	struct card_text_attributes a;

	verify(c, CARD_PIN_TEXT, TEST_TEXT_PIN);
	must(card_text_read_attributes(c->channel, card_grant_own_card(), &record, &a));
	card_buf_free(&record);
	return 4;
}

static double certificate(struct sim_card *c)
{
	card_buf_t der = {0};
	double budget;

	must(card_jpki_certificate(c->channel, CARD_JPKI_AUTH, card_grant_own_card(), &der));
	budget = 2.0 + (double)((der.n + 255) / 256);
	card_buf_free(&der);
	return budget;
}

static double face(struct sim_card *c)
{
	card_buf_t record = {0};
	struct card_surface_face f;
	double budget;

	verify(c, CARD_PIN_SURFACE_NUMBER_B, TEST_NUMBER_B);
	must(card_surface_read_face(c->channel, card_grant_own_card(), &record, &f));
	budget = 4.0 + (double)((record.n + 255) / 256);
	card_buf_free(&record);
	return budget;
}

/* The certificate is known to whoever signs: it is read before the count begins. */
static card_cert_t *signer;

static void read_signer(struct sim_card *c)
{
	card_buf_t der = {0};

	must(card_jpki_certificate(c->channel, CARD_JPKI_AUTH, card_grant_own_card(), &der));
	must(card_cert_new(&signer, card_buf_bytes(&der)));
	card_buf_free(&der);
	must(card_channel_end(c->channel));
	must(card_channel_begin(c->channel, 0));
}

static double sign(struct sim_card *c)
{
	static const uint8_t digest[32] = {0x42};
	card_buf_t signature = {0};

	verify(c, CARD_PIN_AUTH, TEST_AUTH_PIN);
	must(card_jpki_sign(c->channel, CARD_KEY_AUTH, CARD_HASH_SHA256,
			    card_bytes(digest, sizeof(digest)), 0, signer, &signature));
	card_buf_free(&signature);
	return 4;
}

static const struct flow {
	const char *name;
	double (*run)(struct sim_card *c); /* returns the budget in commands */
	void (*before)(struct sim_card *c);
	double seconds_424; /* goal on a fast reader; 0: none */
} flows[] = {
	{"status", status, NULL, 1.0},       {"tries", tries, NULL, 0},
	{"attributes", attributes, NULL, 0}, {"auth-certificate", certificate, NULL, 0},
	{"face", face, NULL, 2.0},           {"sign", sign, read_signer, 0},
};

static void commands(const struct flow *f)
{
	char name[64];
	struct sim_card c;
	unsigned before;
	double budget;

	sim_card_start(&c, "test-person", NULL);
	if (f->before != NULL)
		f->before(&c);
	before = sim_card_commands(&c);
	budget = f->run(&c);
	(void)snprintf(name, sizeof(name), "card.%s.commands", f->name);
	bench_report(name, (double)(sim_card_commands(&c) - before), "commands", NULL, 0, budget);
	card_cert_free(&signer);
	sim_card_stop(&c);
}

static void seconds(const struct flow *f, enum card_sim_latency latency, const char *where,
		    double goal)
{
	const struct card_sim_options opt = {.latency = latency};
	char name[64];
	struct sim_card c = {0};
	double start;

	must(card_sim_new(&c.sim, "test-person", &opt, NULL));
	must(card_sim_reader_new(&c.reader, c.sim));
	must(card_channel_new(&c.channel, c.reader));
	must(card_channel_begin(c.channel, 0));
	if (f->before != NULL)
		f->before(&c);
	start = bench_now();
	(void)f->run(&c);
	must(card_channel_end(c.channel));
	(void)snprintf(name, sizeof(name), "card.%s.%s", f->name, where);
	bench_report(name, bench_now() - start, "s", NULL, 0, goal);
	card_cert_free(&signer);
	card_channel_free(&c.channel);
	card_reader_free(&c.reader);
	card_sim_free(&c.sim);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		commands(&flows[i]);
		seconds(&flows[i], CARD_SIM_LATENCY_NFC106, "nfc106", 0);
		seconds(&flows[i], CARD_SIM_LATENCY_NFC424, "nfc424", flows[i].seconds_424);
	}
	return 0;
}
