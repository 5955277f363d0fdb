/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a command APDU to the function that executes it. Checks come in the order
 * of a real card: class, instruction, lengths of the APDU, then the command's own
 * P1 P2, file, condition.
 */
#include "local.h"

#include <string.h>

void sim_apdu_parse(struct sim_apdu *a, const uint8_t *cmd, size_t n)
{
	memset(a, 0, sizeof *a);
	a->cla = cmd[0];
	a->ins = cmd[1];
	a->p1 = cmd[2];
	a->p2 = cmd[3];
	if (n == 4)
		return;
	if (n == 5) {
		a->has_le = true;
		a->le = cmd[4] ? cmd[4] : 256;
		return;
	}
	if (cmd[4] != 0) {
		a->lc = cmd[4];
		a->data = cmd + 5;
		if (n == 6 + a->lc) {
			a->has_le = true;
			a->le = cmd[n - 1] ? cmd[n - 1] : 256;
		} else if (n != 5 + a->lc) {
			a->malformed = true;
		}
		return;
	}
	a->extended = true;
	if (n < 7) {
		a->malformed = true;
		return;
	}
	size_t field = (size_t)cmd[5] << 8 | cmd[6];
	if (n == 7) {
		a->has_le = true;
		a->le = field ? field : 65536;
		return;
	}
	a->lc = field;
	a->data = cmd + 7;
	if (n == 9 + a->lc) {
		a->has_le = true;
		a->le = (size_t)cmd[n - 2] << 8 | cmd[n - 1];
		if (a->le == 0)
			a->le = 65536;
	} else if (n != 7 + a->lc) {
		a->malformed = true;
	}
	if (a->lc == 0)
		a->malformed = true;
}

struct sim_ef *sim_ef_by_id(struct sim_chip *c, unsigned id)
{
	struct sim_ap *ap = &c->ap[c->current];

	for (size_t i = 0; id != 0 && i < ap->n_ef; i++) {
		if (ap->ef[i].id == id)
			return &ap->ef[i];
	}
	return NULL;
}

struct sim_ef *sim_ef_by_sfi(struct sim_chip *c, unsigned sfi)
{
	struct sim_ef *ef = sfi >= 1 && sfi <= 30 ? sim_ef_by_id(c, sfi) : NULL;

	if (ef)
		c->ef = ef;
	return ef;
}

struct sim_ef *sim_ef_of_p2(struct sim_chip *c, unsigned p2, unsigned *sw)
{
	struct sim_ef *ef;

	if ((p2 & 0xE0) != 0x80 || (p2 & 0x1F) == 0x1F) {
		*sw = 0x6A86;
		return NULL;
	}
	if (p2 == 0x80) {
		*sw = c->behaviour.choice[SIM_NO_EF];
		return c->ef;
	}
	if (sim_fault(&c->behaviour, SIM_FAULT_NO_SFI)) {
		*sw = 0x6A86;
		return NULL;
	}
	ef = sim_ef_by_sfi(c, p2 & 0x1F);
	*sw = 0x6A82;
	return ef;
}

/* Instructions and the class they belong to (card-spec 4.1). */
static const struct {
	uint8_t cla, ins;
} known[] = {
	{0x00, 0xA4}, {0x00, 0x20}, {0x00, 0xB0}, {0x00, 0xB2}, {0x00, 0x24},
	{0x00, 0x84}, {0x00, 0x88}, {0x00, 0xCA}, {0x00, 0xC0}, {0x00, 0x82},
	{0x80, 0x2A}, {0x80, 0x32}, {0x80, 0xAE}, {0x80, 0xA2}, {0x80, 0xFC},
	{0x80, 0x8A}, {0x80, 0x50}, {0x80, 0x52}, {0x80, 0x54}, {0x80, 0x06},
};

/* 0: the class and instruction exist. */
static unsigned check_class(const struct sim_apdu *a)
{
	bool ins = false;

	if (a->cla == 0x08 || a->cla == 0x0C)
		return 0;
	/* logical channels: 2.5 */
	if ((a->cla & 0x7C) == 0x00 && (a->cla & 0x03) != 0)
		return 0x6881;
	if ((a->cla & 0xC0) == 0x40)
		return 0x6881;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].ins != a->ins)
			continue;
		if (known[i].cla == a->cla)
			return 0;
		ins = true;
	}
	return (a->cla == 0x00 || a->cla == 0x80) && !ins ? 0x6D00 : 0x6E00;
}

/* 80 A2: terminal certificate, JPKI AP only. */
static unsigned do_terminal(const struct sim_chip *c, const struct sim_apdu *a)
{
	if (c->ap[c->current].id != SIM_JPKI)
		return 0x6D00;
	if ((a->p1 != 0x06 && a->p1 != 0x00) || a->p2 != 0xC1)
		return 0x6A86;
	return c->behaviour.choice[SIM_TERMINAL];
}

/* Issuer's commands: no use without the issuer's keys. */
static unsigned do_administration(const struct sim_chip *c, const struct sim_apdu *a)
{
	if (a->ins == 0x8A && a->p1 != 0x22 && a->p1 != 0x24)
		return 0x6A86;
	return c->behaviour.choice[SIM_ADMINISTRATION];
}

static unsigned do_more(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	size_t n = c->waiting.n;

	if (sim_fault(&c->behaviour, SIM_FAULT_61XX_ENDLESS)) {
		sim_put8(out, 0xAA);
		return 0x6101;
	}
	if (n == 0)
		return c->behaviour.choice[SIM_GET_RESPONSE];
	if (!a->has_le)
		return 0x6700;
	if (n > a->le)
		n = a->le;
	sim_put(out, c->waiting.p, n);
	memmove(c->waiting.p, c->waiting.p + n, c->waiting.n - n);
	c->waiting.n -= n;
	return c->waiting.n ? 0x6100u | (c->waiting.n > 255 ? 0 : (unsigned)c->waiting.n) : 0x9000;
}

static unsigned dispatch(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	switch (a->cla << 8 | a->ins) {
	case 0x00A4:
		return sim_do_select(c, a, out);
	case 0x0020:
		return sim_do_verify(c, a);
	case 0x0024:
	case 0x8032:
		return sim_do_change(c, a);
	case 0x00B0:
		return sim_do_read_binary(c, a, out);
	case 0x00B2:
		return sim_do_read_record(c, a, out);
	case 0x00CA:
		return sim_do_get_data(c, a, out);
	case 0x0084:
		return sim_do_challenge(c, a, out);
	case 0x0088:
		return sim_do_authenticate(c, a, out);
	case 0x0082:
		if (c->ap[c->current].id == SIM_LOCAL)
			return sim_do_mutual(c, a, out);
		return c->behaviour.choice[SIM_EXTERNAL_AUTHENTICATE];
	case 0x802A:
		return sim_do_sign(c, a, out);
	case 0x80AE:
		return sim_do_session(c, a);
	case 0x80A2:
		return do_terminal(c, a);
	case 0x80FC: /* only the iPhone token knows it (8.1) */
		return a->p1 || a->p2                         ? 0x6A86
		       : c->persona.token == SIM_TOKEN_IPHONE ? 0x9000
							      : 0x6700;
	default:
		return do_administration(c, a);
	}
}

static unsigned execute(struct sim_chip *c, const uint8_t *cmd, size_t n, struct sim_buf *out)
{
	struct sim_apdu a;

	if (n < 4)
		return 0x6700;
	sim_apdu_parse(&a, cmd, n);
	unsigned sw = check_class(&a);
	if (sw)
		return sw;
	bool more = a.cla == 0x00 && a.ins == 0xC0;
	if (!more)
		c->waiting.n = 0;
	if (a.malformed)
		return 0x6700;
	if (c->fresh && c->behaviour.choice[SIM_FIRST_COMMAND]) {
		c->fresh = false;
		return c->behaviour.choice[SIM_FIRST_COMMAND];
	}
	c->fresh = false;
	if (a.cla == 0x08 || a.cla == 0x0C)
		return sim_do_protected(c, &a, out);
	return more ? do_more(c, &a, out) : dispatch(c, &a, out);
}

/* 61xx: keep the data back for GET RESPONSE. */
static unsigned hold_back(struct sim_chip *c, const uint8_t *cmd, struct sim_buf *out, size_t start)
{
	size_t n = out->n - start;

	if (cmd[1] == 0xC0 || n == 0)
		return 0x9000;
	sim_put(&c->waiting, out->p + start, n);
	out->n = start;
	return 0x6100u | (n > 255 ? 0 : (unsigned)n);
}

void sim_chip_command(struct sim_chip *c, const uint8_t *cmd, size_t n, struct sim_buf *out)
{
	size_t start = out->n;

	c->torn = false;
	c->rsa = c->writes = 0;
	unsigned sw = execute(c, cmd, n, out);
	if (sw != 0x9000 && (sw >> 8) != 0x62 && (sw >> 8) != 0x61)
		out->n = start; /* data goes with a normal end or a warning only */
	bool by_get_response = sim_fault(&c->behaviour, SIM_FAULT_61XX) ||
			       sim_fault(&c->behaviour, SIM_FAULT_61XX_ENDLESS);
	bool select_fci = n >= 4 && cmd[1] == 0xA4 && c->behaviour.choice[SIM_FCI] == SIM_FCI_61XX;
	if (sw == 0x9000 && (by_get_response || select_fci))
		sw = hold_back(c, cmd, out, start);
	sim_put16(out, sw);
}
