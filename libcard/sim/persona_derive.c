/* SPDX-License-Identifier: Apache-2.0 */
/* What a persona file leaves out. */
#include "persona_derive.h"

#include <stdio.h>
#include <string.h>

#include "key.h"

size_t sim_characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

/* The n-th birthday after a day (the first one strictly later counts as 1).
 * 29 February becomes 28 in a common year. */
struct sim_day sim_birthday_after(struct sim_day birth, struct sim_day d, int n)
{
	struct sim_day b = {d.year, birth.month, birth.day};

	if (!sim_day_valid(b))
		b.day = 28;
	b.year += sim_day_compare(b, d) > 0 ? n - 1 : n;
	b.day = birth.day;
	if (!sim_day_valid(b))
		b.day = 28;
	return b;
}

int sim_age_on(struct sim_day birth, struct sim_day d)
{
	int years = d.year - birth.year;

	if (d.month < birth.month || (d.month == birth.month && d.day < birth.day))
		years--;
	return years;
}

/* Variation selectors: U+FE00..FE0F (3 bytes) and U+E0100..E01EF (4 bytes). */
static size_t selector(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;

	if (u[0] == 0xEF && u[1] == 0xB8 && u[2] >= 0x80 && u[2] <= 0x8F)
		return 3;
	if (u[0] == 0xF3 && u[1] == 0xA0 && (u[2] & 0xC0) == 0x80 && u[2] >= 0x84 && u[2] <= 0x87)
		return 4;
	return 0;
}

size_t sim_selectors(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += selector(s) != 0;
	return n;
}

/* Text as a certificate has it: without variation selectors, the characters that
 * had one flagged as 代替文字 (card-spec 7.4). */
static void substitute(const char *in, char *out, size_t cap, char *flags, size_t fcap)
{
	size_t o = 0, f = 0;

	while (*in && o + 5 < cap && f + 2 < fcap) {
		size_t n = selector(in);

		if (n) {
			if (f)
				flags[f - 1] = '1';
			in += n;
			continue;
		}
		flags[f++] = '0';
		do
			out[o++] = *in++;
		while (((unsigned char)*in & 0xC0) == 0x80);
	}
	out[o] = 0;
	flags[f] = 0;
}

/* Digits that belong to this persona alone, from what makes it one. */
void sim_derive_digits(const struct sim_persona *p, const char *what, char *out, size_t n)
{
	struct sim_buf b = {0};
	uint8_t digest[32];
	char d[9];

	sim_day_text(p->birth, d);
	sim_puts(&b, what);
	sim_puts(&b, p->name);
	sim_puts(&b, p->address);
	sim_puts(&b, d);
	sim_puts(&b, sim_token_names[p->token]);
	sim_sha256(b.p, b.n, digest);
	sim_buf_free(&b);
	for (size_t i = 0; i < n; i++)
		out[i] = (char)('0' + digest[i] % 10);
	out[n] = 0;
}

static uint32_t derive_serial(const struct sim_persona *p, const char *role)
{
	uint8_t digest[32];
	char s[64];
	int n = snprintf(s, sizeof s, "certificate %s %s", p->serial, role);

	sim_sha256(s, (size_t)n, digest);
	/* exactly four content octets in DER (card-spec 7.2) */
	return ((uint32_t)(digest[0] & 0x3F) + 0x10) << 24 | (uint32_t)digest[1] << 16 |
	       (uint32_t)digest[2] << 8 | digest[3];
}

/* CN: 14 alphanumerics, municipality, three digits, 'A' (card-spec 7.2). */
static void derive_cn(const struct sim_persona *p, const char *role, char *out, size_t cap)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	uint8_t digest[32];
	char s[64], id[15];
	int n = snprintf(s, sizeof s, "cn %s", p->serial);

	(void)role;
	sim_sha256(s, (size_t)n, digest);
	for (int i = 0; i < 14; i++)
		id[i] = alphabet[digest[i] % 36];
	id[14] = 0;
	snprintf(out, cap, "%s%s003A", id, p->municipality);
}

enum card_error sim_finish_wish(const struct sim_reading *r, struct sim_persona *p,
				struct sim_wish *w, const char *role, struct sim_day issued,
				struct sim_day second)
{
	if (!w->present)
		return CARD_OK;
	if (!w->from.year)
		w->from = issued;
	if (!w->to.year) {
		/* to the 5th birthday after issue, not beyond the card (card-spec 7.5) */
		w->to = sim_birthday_after(p->birth, w->from, 5);
		if (sim_day_compare(w->to, p->expires) > 0)
			w->to = p->expires;
	}
	if (sim_day_compare(w->from, w->to) > 0)
		return sim_wrong(r, role, "the certificate ends before it begins");
	if (!w->generation)
		w->generation = sim_day_compare(w->from, second) >= 0 ? 2 : 1;
	if (!w->serial)
		w->serial = derive_serial(p, role);
	if (!w->cn[0])
		derive_cn(p, role, w->cn, sizeof w->cn);
	if (w->revoked && !w->revoked_on.year)
		w->revoked_on = w->from;
	char flags[512];
	char plain[3072];
	substitute(p->name, plain, sizeof w->name, flags, sizeof w->name_flags);
	if (!w->name[0])
		snprintf(w->name, sizeof w->name, "%.1000s", plain);
	if (!w->name_flags[0])
		snprintf(w->name_flags, sizeof w->name_flags, "%.250s", flags);
	substitute(p->address, plain, sizeof plain, flags, sizeof flags);
	if (!w->address[0])
		snprintf(w->address, sizeof w->address, "%s", plain);
	if (!w->address_flags[0])
		snprintf(w->address_flags, sizeof w->address_flags, "%s", flags);
	if (sim_characters(w->name) != strlen(w->name_flags) ||
	    strspn(w->name_flags, "01") != strlen(w->name_flags))
		return sim_wrong(r, "name_flags",
				 "needs one 0 or 1 for each character of the name");
	if (sim_characters(w->address) != strlen(w->address_flags) ||
	    strspn(w->address_flags, "01") != strlen(w->address_flags))
		return sim_wrong(r, "address_flags",
				 "needs one 0 or 1 for each character of the address");
	return CARD_OK;
}
