/* SPDX-License-Identifier: Apache-2.0 */
/* personas.h — holders of virtual cards as residents, so that a test card finds its person. */
#ifndef ISSUER_PERSONAS_H
#define ISSUER_PERSONAS_H

#include <cardflow/issue_record.h>

#include <jansson.h>

#include "card.h"

#define PERSONAS_MAX 32

struct personas {
	struct flow_record_person person[PERSONAS_MAX];
	struct card_name card[PERSONAS_MAX];
	json_t *json[PERSONAS_MAX];
	size_t n;
};

/* Those of a folder of fixtures (personas/NAME.json, certs/NAME-auth.pem, trust/) who live in the
 * municipality and have a certificate; the test person first. False with a message. */
bool personas_read(struct personas *p, const char *fixtures, const char *municipality);
void personas_free(struct personas *p);

#endif
