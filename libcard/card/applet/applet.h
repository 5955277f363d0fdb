/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the applets: identifiers, file reading, what a verified secret opens. */
#ifndef CARD_APPLET_H
#define CARD_APPLET_H

#include <card/channel.h>
#include <card/pin.h>

/* card-spec 2.1 */
extern const struct card_bytes aid_jpki, aid_surface, aid_text, aid_juki, aid_common, aid_local;

/* Longest certificate and longest record read from a card, in bytes. */
#define CERTIFICATE_MAX 16384u
#define RECORD_MAX      32768u

/* How to learn the whole length of a file's object from its first bytes. */
typedef enum card_error file_length_fn(struct card_bytes start, size_t *whole);

/*
 * Read one block of a transparent EF of the current application at an offset, at most 256 bytes,
 * by short file id where that works. Appends; *got may be 0 (end of the file).
 * CARD_ERR_NOT_FOUND, CARD_ERR_SECURITY_STATUS, CARD_ERR_STATUS, channel errors.
 */
enum card_error file_read_block(card_channel_t *ch, uint16_t file, size_t offset, size_t want,
				card_buf_t *out, size_t *got);

/*
 * Read the object at the start of a file exactly: one block to learn its length, then the rest.
 * max: longest object accepted. On error out is as before. CARD_ERR_TRUNCATED: the file ends
 * inside the object; CARD_ERR_TOO_LONG; errors of length and of file_read_block.
 */
enum card_error file_read_object(card_channel_t *ch, uint16_t file, file_length_fn *length,
				 size_t max, card_buf_t *out);

/* The rest of an object of whole bytes that begins at out->p + before: until all of it is there.
 * On error out is as before. Errors as file_read_object. */
enum card_error file_read_rest(card_channel_t *ch, uint16_t file, size_t whole, size_t before,
			       card_buf_t *out);

/* The same for BER-TLV. */
enum card_error file_read_tlv(card_channel_t *ch, uint16_t file, card_buf_t *out);

/* The same; *view is what was appended, valid until out grows again. */
enum card_error file_read_view(card_channel_t *ch, uint16_t file, card_buf_t *out,
			       struct card_bytes *view);

/* Record n of a record EF: READ RECORD with the short id. CARD_ERR_NOT_FOUND. */
enum card_error file_read_record(card_channel_t *ch, uint16_t file, uint8_t record,
				 card_buf_t *out);

/*
 * A read condition of letter A (card-spec 5.2): one of these secrets (bits 1 << enum card_pin)
 * was presented in this transaction. CARD_ERR_DENIED: others were, CARD_ERR_SECURITY_STATUS: none.
 */
enum card_error access_needs(card_channel_t *ch, uint32_t secrets);

/*
 * The way to a record: select an application, see that one of these secrets is open (as
 * access_needs; 0: the card alone decides), read a file as file_read_view does. Errors of the three.
 */
enum card_error file_read_in(card_channel_t *ch, struct card_bytes aid, uint32_t secrets,
			     uint16_t file, card_buf_t *out, struct card_bytes *view);

/* A status word after which the plain form (SELECT EF first) is worth a try: the card did not
 * understand the short file id. No try was used and nothing executed. */
bool short_id_refused(uint16_t sw);

#endif
