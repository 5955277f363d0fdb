/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a persona file; every field has a default, every mistake a sentence. */
#include "persona.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "persona_derive.h"
#include "persona_json.h"

const char *const sim_secret_names[SIM_SECRET_COUNT_] = {
	"auth",
	"sign",
	"text",
	"text_number_a",
	"text_number_b",
	"text_0012",
	"surface_number_a",
	"surface_number_b",
	"birth",
	"juki",
	"common",
	"licence",
	"local",
};

const char *const sim_token_names[SIM_TOKEN_COUNT_] = {"card", "android", "iphone",
						       "juki", "licence", "residence"};

const char *const token_names[SIM_TOKEN_COUNT_] = {"card", "android", "iphone",
						   "juki", "licence", "residence"};

/* CRLReason names of RFC 5280 5.3.1, by number. */
static const char *const reasons[] = {
	"unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
	"superseded",    "cessationOfOperation", "certificateHold", "",
	"removeFromCRL", "privilegeWithdrawn",   "aACompromise",
};

static enum card_error read_wish(const struct sim_reading *r, json_t *certs, const char *role,
				 struct sim_wish *w)
{
	static const char *const fields[] = {"cn",      "serial",        "generation", "from",
					     "to",      "revoked",       "name",       "name_flags",
					     "address", "address_flags", NULL};
	static const char *const rev_fields[] = {"reason", "on", NULL};
	json_t *o = certs ? json_object_get(certs, role) : NULL;
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
	if ((err = sim_known_fields(r, o, role, fields)) ||
	    (err = sim_text_field(r, o, "cn", w->cn, sizeof w->cn)) ||
	    (err = sim_text_field(r, o, "serial", hex, sizeof hex)) ||
	    (err = sim_number_field(r, o, "generation", 1, 2, &generation)) ||
	    (err = sim_day_field(r, o, "from", &w->from)) ||
	    (err = sim_day_field(r, o, "to", &w->to)) ||
	    (err = sim_text_field(r, o, "name", w->name, sizeof w->name)) ||
	    (err = sim_text_field(r, o, "name_flags", w->name_flags, sizeof w->name_flags)) ||
	    (err = sim_text_field(r, o, "address", w->address, sizeof w->address)) ||
	    (err = sim_text_field(r, o, "address_flags", w->address_flags,
				  sizeof w->address_flags)))
		return err;
	w->generation = (int)generation;
	if (hex[0]) {
		if (strlen(hex) != 8 || strspn(hex, "0123456789ABCDEFabcdef") != 8 || hex[0] > '7')
			return sim_wrong(r, "serial",
					 "must be 8 hexadecimal digits, the first at most 7");
		w->serial = (uint32_t)strtoul(hex, NULL, 16);
	}
	json_t *rev = json_object_get(o, "revoked");
	if (!rev)
		return CARD_OK;
	char reason[32] = "unspecified";
	w->revoked = true;
	w->revoked_on = w->from;
	if ((err = sim_known_fields(r, rev, "revoked", rev_fields)) ||
	    (err = sim_text_field(r, rev, "reason", reason, sizeof reason)) ||
	    (err = sim_day_field(r, rev, "on", &w->revoked_on)))
		return err;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i][0] && strcmp(reasons[i], reason) == 0) {
			w->reason = (int)i;
			return CARD_OK;
		}
	}
	return sim_wrong(r, "revoked.reason", "must be a CRLReason name of RFC 5280");
}

static enum card_error read_secrets(const struct sim_reading *r, json_t *root,
				    struct sim_persona *p)
{
	static const char *const fields[] = {"auth",   "sign",    "text",  "juki",
					     "common", "licence", "local", NULL};
	static const enum sim_secret_id ids[] = {
		SIM_SECRET_AUTH,   SIM_SECRET_SIGN,    SIM_SECRET_TEXT, SIM_SECRET_JUKI,
		SIM_SECRET_COMMON, SIM_SECRET_LICENCE, SIM_SECRET_LOCAL};
	json_t *o = json_object_get(root, "secrets");
	enum card_error err;

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		snprintf(p->secret[ids[i]], sizeof p->secret[0], "%s",
			 ids[i] == SIM_SECRET_SIGN ? "ABC123" : "1234");
	for (size_t i = 0; i < SIM_SECRET_COUNT_; i++)
		p->tries[i] = -1;
	p->tries[SIM_SECRET_TEXT_12] = 0; /* blocked on every card: card-spec 3.4 */
	if (o) {
		if ((err = sim_known_fields(r, o, "secrets", fields)))
			return err;
		for (size_t i = 0; fields[i]; i++) {
			char *s = p->secret[ids[i]];

			if ((err = sim_text_field(r, o, fields[i], s, sizeof p->secret[0])))
				return err;
			bool good =
				ids[i] == SIM_SECRET_SIGN
					? strlen(s) >= 6 && strspn(s, "0123456789ABCDEFGHIJKLMNO"
								      "PQRSTUVWXYZ") == strlen(s)
					: sim_all_digits(s, 4);
			if (!good)
				return sim_wrong(
					r, fields[i],
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
	if ((err = sim_known_fields(r, o, "tries", names)))
		return err;
	for (size_t i = 0; i < SIM_SECRET_COUNT_; i++) {
		long n = p->tries[i];

		if ((err = sim_number_field(r, o, names[i], 0, 10, &n)))
			return err;
		p->tries[i] = (int)n;
	}
	return CARD_OK;
}

static enum card_error read_quirks(const struct sim_reading *r, json_t *root, struct sim_persona *p)
{
	json_t *o = json_object_get(root, "quirks");
	size_t used = 0;

	if (!o)
		return CARD_OK;
	if (!json_is_array(o))
		return sim_wrong(r, "quirks", "must be a list of names");
	for (size_t i = 0; i < json_array_size(o); i++) {
		const char *s = json_string_value(json_array_get(o, i));

		if (!s || used + strlen(s) + 2 > sizeof p->quirks)
			return sim_wrong(r, "quirks", "must be a list of names");
		used += (size_t)snprintf(p->quirks + used, sizeof p->quirks - used, "%s ", s);
	}
	return CARD_OK;
}

static enum card_error read_place(const struct sim_reading *r, json_t *root, struct sim_persona *p)
{
	static const char *const fields[] = {"code", "prefecture", "city", NULL};
	json_t *o = json_object_get(root, "municipality");
	enum card_error err;

	if (!o) {
		snprintf(p->municipality, sizeof p->municipality, "13221");
		snprintf(p->prefecture, sizeof p->prefecture, "Tokyo-to");
		snprintf(p->city, sizeof p->city, "Kiyose-shi");
		return CARD_OK;
	}
	if ((err = sim_known_fields(r, o, "municipality", fields)) ||
	    (err = sim_text_field(r, o, "code", p->municipality, sizeof p->municipality)) ||
	    (err = sim_text_field(r, o, "prefecture", p->prefecture, sizeof p->prefecture)) ||
	    (err = sim_text_field(r, o, "city", p->city, sizeof p->city)))
		return err;
	if (!sim_all_digits(p->municipality, 5) || !p->prefecture[0] || !p->city[0])
		return sim_wrong(r, "municipality",
				 "needs code (5 digits), prefecture and city "
				 "(romanised, e.g. Tokyo-to, Kiyose-shi)");
	return CARD_OK;
}

static enum card_error read_numbers(const struct sim_reading *r, json_t *root,
				    struct sim_persona *p)
{
	enum card_error err;
	char code[5] = "";
	int era_year = 0;

	sim_derive_digits(p, "serial", p->serial + 5, 10);
	memcpy(p->serial, "40000", 5);
	sim_derive_digits(p, "number", p->number, 11);
	p->number[11] = sim_number_check_digit(p->number);
	p->number[12] = 0;
	sim_derive_digits(p, "security code", code, 4);
	if ((err = sim_text_field(r, root, "serial", p->serial, sizeof p->serial)) ||
	    (err = sim_text_field(r, root, "number", p->number, sizeof p->number)) ||
	    (err = sim_text_field(r, root, "security_code", code, sizeof code)))
		return err;
	if (!sim_all_digits(p->serial, 15))
		return sim_wrong(r, "serial", "must be 15 digits");
	if (!sim_all_digits(code, 4))
		return sim_wrong(r, "security_code", "must be 4 digits");
	if (!sim_all_digits(p->number, 12) || p->number[11] != sim_number_check_digit(p->number))
		return sim_wrong(r, "number", "must be 12 digits with the right check digit");
	sim_day_era(p->birth, &era_year);
	snprintf(p->birth_key, sizeof p->birth_key, "%02u%02u%02u", (unsigned)era_year % 100u,
		 (unsigned)p->birth.month % 100u, (unsigned)p->birth.day % 100u);
	snprintf(p->number_b, sizeof p->number_b, "%s%04u%s", p->birth_key,
		 (unsigned)p->expires.year % 10000u, code);
	return CARD_OK;
}

static enum card_error read_licence(const struct sim_reading *r, json_t *root,
				    struct sim_persona *p)
{
	static const char *const fields[] = {"pin", "expires", NULL};
	json_t *o = json_object_get(root, "licence");
	enum card_error err;

	if (!o)
		return CARD_OK;
	p->has_licence = true;
	p->licence_expires = p->expires;
	if ((err = sim_known_fields(r, o, "licence", fields)) ||
	    (err = sim_day_field(r, o, "expires", &p->licence_expires)))
		return err;
	p->licence_pin_set = json_is_true(json_object_get(o, "pin"));
	return CARD_OK;
}

/* 条例利用AP: what the municipality calls the holder. */
static enum card_error read_local(const struct sim_reading *r, json_t *root, struct sim_persona *p)
{
	static const char *const fields[] = {"user_id", NULL};
	json_t *o = json_object_get(root, "local");
	enum card_error err;

	if (!o)
		return CARD_OK;
	if ((err = sim_known_fields(r, o, "local", fields)) ||
	    (err = sim_text_field(r, o, "user_id", p->user_id, sizeof p->user_id)))
		return err;
	for (const char *s = p->user_id; *s; s++) {
		if (*s < '!' || *s > '~')
			return sim_wrong(r, "local.user_id", "is 1 to 64 of the characters ! to ~");
	}
	return p->user_id[0] ? CARD_OK
			     : sim_wrong(r, "local.user_id", "is 1 to 64 of the characters ! to ~");
}

/* First days of the second CA generations: fixtures/pki/recipe.json, card-spec 7.1. */
static const struct sim_day auth_second = {2023, 3, 24}, sign_second = {2024, 8, 29};

static enum card_error read_root(const struct sim_reading *r, json_t *root, struct sim_persona *p)
{
	static const char *const fields[] = {"comment", "token",  "name",    "address",
					     "birth",   "sex",    "number",  "municipality",
					     "serial",  "issued", "expires", "security_code",
					     "secrets", "tries",  "quirks",  "certificates",
					     "licence", "local",  NULL};
	static const char *const certs[] = {"auth", "sign", NULL};
	struct sim_day issued = {2025, 10, 27};
	char token[16] = "card", sex[2] = "1";
	enum card_error err;

	memset(p, 0, sizeof *p);
	snprintf(p->name, sizeof p->name, "試験　花子");
	snprintf(p->address, sizeof p->address, "東京都清瀬市試験町１－２－３");
	p->birth = (struct sim_day){1980, 2, 17};
	if ((err = sim_known_fields(r, root, "", fields)) ||
	    (err = sim_text_field(r, root, "token", token, sizeof token)) ||
	    (err = sim_text_field(r, root, "name", p->name, sizeof p->name)) ||
	    (err = sim_text_field(r, root, "address", p->address, sizeof p->address)) ||
	    (err = sim_day_field(r, root, "birth", &p->birth)) ||
	    (err = sim_day_field(r, root, "issued", &issued)) ||
	    (err = sim_text_field(r, root, "sex", sex, sizeof sex)))
		return err;
	if (!p->name[0] || sim_characters(p->name) > 100)
		return sim_wrong(r, "name", "must have 1 to 100 characters");
	if (!p->address[0] || sim_characters(p->address) - sim_selectors(p->address) > 200)
		return sim_wrong(r, "address", "must have 1 to 200 characters");
	if (!sex[0] || !strchr("0129", sex[0]))
		return sim_wrong(r, "sex", "must be \"1\" male, \"2\" female, \"9\" or \"0\"");
	p->sex = sex[0];
	size_t t = 0;
	while (t < SIM_TOKEN_COUNT_ && strcmp(sim_token_names[t], token) != 0)
		t++;
	if (t == SIM_TOKEN_COUNT_)
		return sim_wrong(r, "token",
				 "must be card, android, iphone, juki, licence or residence");
	p->token = (enum sim_token)t;
	int age = sim_age_on(p->birth, issued);
	if (age < 0)
		return sim_wrong(r, "issued", "is before the birth");
	/* ten birthdays for an adult, five below 18 */
	p->expires = sim_birthday_after(p->birth, issued, age >= 18 ? 10 : 5);
	if ((err = sim_day_field(r, root, "expires", &p->expires)) ||
	    (err = read_place(r, root, p)) || (err = read_numbers(r, root, p)) ||
	    (err = read_secrets(r, root, p)) || (err = read_quirks(r, root, p)) ||
	    (err = read_licence(r, root, p)) || (err = read_local(r, root, p)))
		return err;
	json_t *c = json_object_get(root, "certificates");
	if (c && (err = sim_known_fields(r, c, "certificates", certs)))
		return err;
	p->auth.present = p->token <= SIM_TOKEN_IPHONE;
	p->sign.present = p->token <= SIM_TOKEN_IPHONE && age >= 15; /* card-spec 7.3 */
	if ((err = read_wish(r, c, "auth", &p->auth)) ||
	    (err = read_wish(r, c, "sign", &p->sign)) ||
	    (err = sim_finish_wish(r, p, &p->auth, "auth", issued, auth_second)))
		return err;
	return sim_finish_wish(r, p, &p->sign, "sign", issued, sign_second);
}

enum card_error sim_persona_load(struct sim_persona *p, const struct sim_home *home,
				 const char *which, struct card_sim_problem *problem)
{
	struct sim_reading r = {which, problem};
	char path[SIM_PATH_MAX];
	json_error_t at;
	struct sim_buf b = {0};
	size_t n = strlen(which);
	bool is_path = strchr(which, '/') || (n > 5 && strcmp(which + n - 5, ".json") == 0);

	if (is_path ? snprintf(path, sizeof path, "%s", which) >= (int)sizeof path
		    : !sim_path(path, home->dir, "personas", which, ".json"))
		return sim_wrong(&r, "name", "is too long");
	if (!sim_file_read(path, &b)) {
		sim_buf_free(&b);
		return sim_fail(problem, CARD_ERR_NOT_FOUND, "There is no persona %.200s%s.", which,
				is_path ? "" : " in the fixtures");
	}
	json_t *root = json_loadb((const char *)b.p, b.n, JSON_REJECT_DUPLICATES, &at);
	sim_buf_free(&b);
	if (!root)
		return sim_fail(problem, CARD_ERR_MALFORMED, "Persona %.120s: line %d: %.80s.",
				which, at.line, at.text);
	enum card_error err = read_root(&r, root, p);
	json_decref(root);
	return err;
}
