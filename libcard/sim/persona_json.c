/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a persona file. */
#include "persona_json.h"

#include <stdio.h>
#include <string.h>

enum card_error sim_wrong(const struct sim_reading *r, const char *field, const char *why)
{
	return sim_fail(r->problem, CARD_ERR_MALFORMED, "Persona %.120s: %.60s: %s.", r->what,
			field, why);
}

enum card_error sim_known_fields(const struct sim_reading *r, json_t *o, const char *where,
				 const char *const *names)
{
	char field[80];

	if (!json_is_object(o))
		return sim_wrong(r, where, "must be an object");
	for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
		const char *key = json_object_iter_key(it);
		bool known = false;

		for (size_t i = 0; names[i]; i++)
			known = known || strcmp(names[i], key) == 0;
		if (!known) {
			snprintf(field, sizeof field, "%.20s%s%.40s", where, *where ? "." : "",
				 key);
			return sim_wrong(r, field, "no such field (docs/personas.md lists them)");
		}
	}
	return CARD_OK;
}

/* A text field; absent leaves out as it is. */
enum card_error sim_text_field(const struct sim_reading *r, json_t *o, const char *name, char *out,
			       size_t cap)
{
	json_t *v = json_object_get(o, name);

	if (!v)
		return CARD_OK;
	if (!json_is_string(v))
		return sim_wrong(r, name, "must be text in quotes");
	if (strlen(json_string_value(v)) >= cap)
		return sim_wrong(r, name, "is too long");
	snprintf(out, cap, "%s", json_string_value(v));
	return CARD_OK;
}

bool sim_all_digits(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789") == n;
}

enum card_error sim_day_field(const struct sim_reading *r, json_t *o, const char *name,
			      struct sim_day *out)
{
	char s[16] = "";
	struct sim_day d;
	enum card_error err = sim_text_field(r, o, name, s, sizeof s);

	if (err || !s[0])
		return err;
	if (!sim_day_parse(s, &d))
		return sim_wrong(r, name, "must be a day written YYYY-MM-DD");
	*out = d;
	return CARD_OK;
}

enum card_error sim_number_field(const struct sim_reading *r, json_t *o, const char *name,
				 long least, long most, long *out)
{
	json_t *v = json_object_get(o, name);
	char why[64];

	if (!v)
		return CARD_OK;
	if (!json_is_integer(v) || json_integer_value(v) < least || json_integer_value(v) > most) {
		snprintf(why, sizeof why, "must be a number from %ld to %ld", least, most);
		return sim_wrong(r, name, why);
	}
	*out = (long)json_integer_value(v);
	return CARD_OK;
}
