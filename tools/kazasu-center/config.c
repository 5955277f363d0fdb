/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct reading {
	json_t *json;
	const char *file;
	char folder[CENTER_PATH];
	struct flow_problem *problem;
};

static enum card_error wrong(const struct reading *r, const char *key, const char *what)
{
	return flow_problem_set(r->problem, r->file, 0, "\"%s\" %s", key, what);
}

/* fallback NULL: the key must be there. */
static enum card_error text(const struct reading *r, const char *key, const char *fallback,
			    char *out, size_t cap)
{
	const json_t *value = json_object_get(r->json, key);

	if (value == NULL && fallback != NULL) {
		snprintf(out, cap, "%s", fallback);
		return CARD_OK;
	}
	if (!json_is_string(value) || json_string_length(value) == 0 ||
	    json_string_length(value) >= cap)
		return wrong(r, key, "must be a text that is not empty");
	snprintf(out, cap, "%s", json_string_value(value));
	return CARD_OK;
}

static enum card_error path(const struct reading *r, const char *key, const char *fallback,
			    char out[CENTER_PATH])
{
	char value[CENTER_PATH] = "";
	const enum card_error err = text(r, key, fallback, value, sizeof value);
	int n;

	if (err != CARD_OK)
		return err;
	n = value[0] == '/' || value[0] == '\0' || strncmp(value, "postgresql:", 11) == 0
		    ? snprintf(out, CENTER_PATH, "%s", value)
		    : snprintf(out, CENTER_PATH, "%s/%s", r->folder, value);
	return n >= 0 && (size_t)n < CENTER_PATH ? CARD_OK : wrong(r, key, "is too long");
}

static enum card_error number(const struct reading *r, const char *key, unsigned fallback,
			      unsigned least, unsigned most, unsigned *out)
{
	const json_t *value = json_object_get(r->json, key);

	*out = fallback;
	if (value == NULL)
		return CARD_OK;
	if (!json_is_integer(value) || json_integer_value(value) < least ||
	    json_integer_value(value) > most)
		return wrong(r, key, "is out of range");
	*out = (unsigned)json_integer_value(value);
	return CARD_OK;
}

/* It stands in the journal, and its chains are called NAME.1, NAME.2 … */
static enum card_error name(const struct reading *r, const char *text)
{
	const size_t n = strlen(text);

	return n <= 36 && strspn(text,
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				 "._-") == n
		       ? CARD_OK
		       : wrong(r, "name", "is 1-36 of A-Z a-z 0-9 . _ -");
}

static enum card_error known_keys(const struct reading *r)
{
	static const char *const known[] = {"name",
					    "audience",
					    "address",
					    "port",
					    "tls_ca",
					    "tls_certificate",
					    "tls_key",
					    "store",
					    "connections",
					    "rules",
					    "master_key",
					    "secrets",
					    "back_key",
					    "trust",
					    "crl",
					    "ocsp",
					    "test_roots",
					    "message_seconds",
					    "idle_seconds",
					    "checkpoint_key",
					    "checkpoint_copy",
					    "checkpoint_seconds",
					    "clock_seconds"};
	const char *key;
	json_t *value;

	json_object_foreach(r->json, key, value)
	{
		bool found = false;

		for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
			found |= strcmp(key, known[i]) == 0;
		if (!found)
			return wrong(r, key, "is not known");
	}
	return CARD_OK;
}

static enum card_error read_all(const struct reading *r, struct center_config *c)
{
	const json_t *test_roots = json_object_get(r->json, "test_roots");
	enum card_error err = known_keys(r);

	c->test_roots = json_is_true(test_roots);
	if (err == CARD_OK && test_roots != NULL && !json_is_boolean(test_roots))
		err = wrong(r, "test_roots", "is true or false");
	if (err == CARD_OK)
		err = text(r, "name", NULL, c->name, sizeof c->name);
	if (err == CARD_OK)
		err = text(r, "audience", NULL, c->audience, sizeof c->audience);
	if (err == CARD_OK)
		err = text(r, "address", "127.0.0.1", c->address, sizeof c->address);
	if (err == CARD_OK)
		err = number(r, "port", 8443, 0, 65535, &c->port);
	if (err == CARD_OK)
		err = path(r, "tls_ca", NULL, c->tls_ca);
	if (err == CARD_OK)
		err = path(r, "tls_certificate", NULL, c->tls_certificate);
	if (err == CARD_OK)
		err = path(r, "tls_key", NULL, c->tls_key);
	if (err == CARD_OK)
		err = path(r, "store", NULL, c->store);
	if (err == CARD_OK)
		err = number(r, "connections", 8, 1, 64, &c->connections);
	if (err == CARD_OK)
		err = path(r, "rules", NULL, c->rules);
	if (err == CARD_OK)
		err = path(r, "master_key", NULL, c->master_key);
	if (err == CARD_OK)
		err = path(r, "secrets", "", c->secrets);
	if (err == CARD_OK)
		err = path(r, "back_key", NULL, c->back_key);
	if (err == CARD_OK)
		err = path(r, "trust", NULL, c->trust);
	if (err == CARD_OK)
		err = path(r, "crl", "", c->crl);
	if (err == CARD_OK)
		err = text(r, "ocsp", "", c->ocsp, sizeof c->ocsp);
	if (err == CARD_OK)
		err = number(r, "message_seconds", 30, 1, 300, &c->message_seconds);
	if (err == CARD_OK)
		err = number(r, "idle_seconds", 120, 30, 1200, &c->idle_seconds);
	if (err == CARD_OK)
		err = path(r, "checkpoint_key", "", c->checkpoint_key);
	if (err == CARD_OK)
		err = path(r, "checkpoint_copy", "", c->checkpoint_copy);
	if (err == CARD_OK)
		err = number(r, "checkpoint_seconds", 300, 1, 86400, &c->checkpoint_seconds);
	if (err == CARD_OK)
		err = number(r, "clock_seconds", 30, 1, 3600, &c->clock_seconds);
	return err != CARD_OK ? err : name(r, c->name);
}

enum card_error center_config_read(struct center_config *out, const char *file,
				   struct flow_problem *problem)
{
	struct reading r = {NULL, file, ".", problem};
	const char *slash = strrchr(file, '/');
	json_error_t error;
	json_t *json = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
	enum card_error err;

	memset(out, 0, sizeof *out);
	if (json == NULL) {
		flow_problem_set(problem, file, error.line > 0 ? (unsigned)error.line : 0, "%s",
				 error.text);
		return json_error_code(&error) == json_error_cannot_open_file ? CARD_ERR_IO
									      : CARD_ERR_MALFORMED;
	}
	if (slash != NULL)
		snprintf(r.folder, sizeof r.folder, "%.*s", (int)(slash - file), file);
	r.json = json;
	err = json_is_object(json) ? read_all(&r, out) : wrong(&r, "", "is not an object");
	json_decref(json);
	return err;
}
