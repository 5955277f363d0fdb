/* SPDX-License-Identifier: Apache-2.0 */
/* VERIFY, retry query and CHANGE: card-spec 4.1, 4.4. */
#include <openssl/crypto.h>
#include <string.h>

#include "command.h"

static unsigned query(const struct sim_chip *c, const struct sim_ef *ef)
{
	const struct sim_secret *s = &c->secret[ef->secret];
	unsigned after = c->behaviour.choice[SIM_QUERY_VERIFIED];

	if (s->left == 0)
		return c->behaviour.choice[SIM_QUERY_LOCKED];
	if ((c->verified & SIM_BY(ef->secret)) && after == 0x9000)
		return 0x9000;
	return 0x63C0u | (unsigned)s->left;
}

/*
 * One try: the counter goes down and is written before anything is compared, and
 * is restored after success, so that pulling the card gives no free try.
 */
static unsigned try_secret(struct sim_chip *c, enum sim_secret_id id, const uint8_t *p, size_t n)
{
	struct sim_secret *s = &c->secret[id];

	s->left--;
	if (!sim_state_save(c)) {
		s->left++;
		return 0x6581;
	}
	if (c->tear_at_counter) {
		c->torn = true;
		return 0x6F00;
	}
	if (n == s->n && CRYPTO_memcmp(p, s->value, n) == 0) {
		s->left = s->max;
		if (!sim_state_save(c))
			return 0x6581;
		c->verified |= SIM_BY(id);
		return 0x9000;
	}
	if (c->behaviour.choice[SIM_VERIFY_FAIL_CLEARS])
		c->verified &= ~SIM_BY(id);
	return 0x63C0u | (unsigned)s->left;
}

unsigned sim_do_verify(struct sim_chip *c, const struct sim_apdu *a)
{
	unsigned sw;

	if (a->p1 != 0)
		return 0x6A86;
	struct sim_ef *ef = sim_ef_of_p2(c, a->p2, &sw);
	if (!ef)
		return sw;
	if (a->has_le && a->lc == 0)
		return c->behaviour.choice[SIM_VERIFY_EMPTY];
	if (ef->kind != SIM_EF_SECRET)
		return ef->query_sw && a->lc == 0 ? ef->query_sw
						  : c->behaviour.choice[SIM_VERIFY_NOT_SECRET];
	if (a->lc == 0)
		return query(c, ef);
	const struct sim_secret *s = &c->secret[ef->secret];
	bool fits = a->lc >= s->least && a->lc <= s->most && !a->extended;
	if (!fits && c->behaviour.choice[SIM_VERIFY_LENGTH] != 0x63C0)
		return c->behaviour.choice[SIM_VERIFY_LENGTH];
	if (s->left == 0)
		return c->behaviour.choice[SIM_VERIFY_LOCKED];
	return try_secret(c, ef->secret, a->data, a->lc);
}

/* Sign password: A-Z and 0-9, at least one of each; PINs: digits (4.4). */
static bool acceptable(const struct sim_secret *s, const uint8_t *p, size_t n)
{
	size_t digits = 0, letters = 0;

	for (size_t i = 0; i < n; i++) {
		digits += p[i] >= '0' && p[i] <= '9';
		letters += p[i] >= 'A' && p[i] <= 'Z';
	}
	if (s->most == 4)
		return digits == n;
	return digits + letters == n && digits > 0 && letters > 0;
}

unsigned sim_do_change(struct sim_chip *c, const struct sim_apdu *a)
{
	enum sim_ap_id ap = c->ap[c->current].id;
	bool jicsap = ap == SIM_COMMON || ap == SIM_JUKI; /* CHANGE KEY 80 32 (4.1) */
	unsigned sw;

	if (jicsap != (a->ins == 0x32))
		return c->behaviour.choice[SIM_CHANGE_ELSEWHERE];
	if (a->p1 != (jicsap ? 0x00 : 0x01))
		return 0x6A86;
	struct sim_ef *ef = sim_ef_of_p2(c, a->p2, &sw);
	if (!ef)
		return sw;
	if (ef->kind != SIM_EF_SECRET)
		return c->behaviour.choice[SIM_VERIFY_NOT_SECRET];
	struct sim_secret *s = &c->secret[ef->secret];
	if (!(c->verified & SIM_BY(ef->secret)))
		return c->behaviour.choice[SIM_CHANGE_UNVERIFIED];
	if (!s->changes)
		return c->behaviour.choice[SIM_CHANGE_FIXED];
	if (a->lc < s->least || a->lc > s->most || a->extended)
		return c->behaviour.choice[SIM_CHANGE_LENGTH];
	if (!acceptable(s, a->data, a->lc))
		return c->behaviour.choice[SIM_CHANGE_FORMAT];
	struct sim_secret old = *s;
	memcpy(s->value, a->data, a->lc);
	s->n = a->lc;
	s->left = s->max;
	if (!sim_state_save(c)) {
		*s = old;
		return 0x6581;
	}
	return 0x9000;
}
