/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "place.h"

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

static bool put_prefecture(struct kz_config *c, const char *text)
{
	if (strlen(text) != 2 || strspn(text, "0123456789") != 2)
		return false;
	memcpy(c->prefecture, text, sizeof c->prefecture);
	return true;
}

static bool put_text(char *out, size_t room, const char *text)
{
	const int n = snprintf(out, room, "%s", text);

	return n > 0 && (size_t)n < room;
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

static bool put(struct kz_config *c, const char *key, const char *text)
{
	if (strcmp(key, "exclude-reader") == 0)
		return put_reader(c, text);
	if (strcmp(key, "exclude-atr") == 0)
		return put_atr(c, text);
	if (strcmp(key, "role") == 0)
		return put_role(c, text);
	if (strcmp(key, "entity") == 0)
		return put_entity(c, text);
	if (strcmp(key, "prefecture") == 0)
		return put_prefecture(c, text);
	if (strcmp(key, "opening-days") == 0)
		return put_text(c->days, sizeof c->days, text);
	if (strncmp(key, "register-", 9) == 0)
		return put_register(c, key + 9, text);
	return false;
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
