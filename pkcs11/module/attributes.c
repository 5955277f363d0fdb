/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute values (PKCS#11 3.0 §4). */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "module.h"

static CK_RV put(card_buf_t *out, const void *p, size_t n)
{
	return n == 0 || card_buf_append(out, card_bytes(p, n)) == CARD_OK ? CKR_OK
									   : CKR_HOST_MEMORY;
}

static CK_RV put_bytes(card_buf_t *out, struct card_bytes b)
{
	return put(out, b.p, b.n);
}

static CK_RV put_bool(card_buf_t *out, bool value)
{
	CK_BBOOL b = value ? CK_TRUE : CK_FALSE;

	return put(out, &b, sizeof(b));
}

static CK_RV put_number(card_buf_t *out, CK_ULONG n)
{
	return put(out, &n, sizeof(n));
}

/* CK_DATE of a certificate's instant, UTC. */
static CK_RV put_date(card_buf_t *out, int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	char text[32];

	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -900 || tm.tm_year > 8099)
		return CKR_OK; /* empty: unknown */
	(void)snprintf(text, sizeof(text), "%04d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1,
		       tm.tm_mday);
	return put(out, text, sizeof(CK_DATE));
}

/* DER INTEGER of a positive number without leading zeros. */
static CK_RV put_integer(card_buf_t *out, struct card_bytes n)
{
	bool lead = n.n == 0 || (n.p[0] & 0x80) != 0;
	uint8_t head[3] = {0x02, (uint8_t)(n.n + lead), 0x00};
	CK_RV rv;

	/* RFC 5280 §4.1.2.2: at most 20 octets, so the short length form does. */
	if (n.n > 100)
		return CKR_DEVICE_ERROR;
	rv = put(out, head, lead ? 3 : 2);
	return rv == CKR_OK ? put_bytes(out, n) : rv;
}

/* §4.6.2: the first three octets of the SHA-1 of the value. */
static CK_RV put_check_value(card_buf_t *out, struct card_bytes der)
{
	uint8_t digest[CARD_HASH_MAX];

	if (card_hash_digest(CARD_HASH_SHA1, der, digest) != CARD_OK)
		return CKR_FUNCTION_FAILED;
	return put(out, digest, 3);
}

static CK_RV put_mechanisms(card_buf_t *out)
{
	static const CK_MECHANISM_TYPE all[] = {
		CKM_RSA_PKCS,      CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS,    CKM_SHA512_RSA_PKCS,
		CKM_SHA1_RSA_PKCS, CKM_RSA_PKCS_PSS,    CKM_SHA256_RSA_PKCS_PSS};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (mechanism_find(all[i]) != NULL && put_number(out, all[i]) != CKR_OK)
			return CKR_HOST_MEMORY;
	return CKR_OK;
}

/* ---- out of the file ---- */

static bool file_certificate(CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_VALUE:
	case CKA_SUBJECT:
	case CKA_ISSUER:
	case CKA_SERIAL_NUMBER:
	case CKA_START_DATE:
	case CKA_END_DATE:
	case CKA_CHECK_VALUE:
	case CKA_PUBLIC_KEY_INFO:
		return true;
	default:
		return false;
	}
}

static bool file_key(CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_SUBJECT:
	case CKA_MODULUS:
	case CKA_MODULUS_BITS:
	case CKA_PUBLIC_EXPONENT:
	case CKA_PUBLIC_KEY_INFO:
		return true;
	default:
		return false;
	}
}

bool attribute_needs_file(const struct object *o, CK_ATTRIBUTE_TYPE type)
{
	switch (o->class) {
	case OBJECT_CERTIFICATE:
		return file_certificate(type);
	case OBJECT_PUBLIC:
		return file_key(type);
	case OBJECT_PRIVATE: /* a private key has no size of its own in the standard */
		return file_key(type) && type != CKA_MODULUS_BITS;
	case OBJECT_PROFILE:
	default:
		return false;
	}
}

static CK_RV from_file(const struct file *f, CK_ATTRIBUTE_TYPE type, card_buf_t *out)
{
	const struct card_key *key;

	if (f->cert == NULL)
		return CKR_DEVICE_ERROR;
	key = card_cert_key(f->cert);
	switch (type) {
	case CKA_VALUE:
		return put_bytes(out, card_buf_bytes(&f->der));
	case CKA_SUBJECT:
		return put_bytes(out, card_cert_subject(f->cert));
	case CKA_ISSUER:
		return put_bytes(out, card_cert_issuer(f->cert));
	case CKA_SERIAL_NUMBER:
		return put_integer(out, card_cert_serial(f->cert));
	case CKA_START_DATE:
		return put_date(out, card_cert_not_before(f->cert));
	case CKA_END_DATE:
		return put_date(out, card_cert_not_after(f->cert));
	case CKA_CHECK_VALUE:
		return put_check_value(out, card_buf_bytes(&f->der));
	case CKA_PUBLIC_KEY_INFO:
		return put_bytes(out, card_cert_spki(f->cert));
	case CKA_MODULUS:
		return put_bytes(out, key->modulus);
	case CKA_MODULUS_BITS:
		return put_number(out, key->bits);
	case CKA_PUBLIC_EXPONENT:
		return put_bytes(out, key->exponent);
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

/* ---- by kind of object ---- */

static CK_RV certificate_value(const struct object *o, CK_ATTRIBUTE_TYPE type, card_buf_t *out)
{
	bool ca = o->file == CARD_JPKI_AUTH_CA || o->file == CARD_JPKI_SIGN_CA;

	switch (type) {
	case CKA_CERTIFICATE_TYPE:
		return put_number(out, CKC_X_509);
	case CKA_CERTIFICATE_CATEGORY: /* §4.6.2: 1 token user, 2 authority */
		return put_number(out, ca ? 2 : 1);
	case CKA_TRUSTED:
		return put_bool(out, false);
	case CKA_JAVA_MIDP_SECURITY_DOMAIN:
		return put_number(out, 0);
	case CKA_ID:
		return put(out, &o->id, sizeof(o->id));
	case CKA_URL:
	case CKA_HASH_OF_SUBJECT_PUBLIC_KEY:
	case CKA_HASH_OF_ISSUER_PUBLIC_KEY:
		return CKR_OK; /* empty: the value is here */
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

static CK_RV key_value(const struct object *o, CK_ATTRIBUTE_TYPE type, card_buf_t *out)
{
	switch (type) {
	case CKA_KEY_TYPE:
		return put_number(out, CKK_RSA);
	case CKA_ID:
		return put(out, &o->id, sizeof(o->id));
	case CKA_DERIVE:
	case CKA_LOCAL: /* made at the municipal office or on the card: the card does not say */
		return put_bool(out, false);
	case CKA_KEY_GEN_MECHANISM:
		return put_number(out, CK_UNAVAILABLE_INFORMATION);
	case CKA_ALLOWED_MECHANISMS:
		return put_mechanisms(out);
	case CKA_START_DATE:
	case CKA_END_DATE:
		return CKR_OK; /* empty: those are the certificate's */
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

static CK_RV public_value(const struct object *o, CK_ATTRIBUTE_TYPE type, card_buf_t *out)
{
	switch (type) {
	case CKA_VERIFY:
		return put_bool(out, true);
	case CKA_ENCRYPT:
	case CKA_VERIFY_RECOVER:
	case CKA_WRAP:
	case CKA_TRUSTED:
		return put_bool(out, false);
	case CKA_WRAP_TEMPLATE:
		return CKR_OK;
	default:
		return key_value(o, type, out);
	}
}

static CK_RV private_value(const struct object *o, CK_ATTRIBUTE_TYPE type, card_buf_t *out)
{
	switch (type) {
	case CKA_SIGN:
	case CKA_SENSITIVE:
	case CKA_ALWAYS_SENSITIVE:
	case CKA_NEVER_EXTRACTABLE:
		return put_bool(out, true);
	case CKA_DECRYPT:
	case CKA_SIGN_RECOVER:
	case CKA_UNWRAP:
	case CKA_EXTRACTABLE:
	case CKA_WRAP_WITH_TRUSTED:
		return put_bool(out, false);
	case CKA_ALWAYS_AUTHENTICATE:
		return put_bool(out, o->slot == SLOT_SIGN && !module.config.session_login);
	case CKA_UNWRAP_TEMPLATE:
		return CKR_OK;
	case CKA_PRIVATE_EXPONENT:
	case CKA_PRIME_1:
	case CKA_PRIME_2:
	case CKA_EXPONENT_1:
	case CKA_EXPONENT_2:
	case CKA_COEFFICIENT:
		return CKR_ATTRIBUTE_SENSITIVE;
	default:
		return key_value(o, type, out);
	}
}

static CK_ULONG class_of(const struct object *o)
{
	switch (o->class) {
	case OBJECT_CERTIFICATE:
		return CKO_CERTIFICATE;
	case OBJECT_PUBLIC:
		return CKO_PUBLIC_KEY;
	case OBJECT_PRIVATE:
		return CKO_PRIVATE_KEY;
	case OBJECT_PROFILE:
	default:
		return CKO_PROFILE;
	}
}

CK_RV attribute_value(const struct slot *s, const struct object *o, CK_ATTRIBUTE_TYPE type,
		      card_buf_t *out)
{
	if (attribute_needs_file(o, type))
		return from_file(&s->reader->files[o->file], type, out);
	switch (type) {
	case CKA_CLASS:
		return put_number(out, class_of(o));
	case CKA_TOKEN:
		return put_bool(out, true);
	case CKA_PRIVATE:
		return put_bool(out, object_is_private(s, o));
	case CKA_LABEL:
		return put(out, o->label, strlen(o->label));
	case CKA_MODIFIABLE:
	case CKA_COPYABLE:
	case CKA_DESTROYABLE:
		return put_bool(out, false);
	default:
		break;
	}
	switch (o->class) {
	case OBJECT_CERTIFICATE:
		return certificate_value(o, type, out);
	case OBJECT_PUBLIC:
		return public_value(o, type, out);
	case OBJECT_PRIVATE:
		return private_value(o, type, out);
	case OBJECT_PROFILE:
	default:
		return type == CKA_PROFILE_ID ? put_number(out, o->profile)
					      : CKR_ATTRIBUTE_TYPE_INVALID;
	}
}
