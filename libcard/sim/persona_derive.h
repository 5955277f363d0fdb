/* SPDX-License-Identifier: Apache-2.0 */
/*
 * persona_derive.h — what a persona file leaves out, made from what it says.
 */
#ifndef SIM_PERSONA_DERIVE_H
#define SIM_PERSONA_DERIVE_H

#include "persona_json.h"

/* Code points, and how many of them are variation selectors. */
size_t sim_characters(const char *s);
size_t sim_selectors(const char *s);

/* The n-th birthday after a day (the first one strictly later counts as 1);
 * 29 February becomes 28 in a common year. */
struct sim_day sim_birthday_after(struct sim_day birth, struct sim_day d, int n);
int sim_age_on(struct sim_day birth, struct sim_day d);

/* n digits and a NUL that belong to this persona and this purpose alone. */
void sim_derive_digits(const struct sim_persona *p, const char *what, char *out, size_t n);

/* Fill in validity, generation, serial, CN, name and address of a certificate.
 * second: first day of the CA's second generation. */
enum card_error sim_finish_wish(const struct sim_reading *r, struct sim_persona *p,
				struct sim_wish *w, const char *role, struct sim_day issued,
				struct sim_day second);

#endif
