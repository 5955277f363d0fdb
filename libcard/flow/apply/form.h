/* SPDX-License-Identifier: Apache-2.0 */
/* form.h — forms and applications inside the library. */
#ifndef APPLY_FORM_H
#define APPLY_FORM_H

#include <jansson.h>

#include <cardflow/apply.h>

struct flow_form {
	json_t *json;
	char digest[65]; /* SHA-256 of its bytes */
};

struct flow_application {
	const flow_form_t *form;
	json_t *json;
};

/* The definition of a field; NULL: the form has none of this name. */
const json_t *form_field(const flow_form_t *f, const char *name);

/* Set *p and return CARD_ERR_MALFORMED. */
enum card_error apply_problem(struct flow_apply_problem *p, const char *code, const char *field);

/* The members of an application that is XML. CARD_ERR_MALFORMED: it is none. */
enum card_error application_of_xml(struct card_bytes in, json_t **out);

/* SHA-256 as 64 digits. */
enum card_error apply_digest(struct card_bytes b, char out[65]);

#endif
