/* SPDX-License-Identifier: Apache-2.0 */
/* request.h — message 3 as the centre sends it (docs/issuance.md). */
#ifndef ISSUER_REQUEST_H
#define ISSUER_REQUEST_H

#include <cardflow/issue_certificate.h>
#include <cardflow/issue_message.h>

#define REQUEST_TEXT 512

struct request {
	struct flow_issue_message message;
	/* Borrowed from the message. */
	const char *transaction, *session, *binding, *method, *terminal, *place;
	bool only_pin;        /* nothing is to be made: the PIN of the kind is checked (K37) */
	const char *kind_pin; /* sealed; NULL */
	int attempt;
	enum flow_certificate_kind kind;
	struct flow_certificate_options options;
	char *options_text;        /* for the issue record */
	char key[FLOW_RECORD_KEY]; /* of the certificate or of the 利用者ID */
	bool by_certificate;
	int64_t received;
	char digest[65]; /* SHA-256 of the message as it came */
};

/* False: not such a message, or not one for this municipality. free it in any case. */
bool request_read(struct request *r, struct card_bytes body, const char *municipality,
		  struct card_bytes secret);
void request_free(struct request *r);

/* Lower-case hexadecimal digits of just this number. */
bool request_is_hex(const char *text, size_t digits);

#endif
