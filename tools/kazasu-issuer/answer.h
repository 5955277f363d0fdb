/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h — message 4 for a message 3, and the reports of what became of a document. */
#ifndef ISSUER_ANSWER_H
#define ISSUER_ANSWER_H

#include "office.h"

struct answer {
	unsigned status; /* HTTP */
	card_buf_t body;
	bool slow; /* K20: to be given at one time after the request, whatever the reason */
};

/* POST /v1/certificates. The issue record is durable before there is an answer. */
void answer_certificate(struct office *o, struct card_bytes body, struct answer *out);

/* POST /v1/certificates/{transaction}/status. */
void answer_status(struct office *o, const char *transaction, struct card_bytes body,
		   struct answer *out);

/* {"error":{"code":CODE}}. */
void answer_error(struct answer *out, unsigned status, const char *code);

#endif
