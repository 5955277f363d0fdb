/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/text.h>

#include "applet.h"
#include "record.h"

/* card-spec 3.4 */
#define EF_NUMBER      0x0001u
#define EF_ATTRIBUTES  0x0002u
#define EF_INTEGRITY   0x0003u
#define EF_CERTIFICATE 0x0004u
#define EF_INFO        0x0005u
#define EF_KEY         0x0007u

#define NUMBER_DIGITS   12u
#define NUMBER_PHYSICAL 17u /* DF31 is the digest of these bytes, filler included */
#define BLOCK           256u

#define BIT(pin) (UINT32_C(1) << (pin))

enum card_error card_text_select(card_channel_t *ch)
{
	return ch == NULL ? CARD_ERR_INVALID_ARGUMENT : card_channel_select(ch, aid_text);
}

enum card_error card_text_parse_attributes(struct card_bytes record,
					   struct card_text_attributes *out)
{
	struct card_bytes content;
	struct card_tlv name, address, birth, sex;
	enum card_error err;

	if (out == NULL || record.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = record_open(record, 0xFF20, &content);
	if (err == CARD_OK)
		err = record_field(content, 0xDF22, &name);
	if (err == CARD_OK)
		err = record_field(content, 0xDF23, &address);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF24, 8, &birth);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF25, 1, &sex);
	/* DF32 is the digest from DF22 on: nothing else may stand before it. */
	if (err == CARD_OK && (!record_before(&name, &address) || !record_before(&name, &birth) ||
			       !record_before(&name, &sex)))
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK && (!record_is_utf8(name.value) || !record_is_utf8(address.value)))
		err = CARD_ERR_MALFORMED;
	if (err != CARD_OK)
		return err;
	out->name = name.value;
	out->address = address.value;
	out->birth = record_date(birth.value);
	out->sex = (char)sex.value.p[0];
	out->signed_part = card_bytes(name.whole.p, content.n - (size_t)(name.whole.p - content.p));
	return CARD_OK;
}

enum card_error card_text_parse_integrity(struct card_bytes record, struct card_text_integrity *out)
{
	struct card_bytes content;
	struct card_tlv number, attributes, signature;
	enum card_error err;

	if (out == NULL || record.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = record_open(record, 0xFF30, &content);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF31, 32, &number);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF32, 32, &attributes);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF33, 256, &signature);
	if (err == CARD_OK && number.whole.p + number.whole.n != attributes.whole.p)
		err = CARD_ERR_MALFORMED;
	if (err != CARD_OK)
		return err;
	out->number_digest = number.value;
	out->attributes_digest = attributes.value;
	out->signed_part = record_span(&number, &attributes);
	out->signature = signature.value;
	return CARD_OK;
}

enum card_error card_text_parse_key(struct card_bytes record, struct card_text_key *out)
{
	struct card_bytes content;
	struct card_tlv key, signature;
	enum card_error err;

	if (out == NULL || record.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = record_open(record, 0xFF50, &content);
	if (err == CARD_OK)
		err = record_field(content, 0xDF51, &key);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF52, 256, &signature);
	if (err != CARD_OK)
		return err;
	out->public_key = key.value;
	out->signed_part = key.whole;
	out->signature = signature.value;
	return CARD_OK;
}

enum card_error card_text_read_attributes(card_channel_t *ch, const card_grant_t *grant,
					  card_buf_t *record, struct card_text_attributes *out)
{
	struct card_bytes view = {0};
	enum card_error err;

	if (ch == NULL || record == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!card_grant_permits(grant, CARD_OBJECT_ATTRIBUTES))
		return CARD_ERR_DENIED;
	err = file_read_in(ch, aid_text, BIT(CARD_PIN_TEXT) | BIT(CARD_PIN_TEXT_NUMBER_B),
			   EF_ATTRIBUTES, record, &view);
	return err == CARD_OK ? card_text_parse_attributes(view, out) : err;
}

/* FF 10 0C and 12 digits; the header's length form does not matter. */
static enum card_error parse_number(struct card_bytes physical, char number[13])
{
	struct card_bytes rest = physical;
	struct card_tlv outer;
	enum card_error err = card_tlv_next(&rest, &outer);

	if (err != CARD_OK)
		return err == CARD_ERR_NOT_FOUND ? CARD_ERR_TRUNCATED : err;
	if (outer.tag != 0xFF10 || outer.value.n != NUMBER_DIGITS)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; i < NUMBER_DIGITS; i++)
		if (outer.value.p[i] < '0' || outer.value.p[i] > '9')
			return CARD_ERR_MALFORMED;
	memcpy(number, outer.value.p, NUMBER_DIGITS);
	number[NUMBER_DIGITS] = '\0';
	return CARD_OK;
}

enum card_error card_text_read_number(card_channel_t *ch, const card_grant_t *grant,
				      card_buf_t *record, char number[13])
{
	uint8_t memory[BLOCK];
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	size_t got = 0;
	enum card_error err;

	if (ch == NULL || number == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	number[0] = '\0';
	if (!card_grant_permits(grant, CARD_OBJECT_NUMBER))
		return CARD_ERR_DENIED;
	err = card_text_select(ch);
	if (err == CARD_OK)
		err = access_needs(ch, BIT(CARD_PIN_TEXT) | BIT(CARD_PIN_TEXT_NUMBER_A));
	if (err == CARD_OK)
		err = file_read_block(ch, EF_NUMBER, 0, BLOCK, &b, &got);
	if (err == CARD_OK)
		err = parse_number(card_buf_bytes(&b), number);
	if (err == CARD_OK && record != NULL)
		err = card_buf_append(
			record, card_bytes(memory, got < NUMBER_PHYSICAL ? got : NUMBER_PHYSICAL));
	if (err != CARD_OK)
		card_wipe(number, NUMBER_DIGITS);
	card_buf_free(&b);
	return err;
}

enum card_error card_text_read_integrity(card_channel_t *ch, card_buf_t *record,
					 struct card_text_integrity *out)
{
	struct card_bytes view = {0};
	enum card_error err;

	if (ch == NULL || record == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = file_read_in(ch, aid_text, 0, EF_INTEGRITY, record, &view);
	return err == CARD_OK ? card_text_parse_integrity(view, out) : err;
}

enum card_error card_text_read_key(card_channel_t *ch, card_buf_t *record,
				   struct card_text_key *out)
{
	struct card_bytes view = {0};
	enum card_error err;

	if (ch == NULL || record == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = file_read_in(ch, aid_text, 0, EF_KEY, record, &view);
	return err == CARD_OK ? card_text_parse_key(view, out) : err;
}

enum card_error card_text_read_info(card_channel_t *ch, struct card_text_info *out)
{
	card_buf_t b = {0};
	struct card_bytes view = {0}, content;
	struct card_tlv key_id;
	enum card_error err;

	if (ch == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = file_read_in(ch, aid_text, 0, EF_INFO, &b, &view);
	if (err == CARD_OK)
		err = record_open(view, 0xFF40, &content);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF42, sizeof(out->key_id), &key_id);
	if (err == CARD_OK)
		memcpy(out->key_id, key_id.value.p, sizeof(out->key_id));
	card_buf_free(&b);
	return err;
}

enum card_error card_text_read_certificate(card_channel_t *ch, card_buf_t *out)
{
	enum card_error err;

	if (ch == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = card_text_select(ch);
	return err == CARD_OK ? file_read_tlv(ch, EF_CERTIFICATE, out) : err;
}

bool card_number_valid(const char *number)
{
	/* 総務省令85号 5条 (card-spec 9.1): weights from left to right. */
	static const int weight[] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
	int sum = 0, rest;

	if (number == NULL || strlen(number) != NUMBER_DIGITS)
		return false;
	for (size_t i = 0; i < NUMBER_DIGITS; i++)
		if (number[i] < '0' || number[i] > '9')
			return false;
	for (size_t i = 0; i < sizeof(weight) / sizeof(weight[0]); i++)
		sum += weight[i] * (number[i] - '0');
	rest = sum % 11;
	return number[NUMBER_DIGITS - 1] - '0' == (rest <= 1 ? 0 : 11 - rest);
}
