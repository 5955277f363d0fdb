/* SPDX-License-Identifier: Apache-2.0 */
/* config.c — reading the settings. */
#include "config.h"

#include "say.h"

#include <cardflow/issue_catalogue.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key {
	const char *name;
	size_t at; /* of the char * in struct config */
	bool needed;
	const char *usual;
};

#define AT(member) offsetof(struct config, member)

static const struct key keys[] = {
	{"municipality", AT(municipality), true, NULL},
	{"place", AT(place), true, NULL},
	{"title", AT(title), true, NULL},
	{"mayor", AT(mayor), true, NULL},
	{"seal-text", AT(seal_text), true, NULL},
	{"resident-tax", AT(resident_tax), true, NULL},
	{"number", AT(number), false, "no"},
	{"minimum-age", AT(minimum_age), false, "15"},
	{"test", AT(test), false, "no"},
	{"records", AT(records), true, NULL},
	{"ledger", AT(ledger), true, NULL},
	{"secret", AT(secret), true, NULL},
	{"font", AT(font), false, "/usr/share/fonts/truetype/ipamj/ipamjm.ttf"},
	{"gaiji-font", AT(gaiji), false, NULL},
	{"signing-key", AT(signing_key), true, NULL},
	{"signing-certificate", AT(signing_certificate), true, NULL},
	{"pin-key", AT(pin_key), false, NULL},
	{"methods", AT(methods), false, "new;conversion;current"},
	{"audit-recipients", AT(audit_recipients), true, NULL},
	{"listen", AT(listen), true, NULL},
	{"tls-key", AT(tls_key), true, NULL},
	{"tls-certificate", AT(tls_certificate), true, NULL},
	{"tls-ca", AT(tls_ca), true, NULL},
	{"workers", AT(workers), false, "4"},
	{"refusal-ms", AT(refusal_ms), false, "1500"},
	{"clock-seconds", AT(clock_seconds), false, "30"},
};
#define KEYS (sizeof keys / sizeof keys[0])

static char **member(struct config *c, size_t at)
{
	return (char **)(void *)((char *)c + at);
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

static const char *put_center(struct config *c, const char *value)
{
	if (c->centers == CENTERS_MAX)
		return N_("too many centres");
	c->center[c->centers] = strdup(value);
	return c->center[c->centers++] != NULL ? NULL : N_("no memory");
}

static const char *put(struct config *c, const char *key, const char *value)
{
	if (*value == '\0')
		return N_("no value");
	if (strcmp(key, "center") == 0)
		return put_center(c, value);
	for (size_t i = 0; i < KEYS; i++) {
		char **m = member(c, keys[i].at);

		if (strcmp(keys[i].name, key) != 0)
			continue;
		if (*m != NULL)
			return N_("this setting stands there twice");
		*m = strdup(value);
		return *m != NULL ? NULL : N_("no memory");
	}
	return N_("there is no such setting");
}

static bool parse(struct config *c, FILE *f, const char *path)
{
	char text[2048];

	for (unsigned line = 1; fgets(text, sizeof text, f) != NULL; line++) {
		char *key = trim(text), *equal;
		const char *wrong;

		if (*key == '\0' || *key == '#')
			continue;
		equal = strchr(key, '=');
		if (equal != NULL)
			*equal = '\0';
		wrong = equal != NULL ? put(c, trim(key), trim(equal + 1))
				      : N_("not `key = value`");
		if (wrong != NULL) {
			say("%s:%u: %s", path, line, _(wrong));
			return false;
		}
	}
	return !ferror(f);
}

static bool whole(const char *text, long least, long most, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(text, &end, 10);
	return errno == 0 && *text != '\0' && *end == '\0' && *out >= least && *out <= most;
}

static bool yes_no(const char *text, bool *out)
{
	*out = strcmp(text, "yes") == 0;
	return *out || strcmp(text, "no") == 0;
}

/* Some of the three; those with a PIN of the kind need the key that opens it, unless all stand there
 * because none was named. */
static bool methods_known(const char *list)
{
	struct card_bytes item;
	size_t n = 0;

	while ((item = flow_list_next(&list)).n > 0) {
		char name[16];

		snprintf(name, sizeof name, "%.*s", (int)(item.n < 15 ? item.n : 15),
			 (const char *)item.p);
		if (!flow_issue_method_known(name))
			return false;
		n++;
	}
	return n > 0;
}

/* HOST:PORT, [::1]:PORT. */
static bool take_listen(struct config *c)
{
	char *colon = strrchr(c->listen, ':');
	long port;

	if (colon == NULL || !whole(colon + 1, 0, 65535, &port))
		return false;
	c->port = (unsigned)port;
	c->host = strndup(c->listen, (size_t)(colon - c->listen));
	return c->host != NULL && *c->host != '\0';
}

static const char *take_values(struct config *c)
{
	long n;

	if (strlen(c->municipality) != 5 || strspn(c->municipality, "0123456789") != 5)
		return "municipality";
	if (!yes_no(c->number, &c->number_enabled))
		return "number";
	if (!yes_no(c->test, &c->marked_test))
		return "test";
	if (!whole(c->minimum_age, 0, 120, &n))
		return "minimum-age";
	c->age = (int)n;
	if (!whole(c->workers, 1, 64, &n))
		return "workers";
	c->threads = (int)n;
	if (!whole(c->refusal_ms, 100, 20000, &c->refusal_milliseconds))
		return "refusal-ms";
	if (!methods_known(c->methods))
		return "methods";
	if (!whole(c->clock_seconds, 1, 3600, &c->clock_apart))
		return "clock-seconds";
	if (!take_listen(c))
		return "listen";
	return c->centers == 0 ? "center" : NULL;
}

static bool complete(struct config *c, const char *path)
{
	const char *wrong;

	for (size_t i = 0; i < KEYS; i++) {
		char **m = member(c, keys[i].at);

		if (*m == NULL && keys[i].usual != NULL)
			*m = strdup(keys[i].usual);
		if (*m == NULL && keys[i].needed) {
			say(_("%s: the setting %s is missing"), path, keys[i].name);
			return false;
		}
	}
	wrong = take_values(c);
	if (wrong != NULL)
		say(_("%s: the setting %s is wrong or missing"), path, wrong);
	return wrong == NULL;
}

bool config_read(struct config *c, const char *path)
{
	FILE *f = fopen(path, "re");
	bool ok;

	*c = (struct config){.centers = 0};
	if (f == NULL) {
		say(_("%s: cannot be read: %s"), path, strerror(errno));
		return false;
	}
	ok = parse(c, f, path) && complete(c, path);
	fclose(f);
	if (!ok)
		config_free(c);
	return ok;
}

void config_free(struct config *c)
{
	for (size_t i = 0; i < KEYS; i++)
		free(*member(c, keys[i].at));
	for (size_t i = 0; i < c->centers; i++)
		free(c->center[i]);
	free(c->host);
	*c = (struct config){.centers = 0};
}

bool config_secret(const struct config *c, unsigned char *out, size_t cap, size_t *n)
{
	FILE *f = fopen(c->secret, "re");

	*n = f != NULL ? fread(out, 1, cap, f) : 0;
	if (f != NULL)
		fclose(f);
	if (*n >= 32)
		return true;
	say(_("%s: the secret of the municipality must have 32 bytes or more"), c->secret);
	return false;
}
