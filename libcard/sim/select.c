/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT (card-spec 2.5, 4.1). */
#include <string.h>

#include "command.h"

/* The security status belongs to one AP and ends when another is selected;
 * selecting the same again keeps it (2.5). */
static void enter(struct sim_chip *c, size_t ap)
{
	if (ap != c->status_ap) {
		c->verified = 0;
		c->local.challenged = false;
	}
	c->status_ap = ap;
	c->current = ap;
	c->ef = NULL;
	memset(&c->session, 0, sizeof c->session); /* 4.5 step 7 */
}

static unsigned put_fci(const struct sim_chip *c, struct sim_buf *out)
{
	const struct sim_ap *ap = &c->ap[c->current];
	size_t start = out->n;

	switch (c->behaviour.choice[SIM_FCI]) {
	case SIM_FCI_NONE:
		return 0x9000;
	case SIM_FCI_LONG: /* proprietary template with everything in it */
		sim_tlv(out, 0x84, ap->aid, ap->aid_n);
		sim_put_hex(out,
			    "A52050044A504B49870101BF0C055F2D026A61730C06072A864886FC6B01BF6300");
		sim_put_hex(out, "8A01058C0200FF");
		break;
	default:
		sim_tlv(out, 0x84, ap->aid, ap->aid_n);
	}
	sim_wrap(out, start, 0x6F);
	return 0x9000;
}

static unsigned select_ap(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	if (a->p2 != 0x0C && a->p2 != 0x00)
		return 0x6A86;
	if (a->p2 == 0x00 && c->behaviour.choice[SIM_FCI] == SIM_FCI_6A86)
		return 0x6A86;
	if (a->lc == 0)
		return c->behaviour.choice[SIM_SELECT_EMPTY];
	if (a->extended || a->lc > 16)
		return 0x6700;
	for (size_t i = 0; i < c->n_ap; i++) {
		const struct sim_ap *ap = &c->ap[i];

		if (ap->id == SIM_MF && !c->behaviour.choice[SIM_MANAGER])
			continue;
		/* a partial DF name selects too (2.5) */
		if (a->lc > ap->aid_n || memcmp(ap->aid, a->data, a->lc) != 0 ||
		    (a->lc < ap->aid_n && a->lc < c->behaviour.choice[SIM_PREFIX_LEAST]))
			continue;
		enter(c, i);
		return a->p2 == 0x00 ? put_fci(c, out) : 0x9000;
	}
	if (c->behaviour.choice[SIM_SELECT_FAILURE_LEAVES])
		enter(c, 0);
	return 0x6A82;
}

static unsigned select_ef(struct sim_chip *c, const struct sim_apdu *a)
{
	struct sim_ef *ef;

	if (a->p2 != 0x0C && a->p2 != 0x00)
		return 0x6A86;
	if (a->lc != 2 || a->extended)
		return 0x6700;
	ef = sim_ef_by_id(c, (unsigned)a->data[0] << 8 | a->data[1]);
	if (!ef)
		return 0x6A82;
	c->ef = ef;
	return 0x9000;
}

unsigned sim_do_select(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	switch (a->p1) {
	case 0x04:
		return select_ap(c, a, out);
	case 0x02:
		return select_ef(c, a);
	case 0x00:
		if (a->lc == 2)
			return 0x6A82; /* 3F00 and all others */
		if (a->lc != 0)
			return 0x6700;
		/* 00 A4 00 00: 6A86 at the MF; in an AP 9000 and nothing changes (2.5) */
		return c->current == 0 ? 0x6A86 : 0x9000;
	default:
		return 0x6A86;
	}
}
