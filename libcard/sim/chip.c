/* SPDX-License-Identifier: Apache-2.0 */
/* Making a chip from a persona, and its power. */
#include "local.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Formats and tries: card-spec 4.4. */
static const struct {
	size_t least, most;
	int max; /* 0: from the table of choices */
	bool changes;
} kinds[SIM_SECRET_COUNT_] = {
	[SIM_SECRET_AUTH] = {4, 4, 3, true},         [SIM_SECRET_SIGN] = {6, 16, 5, true},
	[SIM_SECRET_TEXT] = {4, 4, 3, true},         [SIM_SECRET_TEXT_A] = {12, 12, 0, false},
	[SIM_SECRET_TEXT_B] = {14, 14, 10, false},   [SIM_SECRET_TEXT_12] = {4, 4, 3, false},
	[SIM_SECRET_SURFACE_A] = {12, 12, 0, false}, [SIM_SECRET_SURFACE_B] = {14, 14, 10, false},
	[SIM_SECRET_BIRTH] = {6, 6, 0, false},       [SIM_SECRET_JUKI] = {4, 4, 3, true},
	[SIM_SECRET_COMMON] = {4, 4, 3, true},       [SIM_SECRET_LICENCE] = {4, 4, 10, false},
	[SIM_SECRET_LOCAL] = {4, 4, 0, true},
};

static enum card_error fill_secrets(struct sim_chip *c, struct card_sim_problem *problem)
{
	for (size_t i = 0; i < SIM_SECRET_COUNT_; i++) {
		struct sim_secret *s = &c->secret[i];

		s->least = kinds[i].least;
		s->most = kinds[i].most;
		s->changes = kinds[i].changes;
		s->max = kinds[i].max            ? kinds[i].max
			 : i == SIM_SECRET_BIRTH ? c->behaviour.choice[SIM_TRIES_BIRTH]
			 : i == SIM_SECRET_LOCAL ? c->behaviour.choice[SIM_TRIES_LOCAL]
						 : c->behaviour.choice[SIM_TRIES_A];
		s->n = strlen(c->persona.secret[i]);
		memcpy(s->value, c->persona.secret[i], s->n);
		s->left = c->persona.tries[i] < 0 ? s->max : c->persona.tries[i];
		if (s->left > s->max)
			return sim_fail(problem, CARD_ERR_MALFORMED,
					"Persona: tries.%s: there are %d at most.",
					sim_secret_names[i], s->max);
	}
	return CARD_OK;
}

static enum card_error add_quirks(struct sim_chip *c, const struct card_sim_options *opt,
				  struct card_sim_problem *problem)
{
	const char *unknown = NULL;
	int length = 0;

	sim_behaviour_init(&c->behaviour);
	for (const char *s = c->persona.quirks; *s;) {
		size_t n = strcspn(s, " ");

		if (n && !unknown && !sim_behaviour_add(&c->behaviour, s, n)) {
			unknown = s;
			length = (int)n;
		}
		s += n + strspn(s + n, " ");
	}
	for (size_t i = 0; opt && i < opt->n_quirks; i++) {
		const char *s = opt->quirks[i];

		if (!unknown && !sim_behaviour_add(&c->behaviour, s, strlen(s))) {
			unknown = s;
			length = (int)strlen(s);
		}
	}
	if (!unknown)
		return CARD_OK;
	return sim_fail(problem, CARD_ERR_MALFORMED,
			"There is no quirk %.*s (docs/vcard.md lists them).",
			length > 80 ? 80 : length, unknown);
}

/* ATRs: card-spec 2.2, 2.3. */
static void choose_atr(struct sim_chip *c)
{
	static const struct {
		enum sim_fault fault;
		const char *atr;
	} quirks[] = {
		{SIM_FAULT_ATR_CONTACT_OLD, "3BE000FF8131FE4514"},
		{SIM_FAULT_ATR_CONTACT_NEW, "3BDA13FF8131FB468012392F31C173C601C03B"},
		{SIM_FAULT_ATR_CONTACT_73C6, "3BC5FF8131FB458073C6010000"},
		{SIM_FAULT_ATR_TYPE_B_41, "3B888001000041E0B381A1003B"},
		{SIM_FAULT_ATR_TYPE_B_4B, "3B888001004B51FFB381D1000F"},
		{SIM_FAULT_ATR_READER_MADE, "3BF59100FF918171FE40004200010000D1D6"},
	};
	static const char *const by_token[SIM_TOKEN_COUNT_] = {
		[SIM_TOKEN_CARD] = "3B888001000005E0B381A1007F",
		[SIM_TOKEN_ANDROID] = "3B80800101",
		[SIM_TOKEN_IPHONE] = "3B80800101",
		[SIM_TOKEN_JUKI] = "3B888001000014E0B38191005E",
		[SIM_TOKEN_LICENCE] = "3B888001000000009181C100D8",
		[SIM_TOKEN_RESIDENCE] = "3B888001000000009181C100D8",
	};
	bool phone = c->persona.token == SIM_TOKEN_ANDROID || c->persona.token == SIM_TOKEN_IPHONE;
	const char *atr = by_token[phone && !c->behaviour.choice[SIM_PHONE_ATR] ? SIM_TOKEN_CARD
										: c->persona.token];
	struct sim_buf b = {0};

	for (size_t i = 0; i < sizeof quirks / sizeof quirks[0]; i++) {
		if (sim_fault(&c->behaviour, quirks[i].fault))
			atr = quirks[i].atr;
	}
	sim_put_hex(&b, atr);
	if (!b.failed && b.n <= sizeof c->atr) {
		memcpy(c->atr, b.p, b.n);
		c->atr_n = b.n;
	}
	sim_buf_free(&b);
}

static enum card_error fill(struct sim_chip *c, struct card_sim_problem *problem)
{
	struct sim_contents x = {.chip = c, .problem = problem};
	enum sim_token token = c->persona.token;
	char name[32], digits[8];
	enum card_error err = sim_pki_open(&x.pki, &c->home, false, problem);

	if (err)
		return err;
	/* the key a municipality signs its residents' records with (3.8) */
	snprintf(digits, sizeof digits, "%.5s21", c->persona.municipality);
	sim_key_id(x.municipal_id, digits, "000", 0x00);
	snprintf(name, sizeof name, "cv-municipal-%.5s", c->persona.municipality);
	x.municipal = sim_key(&c->home, "keys", name);
	c->stray = sim_key(&c->home, "keys", "stray");
	if (!x.municipal || !c->stray)
		err = sim_fail(problem, CARD_ERR_CRYPTO, "Cannot make the test keys.");
	struct sim_ap *mf = sim_add_ap(c, SIM_MF, "A0000001510000");
	if (token == SIM_TOKEN_CARD)
		sim_add_ef(mf, 0x001E, SIM_EF_UNKNOWN, SIM_NEVER)->read_sw = 0x6981;
	if (!err && token <= SIM_TOKEN_JUKI)
		err = sim_content_jpki(&x);
	if (!err && token == SIM_TOKEN_CARD)
		err = sim_content_surface(&x);
	if (!err && token == SIM_TOKEN_CARD)
		err = sim_content_text(&x);
	if (!err)
		err = sim_content_others(&x);
	if (!err)
		err = sim_content_local(&x);
	EVP_PKEY_free(x.municipal);
	sim_pki_close(&x.pki);
	return err;
}

enum card_error sim_chip_new(struct sim_chip **out, const char *persona,
			     const struct card_sim_options *opt, struct card_sim_problem *problem)
{
	struct sim_chip *c = calloc(1, sizeof *c);
	enum card_error err;

	if (!c)
		return CARD_ERR_NO_MEMORY;
	if ((err = sim_home_find(&c->home, opt ? opt->fixtures : NULL, problem)) == CARD_OK &&
	    (err = sim_persona_load(&c->persona, &c->home, persona, problem)) == CARD_OK &&
	    (err = add_quirks(c, opt, problem)) == CARD_OK &&
	    (err = fill_secrets(c, problem)) == CARD_OK && opt && opt->state_dir) {
		snprintf(c->home.spare, sizeof c->home.spare, "%s", opt->state_dir);
		err = sim_state_load(c, opt->state_dir, problem);
	}
	if (!err) {
		choose_atr(c);
		err = fill(c, problem);
	}
	if (err) {
		sim_chip_free(c);
		return err;
	}
	sim_chip_power_on(c);
	*out = c;
	return CARD_OK;
}

void sim_chip_free(struct sim_chip *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_ap; i++) {
		for (size_t k = 0; k < c->ap[i].n_ef; k++) {
			sim_buf_free(&c->ap[i].ef[k].content);
			EVP_PKEY_free(c->ap[i].ef[k].key);
		}
	}
	for (size_t i = 0; i < c->n_object; i++)
		sim_buf_free(&c->object[i].content);
	sim_buf_free(&c->waiting);
	EVP_PKEY_free(c->session_key);
	EVP_PKEY_free(c->stray);
	OPENSSL_cleanse(&c->local, sizeof c->local);
	free(c);
}

void sim_chip_power_on(struct sim_chip *c)
{
	sim_chip_warm_reset(c);
	c->current = c->status_ap = 0;
	c->ef = NULL;
	c->verified = 0;
	c->fresh = true;
}

/* A warm reset does not clear the security status (card-spec 2.5). */
void sim_chip_warm_reset(struct sim_chip *c)
{
	if (c->behaviour.choice[SIM_RESET_TO_MF]) {
		c->current = 0;
		c->ef = NULL;
	}
	c->waiting.n = 0;
	memset(&c->session, 0, sizeof c->session);
	c->local.challenged = false;
}
