/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "place.h"

#include <card/channel.h>

/* Ten years, in seconds. */
#define AGE_MAX (INT64_C(3653) * 86400)

bool kz_config_sources(const char *text, bool *crl, bool *ocsp, bool *ocsp_first)
{
	*ocsp_first = strcmp(text, "ocsp,crl") == 0;
	*crl = strcmp(text, "crl") == 0 || strcmp(text, "crl,ocsp") == 0 || *ocsp_first;
	*ocsp = strcmp(text, "ocsp") == 0 || strcmp(text, "crl,ocsp") == 0 || *ocsp_first;
	return *crl || *ocsp;
}

bool kz_config_age(const char *text, int64_t *seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	const size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 9 || (text[digits] != '\0' && text[digits + 1] != '\0'))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (text[digits] != units[i].unit)
			continue;
		*seconds = strtoll(text, NULL, 10) * units[i].seconds;
		return *seconds > 0 && *seconds <= AGE_MAX;
	}
	return false;
}

static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		s[--n] = '\0';
	return s;
}

/* An ATR in any case, with blanks or colons, as upper-case digits. */
static bool put_atr(struct kz_config *c, const char *text)
{
	card_buf_t atr = {0};
	bool ok =
		c->atrs < KZ_EXCLUDED_MAX && card_hex_decode(text, &atr) == CARD_OK && atr.n > 0 &&
		atr.n <= CARD_ATR_MAX &&
		card_hex_encode(card_buf_bytes(&atr), c->atr[c->atrs], sizeof c->atr[0]) == CARD_OK;

	card_buf_free(&atr);
	c->atrs += ok;
	return ok;
}

static bool put_reader(struct kz_config *c, const char *text)
{
	size_t n = strlen(text);

	if (c->readers >= KZ_EXCLUDED_MAX || n == 0 || n >= sizeof c->reader[0])
		return false;
	memcpy(c->reader[c->readers++], text, n + 1);
	return true;
}

static bool put_role(struct kz_config *c, const char *text)
{
	const bool own = strcmp(text, "own") == 0;

	/* What the machine's file took away, a person's file cannot give back. */
	c->own_card = c->own_card && own;
	return own || strcmp(text, "counter") == 0 || strcmp(text, "kiosk") == 0;
}

static bool put_entity(struct kz_config *c, const char *text)
{
	const bool number = strcmp(text, "number-user") == 0;

	/* As the role: a right is only taken away. */
	c->no_number = c->no_number || !number;
	return number || strcmp(text, "other") == 0;
}

/* R5-10: the first word stands, and "none" cannot be taken back. */
static bool put_verifier(struct kz_config *c, const char *text)
{
	static const char *const names[] = {NULL, "none", "administrative", "private"};

	for (int i = KZ_VERIFIER_NONE; i <= KZ_VERIFIER_PRIVATE; i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		if (c->verifier == KZ_VERIFIER_UNTOLD || i == KZ_VERIFIER_NONE)
			c->verifier = (enum kz_verifier)i;
		return true;
	}
	return false;
}

static bool put_prefecture(struct kz_config *c, const char *text)
{
	if (strlen(text) != 2 || strspn(text, "0123456789") != 2)
		return false;
	memcpy(c->prefecture, text, sizeof c->prefecture);
	return true;
}

static bool put_block(struct kz_config *c, const char *text)
{
	char *end;
	const unsigned long n = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	if (n < CARD_BLOCK_SHORT || n > CARD_BLOCK_MAX || *end != '\0')
		return false;
	c->block = n;
	return true;
}

static bool put_text(char *out, size_t room, const char *text)
{
	const int n = snprintf(out, room, "%s", text);

	return n > 0 && (size_t)n < room;
}

static bool put_days(struct kz_config *c, const char *text)
{
	return put_text(c->days, sizeof c->days, text);
}

const char *const kz_register_names[FLOW_REGISTER_COUNT_] = {"atena", "juki", "jukinet"};

/* register-atena, register-juki, register-jukinet */
static bool put_register(struct kz_config *c, const char *name, const char *text)
{
	for (int i = 0; i < FLOW_REGISTER_COUNT_; i++) {
		if (strcmp(name, kz_register_names[i]) == 0)
			return put_text(c->reg[i], sizeof c->reg[i], text);
	}
	return false;
}

/* The first file that sets one of these decides: a person's comes after the machine's. */
static bool put_sources(struct kz_config *c, const char *text)
{
	bool crl, ocsp, first;

	if (!kz_config_sources(text, &crl, &ocsp, &first))
		return false;
	if (*c->sources == '\0')
		snprintf(c->sources, sizeof c->sources, "%s", text);
	return true;
}

static bool put_age(struct kz_config *c, const char *text)
{
	int64_t age;

	if (!kz_config_age(text, &age))
		return false;
	if (c->max_age == 0)
		c->max_age = age;
	return true;
}

static bool put_url(struct kz_config *c, const char *text)
{
	if ((strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0) ||
	    strlen(text) >= sizeof c->ocsp_url)
		return false;
	if (*c->ocsp_url == '\0')
		snprintf(c->ocsp_url, sizeof c->ocsp_url, "%s", text);
	return true;
}

static bool put_nonce(struct kz_config *c, const char *text)
{
	const bool required = strcmp(text, "required") == 0;

	c->ocsp_nonce = c->ocsp_nonce || required;
	return required || strcmp(text, "optional") == 0;
}

/* What the machine's file said first stands. */
static bool put_once(char *out, size_t room, const char *text)
{
	char unused[1024];

	return put_text(*out == '\0' ? out : unused, room, text);
}

static bool put_terminal(struct kz_config *c, const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		       strlen(text) &&
	       put_once(c->terminal, sizeof c->terminal, text);
}

static bool put_login(struct kz_config *c, const char *text)
{
	static const char *const words[] = {"password", "authenticator", "both"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, words[i]) != 0)
			continue;
		if (c->login == KZ_LOGIN_UNTOLD)
			c->login = (enum kz_login_by)(KZ_LOGIN_PASSWORD + i);
		return true;
	}
	return false;
}

/* The counter: its store, its terminal, how operators prove themselves. */
static bool put_counter(struct kz_config *c, const char *key, const char *text)
{
	if (strcmp(key, "counter-store") == 0)
		return put_once(c->store, sizeof c->store, text);
	if (strcmp(key, "terminal") == 0)
		return put_terminal(c, text);
	if (strcmp(key, "card-register") == 0)
		return put_once(c->cards, sizeof c->cards, text);
	if (strcmp(key, "card-register-key") == 0)
		return *text == '/' && put_once(c->cards_key, sizeof c->cards_key, text);
	if (strcmp(key, "checkpoint-copy") == 0)
		return *text == '/' && put_once(c->copy, sizeof c->copy, text);
	if (strcmp(key, "authenticator") == 0)
		return *text == '/' && put_once(c->authenticator, sizeof c->authenticator, text);
	return strcmp(key, "login") == 0 && put_login(c, text);
}

static bool put(struct kz_config *c, const char *key, const char *text)
{
	static const struct {
		const char *key;
		bool (*put)(struct kz_config *c, const char *text);
	} settings[] = {
		{"exclude-reader", put_reader},
		{"exclude-atr", put_atr},
		{"role", put_role},
		{"entity", put_entity},
		{"verifier", put_verifier},
		{"prefecture", put_prefecture},
		{"opening-days", put_days},
		{"read-block", put_block},
		{"revocation-sources", put_sources},
		{"revocation-max-age", put_age},
		{"ocsp-url", put_url},
		{"ocsp-nonce", put_nonce},
	};

	if (strncmp(key, "register-", 9) == 0)
		return put_register(c, key + 9, text);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (strcmp(key, settings[i].key) == 0)
			return settings[i].put(c, text);
	}
	return put_counter(c, key, text);
}

bool kz_config_parse(FILE *f, struct kz_config *out, unsigned *line)
{
	char text[1024];

	for (*line = 1; fgets(text, sizeof text, f) != NULL; ++*line) {
		char *key = trim(text), *equal;

		if (*key == '#' || *key == '\0')
			continue;
		equal = strchr(key, '=');
		if (equal == NULL)
			return false;
		*equal = '\0';
		key = trim(key);
		if (!put(out, key, trim(equal + 1)))
			return false;
	}
	return true;
}

/* A missing file is an empty one. So is a person's that cannot be read (another user's home);
 * the machine's must be read, because it takes rights away. */
static int read_file(struct kz *kz, const char *path, bool own, struct kz_config *out)
{
	FILE *f = fopen(path, "re");
	struct kz_failure failure = {.error = CARD_ERR_IO, .exit = KZ_NO_INPUT, .hint = ""};
	char message[KZ_PATH_MAX + 128];
	unsigned line;
	bool ok;

	if (f == NULL && (errno == ENOENT || errno == ENOTDIR || (own && errno == EACCES)))
		return KZ_GO;
	failure.message = message;
	if (f == NULL) {
		snprintf(message, sizeof message, _("%s cannot be read: %s"), path,
			 strerror(errno));
		return kz_fail(kz, &failure);
	}
	ok = kz_config_parse(f, out, &line);
	fclose(f);
	if (ok)
		return KZ_GO;
	snprintf(message, sizeof message, _("%s, line %u: not a setting of this program."), path,
		 line);
	failure.exit = KZ_BAD_DATA;
	failure.error = CARD_ERR_MALFORMED;
	return kz_fail(kz, &failure);
}

int kz_config_read(struct kz *kz, struct kz_config *out)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char path[KZ_PATH_MAX] = "";
	int n = 0, rc;

	memset(out, 0, sizeof *out);
	out->own_card = true;
	rc = read_file(kz, "/etc/kazasu/kazasu.conf", false, out);
	if (rc != KZ_GO)
		return rc;
	if (base != NULL && *base == '/')
		n = snprintf(path, sizeof path, "%s/kazasu/kazasu.conf", base);
	else if (home != NULL && *home == '/')
		n = snprintf(path, sizeof path, "%s/.config/kazasu/kazasu.conf", home);
	if (n <= 0 || (size_t)n >= sizeof path)
		return KZ_GO;
	return read_file(kz, path, true, out);
}

bool kz_config_excludes(const struct kz_config *c, const struct card_pcsc_reader *r)
{
	char atr[2 * CARD_ATR_MAX + 1];

	for (size_t i = 0; i < c->readers; i++) {
		if (strstr(r->name, c->reader[i]) != NULL)
			return true;
	}
	if (card_hex_encode(card_bytes(r->atr, r->atr_len), atr, sizeof atr) != CARD_OK)
		return false;
	for (size_t i = 0; i < c->atrs; i++) {
		if (strcmp(atr, c->atr[i]) == 0)
			return true;
	}
	return false;
}

int kz_config_own_card(struct kz *kz)
{
	struct kz_config config;
	int rc = kz_config_read(kz, &config);

	if (rc != KZ_GO || config.own_card)
		return rc;
	return kz_fail_refused(kz, _("Use \"kazasu identify --procedure ID\"."),
			       _("This command is for one's own card; it is off at a counter or "
				 "kiosk."));
}
