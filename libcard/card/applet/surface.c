/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/surface.h>

#include "applet.h"
#include "record.h"

/* card-spec 3.3 */
#define EF_AGE         0x0001u
#define EF_FACE        0x0002u
#define EF_INFO        0x0003u
#define EF_CERTIFICATE 0x0004u
#define EF_NUMBER      0x0005u

#define SIGNATURE_LENGTH   256u
#define PHOTO_LENGTH_LEAST 64u /* headers of an image alone are longer */

#define BIT(pin) (UINT32_C(1) << (pin))

enum card_error card_surface_select(card_channel_t *ch)
{
	return ch == NULL ? CARD_ERR_INVALID_ARGUMENT : card_channel_select(ch, aid_surface);
}

enum card_error card_surface_parse_age(struct card_bytes record, struct card_surface_age *out)
{
	struct card_bytes content;
	struct card_tlv birth, key, signature;
	enum card_error err;

	if (out == NULL || record.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = record_open(record, 0xFF10, &content);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF11, 8, &birth);
	if (err == CARD_OK)
		err = record_field(content, 0xDF12, &key);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF13, SIGNATURE_LENGTH, &signature);
	if (err == CARD_OK &&
	    (!record_before(&birth, &signature) || !record_before(&key, &signature)))
		err = CARD_ERR_MALFORMED;
	if (err != CARD_OK)
		return err;
	out->birth = record_date(birth.value);
	out->public_key = key.value;
	out->signed_part = card_bytes(content.p, (size_t)(signature.whole.p - content.p));
	out->signature = signature.value;
	return CARD_OK;
}

/* The fields of EF 0002 in the order of card-spec 3.3. */
struct face_fields {
	struct card_tlv birth, sex, key, name, address, photo, signature, expiry;
};

static enum card_error face_fields(struct card_bytes content, struct face_fields *f)
{
	enum card_error err = record_field_sized(content, 0xDF22, 8, &f->birth);

	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF23, 1, &f->sex);
	if (err == CARD_OK)
		err = record_field(content, 0xDF24, &f->key);
	if (err == CARD_OK)
		err = record_field(content, 0xDF25, &f->name);
	if (err == CARD_OK)
		err = record_field(content, 0xDF26, &f->address);
	if (err == CARD_OK)
		err = record_field(content, 0xDF27, &f->photo);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF28, SIGNATURE_LENGTH, &f->signature);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF29, 8, &f->expiry);
	return err;
}

/* The three ranges must be made of neighbours, or what is hashed is not what was found. */
static bool adjacent(const struct card_tlv *a, const struct card_tlv *b)
{
	return a->whole.p + a->whole.n == b->whole.p;
}

enum card_error card_surface_parse_face(struct card_bytes record, struct card_surface_face *out)
{
	struct card_bytes content;
	struct face_fields f;
	struct card_tlv code;
	enum card_error err;

	if (out == NULL || record.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = record_open(record, 0xFF20, &content);
	if (err == CARD_OK)
		err = face_fields(content, &f);
	if (err != CARD_OK)
		return err;
	if (!adjacent(&f.birth, &f.sex) || !adjacent(&f.sex, &f.key) ||
	    !adjacent(&f.name, &f.address) || !record_is_png(f.name.value) ||
	    !record_is_png(f.address.value) || !record_is_jp2(f.photo.value))
		return CARD_ERR_MALFORMED;
	if (f.photo.value.n < PHOTO_LENGTH_LEAST)
		return CARD_ERR_TRUNCATED;
	out->birth = record_date(f.birth.value);
	out->sex = (char)f.sex.value.p[0];
	out->public_key = f.key.value;
	out->name_png = f.name.value;
	out->address_png = f.address.value;
	out->photo_jp2 = f.photo.value;
	out->signature = f.signature.value;
	out->expiry = record_date(f.expiry.value);
	err = card_tlv_find(content, 0xDF2A, &code);
	if (err == CARD_OK)
		out->security_code_png = code.value;
	else if (err != CARD_ERR_NOT_FOUND)
		return err;
	out->part[0] = record_span(&f.birth, &f.key);
	out->part[1] = record_span(&f.name, &f.address);
	out->part[2] = f.photo.whole;
	return CARD_OK;
}

enum card_error card_surface_parse_number(struct card_bytes record, struct card_surface_number *out)
{
	struct card_bytes content;
	struct card_tlv image, key, signature;
	enum card_error err;

	if (out == NULL || record.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = record_open(record, 0xFF40, &content);
	if (err == CARD_OK)
		err = record_field(content, 0xDF41, &image);
	if (err == CARD_OK)
		err = record_field(content, 0xDF42, &key);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF43, SIGNATURE_LENGTH, &signature);
	if (err == CARD_OK &&
	    (!record_before(&image, &signature) || !record_before(&key, &signature)))
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK && !record_is_png(image.value))
		err = CARD_ERR_MALFORMED;
	if (err != CARD_OK)
		return err;
	out->number_png = image.value;
	out->public_key = key.value;
	out->signed_part = card_bytes(content.p, (size_t)(signature.whole.p - content.p));
	out->signature = signature.value;
	return CARD_OK;
}

enum card_error card_surface_read_age(card_channel_t *ch, const card_grant_t *grant,
				      card_buf_t *record, struct card_surface_age *out)
{
	struct card_bytes view = {0};
	enum card_error err;

	if (ch == NULL || record == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!card_grant_permits(grant, CARD_OBJECT_BIRTH))
		return CARD_ERR_DENIED;
	/* condition of letter B: the card decides */
	err = file_read_in(ch, aid_surface, 0, EF_AGE, record, &view);
	return err == CARD_OK ? card_surface_parse_age(view, out) : err;
}

enum card_error card_surface_read_face(card_channel_t *ch, const card_grant_t *grant,
				       card_buf_t *record, struct card_surface_face *out)
{
	struct card_bytes view = {0};
	enum card_error err;

	if (ch == NULL || record == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!card_grant_permits(grant, CARD_OBJECT_FACE))
		return CARD_ERR_DENIED;
	err = file_read_in(ch, aid_surface,
			   BIT(CARD_PIN_SURFACE_NUMBER_A) | BIT(CARD_PIN_SURFACE_NUMBER_B), EF_FACE,
			   record, &view);
	return err == CARD_OK ? card_surface_parse_face(view, out) : err;
}

enum card_error card_surface_read_number(card_channel_t *ch, const card_grant_t *grant,
					 card_buf_t *record, struct card_surface_number *out)
{
	struct card_bytes view = {0};
	enum card_error err;

	if (ch == NULL || record == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!card_grant_permits(grant, CARD_OBJECT_NUMBER_IMAGE))
		return CARD_ERR_DENIED;
	err = file_read_in(ch, aid_surface, 0, EF_NUMBER, record, &view);
	return err == CARD_OK ? card_surface_parse_number(view, out) : err;
}

enum card_error card_surface_read_info(card_channel_t *ch, struct card_surface_info *out)
{
	card_buf_t b = {0};
	struct card_bytes view = {0}, content;
	struct card_tlv key_id, municipality;
	enum card_error err;

	if (ch == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = file_read_in(ch, aid_surface, 0, EF_INFO, &b, &view);
	if (err == CARD_OK)
		err = record_open(view, 0xFF30, &content);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF32, sizeof(out->key_id), &key_id);
	if (err == CARD_OK)
		err = record_field_sized(content, 0xDF34, 5, &municipality);
	if (err == CARD_OK) {
		memcpy(out->key_id, key_id.value.p, sizeof(out->key_id));
		memcpy(out->municipality, municipality.value.p, 5);
	}
	card_buf_free(&b);
	return err;
}

enum card_error card_surface_read_certificate(card_channel_t *ch, card_buf_t *out)
{
	enum card_error err;

	if (ch == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = card_surface_select(ch);
	return err == CARD_OK ? file_read_tlv(ch, EF_CERTIFICATE, out) : err;
}
