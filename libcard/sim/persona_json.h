/* SPDX-License-Identifier: Apache-2.0 */
/*
 * persona_json.h — one field of a persona file at a time, each mistake with its sentence.
 *
 * A field that is absent leaves *out as it is: defaults are put there before.
 */
#ifndef SIM_PERSONA_JSON_H
#define SIM_PERSONA_JSON_H

#include <jansson.h>

#include "persona.h"

struct sim_reading {
	const char *what; /* path of the file, for sentences */
	struct card_sim_problem *problem;
};

/* "Persona FILE: FIELD: WHY." and CARD_ERR_MALFORMED, which all below return too. */
enum card_error sim_wrong(const struct sim_reading *r, const char *field, const char *why);

/* o is an object with no other fields than names (NULL after the last). */
enum card_error sim_known_fields(const struct sim_reading *r, json_t *o, const char *where,
				 const char *const *names);
enum card_error sim_text_field(const struct sim_reading *r, json_t *o, const char *name, char *out,
			       size_t cap);
enum card_error sim_day_field(const struct sim_reading *r, json_t *o, const char *name,
			      struct sim_day *out);
enum card_error sim_number_field(const struct sim_reading *r, json_t *o, const char *name,
				 long least, long most, long *out);

/* s is n digits and nothing else. */
bool sim_all_digits(const char *s, size_t n);

#endif
