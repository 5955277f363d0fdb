/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_card.h"

#include "test.h"

/* Tests run from the top of the tree. */
#define TEST_CV_CA "build/fixtures/trust/cv-ca.csv"

void sim_card_start(struct sim_card *c, const char *persona, const char *quirk)
{
	struct card_sim_options opt = {
		.fixtures = "build/fixtures", .quirks = &quirk, .n_quirks = quirk != NULL ? 1 : 0};
	struct card_sim_problem problem;

	memset(c, 0, sizeof(*c));
	if (card_sim_new(&c->sim, persona, &opt, &problem) != CARD_OK)
		fail_msg("%s", problem.text);
	assert_ok(card_sim_reader_new(&c->reader, c->sim));
	assert_ok(card_channel_new(&c->channel, c->reader));
	assert_ok(card_cvca_new(&c->cas, true));
	assert_ok(card_cvca_load(c->cas, TEST_CV_CA));
	assert_ok(card_channel_begin(c->channel, 0));
}

void sim_card_stop(struct sim_card *c)
{
	card_channel_free(&c->channel);
	card_reader_free(&c->reader);
	card_sim_free(&c->sim);
	card_cvca_free(&c->cas);
}

card_secret_t *sim_card_secret(const char *value)
{
	card_secret_t *s = NULL;

	assert_ok(card_secret_new(&s));
	assert_ok(card_secret_set(s, card_bytes(value, strlen(value))));
	return s;
}

unsigned sim_card_commands(const struct sim_card *c)
{
	return card_channel_commands(c->channel) - card_channel_clearings(c->channel);
}
