/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_message.h — messages between terminal, centre and issuer (docs/issuance.md, rules 4.2).
 *
 * A message is one line of JSON, a line feed, and its parts: bytes described by the array "parts".
 */
#ifndef CARDFLOW_ISSUE_MESSAGE_H
#define CARDFLOW_ISSUE_MESSAGE_H

#include <jansson.h>

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLOW_ISSUE_MESSAGE_TYPE "application/vnd.kazasu.message"
#define FLOW_ISSUE_JSON_MAX     ((size_t)64 * 1024)
#define FLOW_ISSUE_PARTS        24u

/* One part; the texts and bytes are borrowed. sha256: of the bytes, 64 lower-case hexadecimal digits, if
 * whoever writes the message knows it already; else NULL. A message that was read has NULL there. */
struct flow_issue_part {
	const char *name, *type;
	struct card_bytes bytes;
	const char *sha256;
};

/*
 * A message that was read: json is owned (json_decref), parts point into the bytes that were
 * read and into json.
 */
struct flow_issue_message {
	json_t *json;
	struct flow_issue_part part[FLOW_ISSUE_PARTS];
	size_t parts;
};

/*
 * Read one message; bytes must live as long as *out. CARD_ERR_MALFORMED: not JSON, not an object, a
 * key twice, parts whose lengths or digests do not agree, anything after the last part, a name
 * twice; CARD_ERR_TOO_LONG: JSON above FLOW_ISSUE_JSON_MAX, or too many parts.
 */
CARD_API enum card_error flow_issue_message_read(struct flow_issue_message *out,
						 struct card_bytes bytes);
CARD_API void flow_issue_message_free(struct flow_issue_message *m);

/* The part of this name, or n = 0 and p = NULL. */
CARD_API struct card_bytes flow_issue_message_part(const struct flow_issue_message *m,
						   const char *name);

/* Append a message to out; "parts" is set in json if n > 0. CARD_ERR_TOO_LONG. */
CARD_API enum card_error flow_issue_message_write(json_t *json, const struct flow_issue_part *parts,
						  size_t n, card_buf_t *out);

/* A text of json, or NULL if it is missing, no text, empty, or longer than max bytes. */
CARD_API const char *flow_issue_text(const json_t *json, const char *key, size_t max);

/* Raw bytes of a text of exactly 2 n lower-case hexadecimal digits. CARD_ERR_MALFORMED. */
CARD_API enum card_error flow_issue_hex(const json_t *json, const char *key, uint8_t *out,
					size_t n);

/* Bytes of a base64 text (RFC 4648 §4, padded, no line feeds), appended. CARD_ERR_MALFORMED: also if
 * it is missing or empty. */
CARD_API enum card_error flow_issue_base64(const json_t *json, const char *key, card_buf_t *out);
/* The same written; a new reference, or NULL. */
CARD_API json_t *flow_issue_base64_new(struct card_bytes bytes);

/* n raw bytes as 2 n lower-case digits and NUL. */
CARD_API void flow_issue_hex_text(const uint8_t *bytes, size_t n, char *out);

/* ---- what is signed and what binds (docs/issuance.md) ---- */

#define FLOW_ISSUE_ID    16u /* raw bytes of a transaction, session, payment, refund, permit */
#define FLOW_ISSUE_NONCE 32u

/* SHA-256(KAZASU-AUTH-v1 ‖ audience ‖ transaction ‖ session ‖ nonce): the only thing that the
 * authentication key signs here (design decision 4). CARD_ERR_CRYPTO. */
CARD_API enum card_error flow_issue_challenge(const char *audience,
					      const uint8_t transaction[FLOW_ISSUE_ID],
					      const uint8_t session[FLOW_ISSUE_ID],
					      const uint8_t nonce[FLOW_ISSUE_NONCE],
					      uint8_t out[32]);

/* SHA-256(KAZASU-BINDING-v1 ‖ transaction ‖ session ‖ SHA-256(identity)); identity is the
 * certificate's DER or the 利用者ID. CARD_ERR_CRYPTO. */
CARD_API enum card_error flow_issue_binding(const uint8_t transaction[FLOW_ISSUE_ID],
					    const uint8_t session[FLOW_ISSUE_ID],
					    struct card_bytes identity, uint8_t out[32]);

/* HMAC-SHA256(secret, authority ‖ serial): the key under which a municipality maps a certificate to
 * a resident (rules PD-26). serial without leading zero bytes. CARD_ERR_CRYPTO. */
CARD_API enum card_error flow_issue_resident_key(struct card_bytes secret,
						 const uint8_t authority[32],
						 struct card_bytes serial, uint8_t out[32]);

#ifdef __cplusplus
}
#endif
#endif
