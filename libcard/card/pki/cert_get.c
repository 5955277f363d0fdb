/* SPDX-License-Identifier: Apache-2.0 */
/* Getters of a certificate. */
#include <string.h>

#include "pki_cert.h"
#include "pki_engine.h"
#include "pki_oid.h"

enum card_cert_kind card_cert_kind(const card_cert_t *c)
{
	return c->kind;
}

bool card_cert_is_test(const card_cert_t *c)
{
	return c->test;
}

bool card_cert_is_smartphone(const card_cert_t *c)
{
	return c->smartphone;
}

struct card_bytes card_cert_der(const card_cert_t *c)
{
	return c->der;
}

struct card_bytes card_cert_tbs(const card_cert_t *c)
{
	return c->tbs;
}

struct card_bytes card_cert_serial(const card_cert_t *c)
{
	return c->serial;
}

struct card_bytes card_cert_issuer(const card_cert_t *c)
{
	return c->issuer;
}

struct card_bytes card_cert_subject(const card_cert_t *c)
{
	return c->subject;
}

int64_t card_cert_not_before(const card_cert_t *c)
{
	return c->not_before;
}

int64_t card_cert_not_after(const card_cert_t *c)
{
	return c->not_after;
}

struct card_bytes card_cert_spki(const card_cert_t *c)
{
	return c->spki;
}

const struct card_key *card_cert_key(const card_cert_t *c)
{
	return &c->key;
}

struct card_sig_alg card_cert_sig_alg(const card_cert_t *c)
{
	return c->sig_alg;
}

struct card_bytes card_cert_signature(const card_cert_t *c)
{
	return c->signature;
}

static enum card_error name_text(struct card_bytes name, char *out, size_t cap)
{
	if (!out || cap == 0)
		return CARD_ERR_BUFFER_TOO_SMALL;
	out[0] = '\0';
	card_buf_t text = {0};
	enum card_error err = card_name_text(name, &text);
	if (!err && text.n >= cap)
		err = CARD_ERR_BUFFER_TOO_SMALL;
	if (!err) {
		if (text.n > 0)
			memcpy(out, text.p, text.n);
		out[text.n] = '\0';
	}
	card_buf_free(&text);
	return err;
}

enum card_error card_cert_issuer_text(const card_cert_t *c, char *out, size_t cap)
{
	return name_text(c->issuer, out, cap);
}

enum card_error card_cert_subject_text(const card_cert_t *c, char *out, size_t cap)
{
	return name_text(c->subject, out, cap);
}

static struct card_bytes last_attribute(struct card_bytes name, struct card_bytes oid)
{
	struct card_bytes value = {NULL, 0}, found;
	for (unsigned n = 0; n < 64 && !card_name_attribute(name, oid, n, &found); n++)
		value = found;
	return value;
}

static const struct card_bytes oid_cn = PKI_OID(0x55, 0x04, 0x03);
static const struct card_bytes oid_ou = PKI_OID(0x55, 0x04, 0x0B);

struct card_bytes card_cert_common_name(const card_cert_t *c)
{
	return last_attribute(c->subject, oid_cn);
}

enum card_error card_cert_fingerprint(const card_cert_t *c, uint8_t out[32])
{
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err = card_hash_digest(CARD_HASH_SHA256, c->der, digest);
	if (!err)
		memcpy(out, digest, 32);
	return err;
}

/* ---- extensions ---- */

bool card_cert_has(const card_cert_t *c, enum card_cert_ext ext)
{
	return (unsigned)ext < CARD_EXT_COUNT_ && (c->present >> ext & 1);
}

bool card_cert_has_critical(const card_cert_t *c, enum card_cert_ext ext)
{
	return (unsigned)ext < CARD_EXT_COUNT_ && (c->critical >> ext & 1);
}

struct card_bytes card_cert_unknown_critical(const card_cert_t *c)
{
	return c->unknown_critical;
}

unsigned card_cert_key_usage(const card_cert_t *c)
{
	return c->key_usage;
}

unsigned card_cert_ext_key_usage(const card_cert_t *c)
{
	return c->ext_key_usage;
}

bool card_cert_is_ca(const card_cert_t *c)
{
	return c->is_ca;
}

int card_cert_path_length(const card_cert_t *c)
{
	return c->path_length;
}

size_t card_cert_policies(const card_cert_t *c)
{
	return c->policies;
}

struct card_bytes card_cert_policy(const card_cert_t *c, size_t nth)
{
	return nth < c->policies ? c->policy[nth] : card_bytes(NULL, 0);
}

enum card_error card_cert_policy_text(const card_cert_t *c, char *out, size_t cap)
{
	if (!out || cap == 0)
		return CARD_ERR_BUFFER_TOO_SMALL;
	out[0] = '\0';
	return c->policies ? card_der_oid_text(c->policy[0], out, cap) : CARD_OK;
}

struct card_bytes card_cert_subject_key_id(const card_cert_t *c)
{
	return c->subject_key_id;
}

struct card_bytes card_cert_authority_key_id(const card_cert_t *c)
{
	return c->authority.key_id;
}

struct card_bytes card_cert_authority_serial(const card_cert_t *c)
{
	return c->authority.serial;
}

struct card_bytes card_cert_dist_point(const card_cert_t *c)
{
	return c->dist_point;
}

struct card_bytes card_cert_dist_point_uri(const card_cert_t *c)
{
	return c->dist_point_uri;
}

enum card_error card_cert_dist_point_canonical(const card_cert_t *c, card_buf_t *out)
{
	return c->dist_point.n ? card_name_canonical(c->dist_point, out) : CARD_ERR_NOT_FOUND;
}

enum card_error card_cert_dist_point_text(const card_cert_t *c, char *out, size_t cap)
{
	if (!c->dist_point.n) {
		if (out && cap > 0)
			out[0] = '\0';
		return CARD_ERR_NOT_FOUND;
	}
	return name_text(c->dist_point, out, cap);
}

/* ---- municipality (card-spec 7.2) ---- */

struct card_bytes card_cert_prefecture(const card_cert_t *c)
{
	/* OU = JPKI for …, CRL Distribution Points, <prefecture> */
	struct card_bytes value;
	if (!c->dist_point.n || card_name_attribute(c->dist_point, oid_ou, 2, &value))
		return card_bytes(NULL, 0);
	return last_attribute(c->dist_point, oid_ou);
}

struct card_bytes card_cert_municipality(const card_cert_t *c)
{
	static const char suffix[] = " CRLDP";
	const size_t n = sizeof(suffix) - 1;
	struct card_bytes cn =
		c->dist_point.n ? last_attribute(c->dist_point, oid_cn) : card_bytes(NULL, 0);
	/* The suffix occurs in one sample and not in the other (card-spec 7.3). */
	if (cn.n > n && memcmp(cn.p + cn.n - n, suffix, n) == 0)
		cn.n -= n;
	return cn;
}

/* 14 alphanumerics, 5 digits, 3 digits, "A" (23 characters). */
struct card_bytes card_cert_municipality_code(const card_cert_t *c)
{
	struct card_bytes cn = card_cert_common_name(c);
	if (cn.n != 23)
		return card_bytes(NULL, 0);
	for (size_t i = 0; i < 22; i++) {
		uint8_t b = cn.p[i];
		bool digit = b >= '0' && b <= '9';
		bool letter = (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
		if (!digit && !(letter && i < 14))
			return card_bytes(NULL, 0);
	}
	return card_bytes(cn.p + 14, 5);
}

struct card_bytes card_cert_ocsp_uri(const card_cert_t *c)
{
	return c->ocsp_uri;
}

/* ---- the four attributes ---- */

struct card_bytes card_cert_attribute(const card_cert_t *c, enum card_cert_attribute a)
{
	if ((unsigned)a < CARD_ATTR_NAME || (unsigned)a > CARD_ATTR_ADDRESS_SUBSTITUTES)
		return card_bytes(NULL, 0);
	return c->attribute[a - 1];
}

struct card_date card_cert_birth(const card_cert_t *c)
{
	struct card_bytes text = c->attribute[CARD_ATTR_BIRTH - 1];
	struct card_date d = {0, 0, 0};
	if (text.n != 9 || card_date_parse(card_bytes(text.p + 1, 8), &d))
		return (struct card_date){0, 0, 0};
	return d;
}

int card_cert_birth_era(const card_cert_t *c)
{
	struct card_bytes text = c->attribute[CARD_ATTR_BIRTH - 1];
	if (text.n != 9 || text.p[0] < '0' || text.p[0] > '9')
		return -1;
	return text.p[0] - '0';
}

/* ---- signatures ---- */

enum card_error card_cert_verify_signature(const card_cert_t *c, enum card_hash hash,
					   struct card_bytes digest, struct card_bytes signature,
					   unsigned flags)
{
	if (!c)
		return CARD_ERR_INVALID_ARGUMENT;
	if (hash == CARD_HASH_SHA1 && !(flags & CARD_VERIFY_ALLOW_SHA1))
		return CARD_ERR_DENIED;
	struct card_sig_alg alg = {CARD_SIG_OTHER, hash, 0};
	if (c->key.kind == CARD_KEY_EC)
		alg.scheme = CARD_SIG_ECDSA;
	else if (c->key.kind == CARD_KEY_RSA)
		alg.scheme = flags & CARD_VERIFY_PSS ? CARD_SIG_PSS : CARD_SIG_PKCS1;
	alg.salt = (unsigned)card_hash_size(hash);
	return card_sig_verify(&c->key, alg, digest, signature);
}

enum card_error card_cert_verify_issued(const card_cert_t *c, const card_cert_t *issuer)
{
	if (!c || !issuer)
		return CARD_ERR_INVALID_ARGUMENT;
	struct pki_engine e = {0};
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err = pki_digest(&e, c->sig_alg.hash, c->tbs, digest);
	if (!err)
		err = pki_sig_verify(&e, &issuer->key, c->sig_alg,
				     card_bytes(digest, card_hash_size(c->sig_alg.hash)),
				     c->signature);
	pki_engine_free(&e);
	return err;
}

/* ---- faults ---- */

const char *card_cert_fault_text(enum card_cert_fault fault, enum card_lang lang)
{
	static const char *const text[CARD_CERT_FAULT_COUNT_][2] = {
		[CARD_CERT_FAULT_NONE] = {"The certificate is well-formed.",
					  "証明書の形式に問題はありません。"},
		[CARD_CERT_FAULT_LENGTH] =
			{"The data ends before the certificate, or goes on after it.",
			 "証明書の長さとデータの長さが合いません。"},
		[CARD_CERT_FAULT_STRUCTURE] = {"This is not a certificate.",
					       "証明書の形式ではありません。"},
		[CARD_CERT_FAULT_VERSION] = {"The certificate is not version 3.",
					     "証明書のバージョンが3ではありません。"},
		[CARD_CERT_FAULT_SERIAL] = {"The serial number of the certificate is not allowed.",
					    "証明書の発行番号が規格に合いません。"},
		[CARD_CERT_FAULT_ALGORITHM] =
			{"The signature algorithm of the certificate is malformed "
			 "or named in two ways.",
			 "証明書の署名アルゴリズムの記述が正しくありません。"},
		[CARD_CERT_FAULT_NAME] = {"A name in the certificate is malformed.",
					  "証明書の発行者または主体者の名前が正しくありません。"},
		[CARD_CERT_FAULT_VALIDITY] = {"The validity of the certificate is malformed.",
					      "証明書の有効期間の記述が正しくありません。"},
		[CARD_CERT_FAULT_KEY] = {"The public key of the certificate is malformed.",
					 "証明書の公開鍵の記述が正しくありません。"},
		[CARD_CERT_FAULT_SIGNATURE] =
			{"The signature field of the certificate is malformed.",
			 "証明書の署名欄が正しくありません。"},
		[CARD_CERT_FAULT_EXTENSIONS] = {"The extensions of the certificate are malformed.",
						"証明書の拡張領域が正しくありません。"},
		[CARD_CERT_FAULT_DUPLICATE] = {"An extension of the certificate occurs twice.",
					       "証明書に同じ拡張が2回あります。"},
		[CARD_CERT_FAULT_KEY_USAGE] = {"The key usage of the certificate is malformed.",
					       "証明書の鍵用途の記述が正しくありません。"},
		[CARD_CERT_FAULT_EXT_KEY_USAGE] = {"The extended key usage of the certificate is "
						   "malformed.",
						   "証明書の拡張鍵用途の記述が正しくありません。"},
		[CARD_CERT_FAULT_BASIC_CONSTRAINTS] =
			{"The basic constraints of the certificate are "
			 "malformed.",
			 "証明書の基本制約の記述が正しくありません。"},
		[CARD_CERT_FAULT_POLICIES] = {"The policies of the certificate are malformed.",
					      "証明書ポリシーの記述が正しくありません。"},
		[CARD_CERT_FAULT_KEY_ID] = {"A key identifier of the certificate is malformed.",
					    "証明書の鍵識別子の記述が正しくありません。"},
		[CARD_CERT_FAULT_ALT_NAME] =
			{"An alternative name of the certificate is malformed.",
			 "証明書の別名の記述が正しくありません。"},
		[CARD_CERT_FAULT_DIST_POINT] =
			{"The CRL distribution point of the certificate is "
			 "malformed.",
			 "証明書の失効リスト配布点の記述が正しくありません。"},
		[CARD_CERT_FAULT_INFO_ACCESS] =
			{"The authority information access of the certificate "
			 "is malformed.",
			 "証明書の機関情報アクセスの記述が正しくありません。"},
		[CARD_CERT_FAULT_ATTRIBUTE] = {"One of the four attributes in the certificate is "
					       "malformed.",
					       "証明書の基本4情報の記述が正しくありません。"},
		[CARD_CERT_FAULT_LIMIT] =
			{"The certificate is larger than any that is accepted here.",
			 "証明書が受け付けられる大きさを超えています。"},
	};
	if ((unsigned)fault >= CARD_CERT_FAULT_COUNT_)
		fault = CARD_CERT_FAULT_STRUCTURE;
	return text[fault][lang == CARD_LANG_JA];
}
