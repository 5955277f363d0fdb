/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual card in this process, with a channel over it and the test CA keys. */
#ifndef SIM_CARD_H
#define SIM_CARD_H

#include <card/authenticity.h>
#include <card/sim.h>

struct sim_card {
	card_sim_t *sim;
	card_reader_t *reader;
	card_channel_t *channel;
	card_cvca_t *cas; /* published keys and those of build/fixtures */
};

/* Persona by name; quirk may be NULL. The transaction is begun. */
void sim_card_start(struct sim_card *c, const char *persona, const char *quirk);
void sim_card_stop(struct sim_card *c);

/* A secret with this value; free with card_secret_free. */
card_secret_t *sim_card_secret(const char *value);

/* Commands so far, without the clearing SELECTs. */
unsigned sim_card_commands(const struct sim_card *c);

/* Secrets of the published test person (card-spec 10.1) and the test PINs. */
#define TEST_AUTH_PIN  "1234"
#define TEST_TEXT_PIN  "1234"
#define TEST_PASSWORD  "ABC123"
#define TEST_NUMBER_A  "537686677188"
#define TEST_NUMBER_B  "55021720352285"
#define TEST_BIRTH_KEY "550217"

#endif
