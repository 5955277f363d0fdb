/* SPDX-License-Identifier: Apache-2.0 */
/* READ BINARY, READ RECORD, GET DATA, GET CHALLENGE: card-spec 3.7, 4.1. */
#include <openssl/rand.h>
#include <string.h>

#include "command.h"

unsigned sim_do_read_binary(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	struct sim_ef *ef = c->ef;
	size_t offset = (size_t)a->p1 << 8 | a->p2;

	if (a->p1 & 0x80) { /* short identifier: P1 = 80|SFI, P2 = offset */
		if (a->p1 & 0x60 || (a->p1 & 0x1F) == 0x1F || (a->p1 & 0x1F) == 0 ||
		    sim_fault(&c->behaviour, SIM_FAULT_NO_SFI))
			return 0x6A86;
		ef = sim_ef_by_sfi(c, a->p1 & 0x1F);
		if (!ef)
			return 0x6A82;
		offset = a->p2;
	}
	if (!a->has_le || a->lc)
		return 0x6700;
	if (!ef)
		return c->behaviour.choice[SIM_NO_EF];
	if (ef->read_sw)
		return ef->read_sw;
	if (ef->kind == SIM_EF_UNKNOWN)
		return c->behaviour.choice[SIM_UNKNOWN_READ];
	if (ef->kind != SIM_EF_BINARY)
		return 0x6981;
	if (!sim_may(c, ef))
		return 0x6982;
	if (sim_fault(&c->behaviour, SIM_FAULT_EMPTY_ANSWER))
		return 0x9000;
	if (offset >= ef->content.n)
		return c->behaviour.choice[SIM_READ_END];
	size_t n = ef->content.n - offset;
	if (n < a->le && sim_fault(&c->behaviour, SIM_FAULT_6CXX))
		return 0x6C00u | (unsigned)(n & 0xFF);
	bool partly = n < a->le && a->le != (a->extended ? 65536u : 256u);
	if (n > a->le)
		n = a->le;
	sim_put(out, ef->content.p + offset, n);
	if (sim_fault(&c->behaviour, SIM_FAULT_WRONG_LENGTH))
		sim_put8(out, 0x00);
	return partly ? c->behaviour.choice[SIM_READ_PART] : 0x9000;
}

/* Where record `number` starts; content is simple TLV. */
static bool find_record(const struct sim_buf *content, unsigned number, size_t *at, size_t *n)
{
	size_t pos = 0;

	for (unsigned i = 1; pos + 2 <= content->n; i++) {
		size_t size = 2u + content->p[pos + 1];

		if (i == number) {
			*at = pos;
			*n = size;
			return true;
		}
		pos += size;
	}
	return false;
}

unsigned sim_do_read_record(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	struct sim_ef *ef = c->ef;
	unsigned sfi = a->p2 >> 3, mode = a->p2 & 0x07;
	size_t at, n;

	if (mode != 4 && mode != 5)
		return 0x6A86;
	if (sfi == 31 || (sfi && sim_fault(&c->behaviour, SIM_FAULT_NO_SFI)))
		return 0x6A86;
	if (sfi) {
		ef = sim_ef_by_sfi(c, sfi);
		if (!ef)
			return 0x6A82;
	}
	if (!a->has_le || a->lc)
		return 0x6700;
	if (!ef)
		return c->behaviour.choice[SIM_NO_EF];
	if (ef->read_sw)
		return ef->read_sw;
	if (ef->kind != SIM_EF_RECORD)
		return ef->kind == SIM_EF_UNKNOWN ? c->behaviour.choice[SIM_UNKNOWN_READ] : 0x6981;
	if (!sim_may(c, ef))
		return 0x6982;
	if (mode == 5 && !c->behaviour.choice[SIM_RECORDS])
		return 0x6A81;
	if (a->p1 == 0)
		return 0x6A86;
	if (!find_record(&ef->content, a->p1, &at, &n))
		return 0x6A83;
	if (mode == 5)
		n = ef->content.n - at;
	if (n < a->le && sim_fault(&c->behaviour, SIM_FAULT_6CXX))
		return 0x6C00u | (unsigned)(n & 0xFF);
	sim_put(out, ef->content.p + at, n > a->le ? a->le : n);
	return 0x9000;
}

/* 5F51 may answer elsewhere; all others at the MF only. */
static bool answers_here(const struct sim_chip *c, unsigned tag)
{
	bool at_mf = c->current == 0;

	if (tag != 0x5F51)
		return at_mf;
	switch (c->behaviour.choice[SIM_ATR_OBJECT]) {
	case SIM_AT_MF:
		return at_mf;
	case SIM_IN_AP:
		return !at_mf;
	default:
		return false;
	}
}

unsigned sim_do_get_data(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	unsigned tag = (unsigned)a->p1 << 8 | a->p2;

	if (!a->has_le || a->lc)
		return 0x6700;
	for (size_t i = 0; i < c->n_object; i++) {
		const struct sim_buf *o = &c->object[i].content;

		if (c->object[i].tag != tag || !answers_here(c, tag))
			continue;
		if (o->n > a->le) /* a large object: again with extended Le */
			return 0x6700;
		if (o->n < a->le && !a->extended && sim_fault(&c->behaviour, SIM_FAULT_6CXX))
			return 0x6C00u | (unsigned)(o->n & 0xFF);
		sim_put(out, o->p, o->n);
		return 0x9000;
	}
	return 0x6A88;
}

unsigned sim_do_challenge(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	uint8_t random[256];

	if (a->p1 || a->p2)
		return 0x6A86;
	if (a->extended)
		return 0x6985;
	if (!a->has_le || a->lc)
		return 0x6700;
	if (RAND_bytes(random, (int)a->le) != 1)
		return 0x6F00;
	if (c->ap[c->current].id == SIM_LOCAL) { /* kept for MUTUAL AUTHENTICATE */
		c->local.challenged = a->le == SIM_LOCAL_CHALLENGE;
		memcpy(c->local.challenge, random, SIM_LOCAL_CHALLENGE);
	}
	sim_put(out, random, a->le);
	return 0x9000;
}
