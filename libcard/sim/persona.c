/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a persona file; every field has a default, every mistake a sentence. */
#include "persona.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "key.h"

const char *const sim_secret_names[SIM_SECRET_COUNT_] = {
	"auth",		    "sign",		"text",	 "text_number_a", "text_number_b",
	"text_0012",	    "surface_number_a", "surface_number_b", "birth", "juki",
	"common",	    "licence",
};

static const char *const token_names[SIM_TOKEN_COUNT_] = {"card", "android", "iphone",
							  "juki", "licence", "residence"};

/* CRLReason names of RFC 5280 5.3.1, by number. */
static const char *const reasons[] = {
	"unspecified",	     "keyCompromise",	"cACompromise",	   "affiliationChanged",
	"superseded",	     "cessationOfOperation", "certificateHold", "",
	"removeFromCRL",     "privilegeWithdrawn",   "aACompromise",
};

struct reading {
	const char *what; /* path of the file, for sentences */
	struct card_sim_problem *problem;
};

static enum card_error wrong(const struct reading *r, const char *field, const char *why)
{
	return sim_fail(r->problem, CARD_ERR_MALFORMED, "Persona %.120s: %.60s: %s.", r->what, field,
			why);
}

static enum card_error known_fields(const struct reading *r, const json_t *o, const char *where,
				    const char *const *names)
{
	void *it;
	char field[80];

	if (!json_is_object(o))
		return wrong(r, where, "must be an object");
	for (it = json_object_iter((json_t *)(uintptr_t)o); it;
	     it = json_object_iter_next((json_t *)(uintptr_t)o, it)) {
		const char *key = json_object_iter_key(it);
		bool known = false;

		for (size_t i = 0; names[i]; i++)
			known = known || strcmp(names[i], key) == 0;
		if (!known) {
			snprintf(field, sizeof field, "%.20s%s%.40s", where, *where ? "." : "", key);
			return wrong(r, field, "no such field (docs/personas.md lists them)");
		}
	}
	return CARD_OK;
}

/* A text field; absent leaves out as it is. */
static enum card_error text(const struct reading *r, const json_t *o, const char *name, char *out,
			    size_t cap)
{
	const json_t *v = json_object_get(o, name);

	if (!v)
		return CARD_OK;
	if (!json_is_string(v))
		return wrong(r, name, "must be text in quotes");
	if (strlen(json_string_value(v)) >= cap)
		return wrong(r, name, "is too long");
	snprintf(out, cap, "%s", json_string_value(v));
	return CARD_OK;
}

static bool all_digits(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789") == n;
}

static enum card_error day(const struct reading *r, const json_t *o, const char *name,
			   struct sim_day *out)
{
	char s[16] = "";
	struct sim_day d;
	enum card_error err = text(r, o, name, s, sizeof s);

	if (err || !s[0])
		return err;
	if (strlen(s) != 10 || s[4] != '-' || s[7] != '-' ||
	    sscanf(s, "%4d-%2d-%2d", &d.year, &d.month, &d.day) != 3 || !sim_day_valid(d))
		return wrong(r, name, "must be a day written YYYY-MM-DD");
	*out = d;
	return CARD_OK;
}

static enum card_error number(const struct reading *r, const json_t *o, const char *name, long least,
			      long most, long *out)
{
	const json_t *v = json_object_get(o, name);
	char why[64];

	if (!v)
		return CARD_OK;
	if (!json_is_integer(v) || json_integer_value(v) < least || json_integer_value(v) > most) {
		snprintf(why, sizeof why, "must be a number from %ld to %ld", least, most);
		return wrong(r, name, why);
	}
	*out = (long)json_integer_value(v);
	return CARD_OK;
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

/* The n-th birthday after a day (the first one strictly later counts as 1).
 * 29 February becomes 28 in a common year. */
static struct sim_day birthday_after(struct sim_day birth, struct sim_day d, int n)
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

static int age_on(struct sim_day birth, struct sim_day d)
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

static size_t selectors(const char *s)
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

static enum card_error read_wish(const struct reading *r, const json_t *certs, const char *role,
				 struct sim_wish *w)
{
	static const char *const fields[] = {"cn",	    "serial",	  "generation", "from",
					     "to",	    "revoked",	  "name",	"name_flags",
					     "address",	    "address_flags", NULL};
	static const char *const rev_fields[] = {"reason", "on", NULL};
	const json_t *o = certs ? json_object_get(certs, role) : NULL;
	enum card_error err;
	long generation = w->generation;
	char hex[16] = "";

	if (!o)
		return CARD_OK;
	if (json_is_null(o)) {
		w->present = false;
		return CARD_OK;
	}
	w->present = true;
	if ((err = known_fields(r, o, role, fields)) || (err = text(r, o, "cn", w->cn, sizeof w->cn)) ||
	    (err = text(r, o, "serial", hex, sizeof hex)) ||
	    (err = number(r, o, "generation", 1, 2, &generation)) ||
	    (err = day(r, o, "from", &w->from)) || (err = day(r, o, "to", &w->to)) ||
	    (err = text(r, o, "name", w->name, sizeof w->name)) ||
	    (err = text(r, o, "name_flags", w->name_flags, sizeof w->name_flags)) ||
	    (err = text(r, o, "address", w->address, sizeof w->address)) ||
	    (err = text(r, o, "address_flags", w->address_flags, sizeof w->address_flags)))
		return err;
	w->generation = (int)generation;
	if (hex[0]) {
		if (strlen(hex) != 8 || strspn(hex, "0123456789ABCDEFabcdef") != 8 || hex[0] > '7')
			return wrong(r, "serial", "must be 8 hexadecimal digits, the first at most 7");
		unsigned v = 0;
		sscanf(hex, "%8x", &v);
		w->serial = v;
	}
	const json_t *rev = json_object_get(o, "revoked");
	if (!rev)
		return CARD_OK;
	char reason[32] = "unspecified";
	w->revoked = true;
	w->revoked_on = w->from;
	if ((err = known_fields(r, rev, "revoked", rev_fields)) ||
	    (err = text(r, rev, "reason", reason, sizeof reason)) ||
	    (err = day(r, rev, "on", &w->revoked_on)))
		return err;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i][0] && strcmp(reasons[i], reason) == 0) {
			w->reason = (int)i;
			return CARD_OK;
		}
	}
	return wrong(r, "revoked.reason", "must be a CRLReason name of RFC 5280");
}

/* Digits that belong to this persona alone, from what makes it one. */
static void derive_digits(const struct sim_persona *p, const char *what, char *out, size_t n)
{
	struct sim_buf b = {0};
	uint8_t digest[32];
	char d[9];

	sim_day_text(p->birth, d);
	sim_puts(&b, what);
	sim_puts(&b, p->name);
	sim_puts(&b, p->address);
	sim_puts(&b, d);
	sim_puts(&b, token_names[p->token]);
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

/* First days of the second CA generations: fixtures/pki/recipe.json, card-spec 7.1. */
static const struct sim_day auth_second = {2023, 3, 24}, sign_second = {2024, 8, 29};

static enum card_error finish_wish(const struct reading *r, struct sim_persona *p,
				   struct sim_wish *w, const char *role, struct sim_day issued,
				   struct sim_day second)
{
	if (!w->present)
		return CARD_OK;
	if (!w->from.year)
		w->from = issued;
	if (!w->to.year) {
		/* to the 5th birthday after issue, not beyond the card (card-spec 7.5) */
		w->to = birthday_after(p->birth, w->from, 5);
		if (sim_day_compare(w->to, p->expires) > 0)
			w->to = p->expires;
	}
	if (sim_day_compare(w->from, w->to) > 0)
		return wrong(r, role, "the certificate ends before it begins");
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
	if (characters(w->name) != strlen(w->name_flags) ||
	    strspn(w->name_flags, "01") != strlen(w->name_flags))
		return wrong(r, "name_flags", "needs one 0 or 1 for each character of the name");
	if (characters(w->address) != strlen(w->address_flags) ||
	    strspn(w->address_flags, "01") != strlen(w->address_flags))
		return wrong(r, "address_flags", "needs one 0 or 1 for each character of the address");
	return CARD_OK;
}

static enum card_error read_secrets(const struct reading *r, const json_t *root,
				    struct sim_persona *p)
{
	static const char *const fields[] = {"auth", "sign", "text", "juki", "common", "licence", NULL};
	static const enum sim_secret_id ids[] = {SIM_SECRET_AUTH, SIM_SECRET_SIGN,   SIM_SECRET_TEXT,
						 SIM_SECRET_JUKI, SIM_SECRET_COMMON, SIM_SECRET_LICENCE};
	const json_t *o = json_object_get(root, "secrets");
	enum card_error err;

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		snprintf(p->secret[ids[i]], sizeof p->secret[0], "%s",
			 ids[i] == SIM_SECRET_SIGN ? "ABC123" : "1234");
	for (size_t i = 0; i < SIM_SECRET_COUNT_; i++)
		p->tries[i] = -1;
	p->tries[SIM_SECRET_TEXT_12] = 0; /* blocked on every card: card-spec 3.4 */
	if (o) {
		if ((err = known_fields(r, o, "secrets", fields)))
			return err;
		for (size_t i = 0; fields[i]; i++) {
			char *s = p->secret[ids[i]];

			if ((err = text(r, o, fields[i], s, sizeof p->secret[0])))
				return err;
			bool good = ids[i] == SIM_SECRET_SIGN
					    ? strlen(s) >= 6 && strspn(s, "0123456789ABCDEFGHIJKLMNO"
									  "PQRSTUVWXYZ") == strlen(s)
					    : all_digits(s, 4);
			if (!good)
				return wrong(r, fields[i],
					     ids[i] == SIM_SECRET_SIGN
						     ? "the sign password is 6 to 16 of A-Z and 0-9"
						     : "a PIN is four digits");
		}
	}
	snprintf(p->secret[SIM_SECRET_TEXT_12], sizeof p->secret[0], "0000");
	snprintf(p->secret[SIM_SECRET_TEXT_A], sizeof p->secret[0], "%s", p->number);
	snprintf(p->secret[SIM_SECRET_SURFACE_A], sizeof p->secret[0], "%s", p->number);
	snprintf(p->secret[SIM_SECRET_TEXT_B], sizeof p->secret[0], "%s", p->number_b);
	snprintf(p->secret[SIM_SECRET_SURFACE_B], sizeof p->secret[0], "%s", p->number_b);
	snprintf(p->secret[SIM_SECRET_BIRTH], sizeof p->secret[0], "%s", p->birth_key);

	o = json_object_get(root, "tries");
	if (!o)
		return CARD_OK;
	const char *names[SIM_SECRET_COUNT_ + 1] = {0};
	for (size_t i = 0; i < SIM_SECRET_COUNT_; i++)
		names[i] = sim_secret_names[i];
	if ((err = known_fields(r, o, "tries", names)))
		return err;
	for (size_t i = 0; i < SIM_SECRET_COUNT_; i++) {
		long n = p->tries[i];

		if ((err = number(r, o, names[i], 0, 10, &n)))
			return err;
		p->tries[i] = (int)n;
	}
	return CARD_OK;
}

static enum card_error read_quirks(const struct reading *r, const json_t *root,
				   struct sim_persona *p)
{
	const json_t *o = json_object_get(root, "quirks");
	size_t used = 0;

	if (!o)
		return CARD_OK;
	if (!json_is_array(o))
		return wrong(r, "quirks", "must be a list of names");
	for (size_t i = 0; i < json_array_size(o); i++) {
		const char *s = json_string_value(json_array_get(o, i));

		if (!s || used + strlen(s) + 2 > sizeof p->quirks)
			return wrong(r, "quirks", "must be a list of names");
		used += (size_t)snprintf(p->quirks + used, sizeof p->quirks - used, "%s ", s);
	}
	return CARD_OK;
}

static enum card_error read_place(const struct reading *r, const json_t *root, struct sim_persona *p)
{
	static const char *const fields[] = {"code", "prefecture", "city", NULL};
	const json_t *o = json_object_get(root, "municipality");
	enum card_error err;

	if (!o) {
		snprintf(p->municipality, sizeof p->municipality, "13221");
		snprintf(p->prefecture, sizeof p->prefecture, "Tokyo-to");
		snprintf(p->city, sizeof p->city, "Kiyose-shi");
		return CARD_OK;
	}
	if ((err = known_fields(r, o, "municipality", fields)) ||
	    (err = text(r, o, "code", p->municipality, sizeof p->municipality)) ||
	    (err = text(r, o, "prefecture", p->prefecture, sizeof p->prefecture)) ||
	    (err = text(r, o, "city", p->city, sizeof p->city)))
		return err;
	if (!all_digits(p->municipality, 5) || !p->prefecture[0] || !p->city[0])
		return wrong(r, "municipality", "needs code (5 digits), prefecture and city "
						"(romanised, e.g. Tokyo-to, Kiyose-shi)");
	return CARD_OK;
}

static enum card_error read_numbers(const struct reading *r, const json_t *root,
				    struct sim_persona *p)
{
	enum card_error err;
	char code[5] = "";
	int era_year = 0;

	derive_digits(p, "serial", p->serial + 5, 10);
	memcpy(p->serial, "40000", 5);
	derive_digits(p, "number", p->number, 11);
	p->number[11] = sim_number_check_digit(p->number);
	p->number[12] = 0;
	derive_digits(p, "security code", code, 4);
	if ((err = text(r, root, "serial", p->serial, sizeof p->serial)) ||
	    (err = text(r, root, "number", p->number, sizeof p->number)) ||
	    (err = text(r, root, "security_code", code, sizeof code)))
		return err;
	if (!all_digits(p->serial, 15))
		return wrong(r, "serial", "must be 15 digits");
	if (!all_digits(code, 4))
		return wrong(r, "security_code", "must be 4 digits");
	if (!all_digits(p->number, 12) || p->number[11] != sim_number_check_digit(p->number))
		return wrong(r, "number", "must be 12 digits with the right check digit");
	sim_day_era(p->birth, &era_year);
	snprintf(p->birth_key, sizeof p->birth_key, "%02u%02u%02u", (unsigned)era_year % 100u,
		 (unsigned)p->birth.month % 100u, (unsigned)p->birth.day % 100u);
	snprintf(p->number_b, sizeof p->number_b, "%s%04u%s", p->birth_key,
		 (unsigned)p->expires.year % 10000u, code);
	return CARD_OK;
}

static enum card_error read_licence(const struct reading *r, const json_t *root,
				    struct sim_persona *p)
{
	static const char *const fields[] = {"pin", "expires", NULL};
	const json_t *o = json_object_get(root, "licence");
	enum card_error err;

	if (!o)
		return CARD_OK;
	p->has_licence = true;
	p->licence_expires = p->expires;
	if ((err = known_fields(r, o, "licence", fields)) ||
	    (err = day(r, o, "expires", &p->licence_expires)))
		return err;
	p->licence_pin_set = json_is_true(json_object_get(o, "pin"));
	return CARD_OK;
}

static enum card_error read_root(const struct reading *r, const json_t *root, struct sim_persona *p)
{
	static const char *const fields[] = {
		"comment", "token",	   "name",   "address",	     "birth",	     "sex",
		"number",  "municipality", "serial", "issued",	     "expires",	     "security_code",
		"secrets", "tries",	   "quirks", "certificates", "licence",	     NULL};
	static const char *const certs[] = {"auth", "sign", NULL};
	struct sim_day issued = {2025, 10, 27};
	char token[16] = "card", sex[2] = "1";
	enum card_error err;

	memset(p, 0, sizeof *p);
	snprintf(p->name, sizeof p->name, "試験　花子");
	snprintf(p->address, sizeof p->address, "東京都清瀬市試験町１－２－３");
	p->birth = (struct sim_day){1980, 2, 17};
	if ((err = known_fields(r, root, "", fields)) ||
	    (err = text(r, root, "token", token, sizeof token)) ||
	    (err = text(r, root, "name", p->name, sizeof p->name)) ||
	    (err = text(r, root, "address", p->address, sizeof p->address)) ||
	    (err = day(r, root, "birth", &p->birth)) || (err = day(r, root, "issued", &issued)) ||
	    (err = text(r, root, "sex", sex, sizeof sex)))
		return err;
	if (!p->name[0] || characters(p->name) > 100)
		return wrong(r, "name", "must have 1 to 100 characters");
	if (!p->address[0] || characters(p->address) - selectors(p->address) > 200)
		return wrong(r, "address", "must have 1 to 200 characters");
	if (!sex[0] || !strchr("0129", sex[0]))
		return wrong(r, "sex", "must be \"1\" male, \"2\" female, \"9\" or \"0\"");
	p->sex = sex[0];
	size_t t = 0;
	while (t < SIM_TOKEN_COUNT_ && strcmp(token_names[t], token) != 0)
		t++;
	if (t == SIM_TOKEN_COUNT_)
		return wrong(r, "token", "must be card, android, iphone, juki, licence or residence");
	p->token = (enum sim_token)t;
	int age = age_on(p->birth, issued);
	if (age < 0)
		return wrong(r, "issued", "is before the birth");
	/* ten birthdays for an adult, five below 18 */
	p->expires = birthday_after(p->birth, issued, age >= 18 ? 10 : 5);
	if ((err = day(r, root, "expires", &p->expires)) || (err = read_place(r, root, p)) ||
	    (err = read_numbers(r, root, p)) || (err = read_secrets(r, root, p)) ||
	    (err = read_quirks(r, root, p)) || (err = read_licence(r, root, p)))
		return err;
	const json_t *c = json_object_get(root, "certificates");
	if (c && (err = known_fields(r, c, "certificates", certs)))
		return err;
	p->auth.present = p->token <= SIM_TOKEN_IPHONE;
	p->sign.present = p->token <= SIM_TOKEN_IPHONE && age >= 15; /* card-spec 7.3 */
	if ((err = read_wish(r, c, "auth", &p->auth)) || (err = read_wish(r, c, "sign", &p->sign)) ||
	    (err = finish_wish(r, p, &p->auth, "auth", issued, auth_second)))
		return err;
	return finish_wish(r, p, &p->sign, "sign", issued, sign_second);
}

enum card_error sim_persona_load(struct sim_persona *p, const struct sim_home *home,
				 const char *which, struct card_sim_problem *problem)
{
	struct reading r = {which, problem};
	char path[SIM_PATH_MAX];
	json_error_t at;
	struct sim_buf b = {0};
	size_t n = strlen(which);
	bool is_path = strchr(which, '/') || (n > 5 && strcmp(which + n - 5, ".json") == 0);

	if (is_path ? snprintf(path, sizeof path, "%s", which) >= (int)sizeof path
		    : !sim_path(path, home->dir, "personas", which, ".json"))
		return wrong(&r, "name", "is too long");
	if (!sim_file_read(path, &b)) {
		sim_buf_free(&b);
		return sim_fail(problem, CARD_ERR_NOT_FOUND, "There is no persona %.200s%s.", which,
				is_path ? "" : " in the fixtures");
	}
	json_t *root = json_loadb((const char *)b.p, b.n, JSON_REJECT_DUPLICATES, &at);
	sim_buf_free(&b);
	if (!root)
		return sim_fail(problem, CARD_ERR_MALFORMED, "Persona %.120s: line %d: %.80s.", which,
				at.line, at.text);
	enum card_error err = read_root(&r, root, p);
	json_decref(root);
	return err;
}
