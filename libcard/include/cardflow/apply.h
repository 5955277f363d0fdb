/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h — electronic applications: form, signed application, sealed package, inbox of the
 * receiver (rules ch. 5).
 *
 * An application is JSON, or XML of the same members (namespace urn:kazasu:application:1, signed
 * as enveloped XAdES). What it is for (procedure, receiver, service, the text of consent and
 * the digest of the form) is part of it, hence of what is signed (R5-04). Only the form's own
 * fields are in it, and both ends refuse any other (R5-06).
 */
#ifndef CARDFLOW_APPLY_H
#define CARDFLOW_APPLY_H

#include <cardflow/verify_document.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is wrong with a form or an application: a stable code, and the field it is about ("" if
 * none). */
struct flow_apply_problem {
	const char *code;
	char field[64];
};

/* Largest application, attachments included. */
#define FLOW_APPLICATION_MAX ((size_t)6 * 1024 * 1024)

/* ---- forms ---- */

typedef struct flow_form flow_form_t;

/* Read a form (docs/signing.md). CARD_ERR_MALFORMED with *problem. */
CARD_API enum card_error flow_form_read(flow_form_t **out, struct card_bytes json,
					struct flow_apply_problem *problem);
CARD_API void flow_form_free(flow_form_t **f);

/* Members of the form as text: "id", "title", "procedure", "receiver", "service", "consent". */
CARD_API const char *flow_form_text(const flow_form_t *f, const char *member);

/* true if the form asks for the 個人番号 (R5-05). */
CARD_API bool flow_form_number(const flow_form_t *f);

/* true if it asks for "name", "address", "birth" or "sex". */
CARD_API bool flow_form_attribute(const flow_form_t *f, const char *attribute);

/* ---- applications ---- */

typedef struct flow_application flow_application_t;

/* An empty one, version 1 with a random id; or the next version of another (may be NULL). */
CARD_API enum card_error flow_application_new(flow_application_t **out, const flow_form_t *form,
					      const flow_application_t *before);
/* Read it back, JSON or XML (signed or not), of this form. CARD_ERR_MALFORMED with *problem: not of
 * this form, a member that the form has not. What is still missing is not looked at. */
CARD_API enum card_error flow_application_read(flow_application_t **out, const flow_form_t *form,
					       struct card_bytes text,
					       struct flow_apply_problem *problem);
CARD_API void flow_application_free(flow_application_t **a);

CARD_API const char *flow_application_id(const flow_application_t *a); /* 32 digits */
CARD_API unsigned flow_application_version(const flow_application_t *a);

/* A field that is typed. CARD_ERR_NOT_FOUND: the form has none of this name (the number and the
 * attributes never are such fields, R5-03); CARD_ERR_TOO_LONG; CARD_ERR_MALFORMED: no UTF-8. */
CARD_API enum card_error flow_application_set(flow_application_t *a, const char *field,
					      const char *value);

/* What was read from the card. CARD_ERR_DENIED: the form does not ask for it. The number is
 * checked by its digit: CARD_ERR_MALFORMED. */
CARD_API enum card_error flow_application_set_attribute(flow_application_t *a,
							const char *attribute, const char *value);
CARD_API enum card_error flow_application_set_number(flow_application_t *a, const char *number);

/* A file that goes with it. CARD_ERR_TOO_LONG; CARD_ERR_MALFORMED: not a plain name. */
CARD_API enum card_error flow_application_attach(flow_application_t *a, const char *name,
						 struct card_bytes content);

/* CARD_OK if nothing is missing; CARD_ERR_MALFORMED with *problem. */
CARD_API enum card_error flow_application_complete(const flow_application_t *a,
						   struct flow_apply_problem *problem);

/* Its bytes, as they are kept and signed; appended. CARD_ERR_TOO_LONG. As XML also
 * CARD_ERR_MALFORMED: a control character, which XML cannot hold. */
CARD_API enum card_error flow_application_write(const flow_application_t *a, card_buf_t *out);
CARD_API enum card_error flow_application_write_xml(const flow_application_t *a, card_buf_t *out);

/* ---- packages ---- */

/* Seal a signed application to the receiver: CMS AuthEnvelopedData, AES-256-GCM, the key by
 * RSA-OAEP or ECDH (RFC 5083, RFC 5084). receiver: a certificate, DER. Appended.
 * CARD_ERR_UNSUPPORTED: its key cannot receive; CARD_ERR_CRYPTO. */
CARD_API enum card_error flow_pack(struct card_bytes receiver, struct card_bytes signed_bytes,
				   card_buf_t *out);

/* Open one with the key (PEM, unencrypted) and certificate of the receiver. CARD_ERR_MALFORMED: no
 * such package; CARD_ERR_SIGNATURE: not for this key, or changed. */
CARD_API enum card_error flow_unpack(struct card_bytes receiver, struct card_bytes key_pem,
				     struct card_bytes package, card_buf_t *out);

/* ---- the inbox ---- */

typedef struct flow_inbox flow_inbox_t;

enum flow_application_state {
	FLOW_STATE_RECEIVED = 0, /* valid, waits for an examiner */
	FLOW_STATE_QUEUED,       /* undetermined: to be verified again */
	FLOW_STATE_REFUSED,      /* invalid */
	FLOW_STATE_EXAMINING,
	FLOW_STATE_SUPERSEDED, /* a newer version came (R5-07) */
	FLOW_STATE_DECIDED,
	FLOW_STATE_ERASED
};
CARD_API const char *flow_application_state_name(enum flow_application_state s);

/* One version as the inbox keeps it: no name, number, serial or certificate (rules PD-26). */
struct flow_inbox_row {
	char id[33];
	unsigned version;
	int64_t received_at, superseded_at, decided_at, erased_at; /* 0: not */
	char form[64], procedure[64];
	enum card_verdict verdict;
	char reasons[256];   /* codes with commas */
	char source[8];      /* crl, ocsp, or "" */
	char crl_number[41]; /* hexadecimal, or "" */
	int64_t this_update;
	char digest[65]; /* SHA-256 of the package */
	enum flow_application_state state;
	char examiner[64], decision[64];
};

/* A folder (made with mode 0700 if it is not there) with an index and the sealed packages.
 * CARD_ERR_IO. */
CARD_API enum card_error flow_inbox_open(flow_inbox_t **out, const char *folder);
CARD_API void flow_inbox_free(flow_inbox_t **b);

/* The newest version of an application; CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_inbox_newest(flow_inbox_t *b, const char *id,
					   struct flow_inbox_row *row);

/* Everything that receiving needs. */
struct flow_receiver {
	const flow_form_t *form;
	struct card_bytes certificate, key_pem;
	const struct flow_verify *verify;
	bool permitted; /* the verifier's class is configured (R5-10) */
};

/*
 * Take a package in: unseal, verify, compare with the form and with the version before, record.
 * CARD_ERR_DENIED with *problem: verifier_not_permitted (nobody is asked anything), older_version,
 * decided_already, signature_invalid (a newer version that does not hold, or of which more than
 * the status is undetermined), another_person; CARD_ERR_MALFORMED with *problem: what flow_unpack
 * and flow_application_read say. Only after CARD_OK it is in the inbox, in the state *row tells.
 * A newer version that waits for its status keeps the older ones from being worked on.
 */
CARD_API enum card_error flow_inbox_receive(flow_inbox_t *b, const struct flow_receiver *r,
					    struct card_bytes package, struct flow_inbox_row *row,
					    struct flow_apply_problem *problem);

/* Verify a queued version again, as of its receipt (rules PD-27), with the status as of
 * r->verify->at (flow_inbox_receive's errors). CARD_ERR_NOT_FOUND; CARD_ERR_BAD_STATE: not
 * queued. */
CARD_API enum card_error flow_inbox_retry(flow_inbox_t *b, const struct flow_receiver *r,
					  const char *id, unsigned version,
					  struct flow_inbox_row *row,
					  struct flow_apply_problem *problem);

typedef void flow_inbox_fn(void *ctx, const struct flow_inbox_row *row);
CARD_API enum card_error flow_inbox_list(flow_inbox_t *b, flow_inbox_fn *fn, void *ctx);

/* Begin to examine the newest version; the application is appended to out.
 * CARD_ERR_NOT_FOUND; CARD_ERR_BAD_STATE: superseded, not valid, decided or erased. */
CARD_API enum card_error flow_inbox_examine(flow_inbox_t *b, const struct flow_receiver *r,
					    const char *id, unsigned version, const char *examiner,
					    card_buf_t *out);

/* Decide on the version under examination. Errors as flow_inbox_examine. */
CARD_API enum card_error flow_inbox_decide(flow_inbox_t *b, const char *id, unsigned version,
					   const char *examiner, const char *decision, int64_t at);

/* Erase the payload of every version of an application of which none is to be worked on any more;
 * the record stays (R7-21). CARD_ERR_NOT_FOUND; CARD_ERR_BAD_STATE. */
CARD_API enum card_error flow_inbox_erase(flow_inbox_t *b, const char *id, int64_t at);

#ifdef __cplusplus
}
#endif
#endif
