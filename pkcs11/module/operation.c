/* SPDX-License-Identifier: Apache-2.0 */
/* What digests, signatures and verifications have in common. */
#include <string.h>

#include "module.h"

static const EVP_MD *md_of(enum card_hash hash)
{
	switch (hash) {
	case CARD_HASH_SHA1:
		return EVP_sha1();
	case CARD_HASH_SHA256:
		return EVP_sha256();
	case CARD_HASH_SHA384:
		return EVP_sha384();
	case CARD_HASH_SHA512:
		return EVP_sha512();
	case CARD_HASH_NONE:
	default:
		return NULL;
	}
}

CK_RV op_start(struct op *op, const struct mechanism *m)
{
	memset(op, 0, sizeof(*op));
	op->mechanism = m->type;
	op->hash = m->hash;
	op->pss = m->pss;
	if (m->hash != CARD_HASH_NONE) {
		op->md = EVP_MD_CTX_new();
		if (op->md == NULL)
			return CKR_HOST_MEMORY;
		if (EVP_DigestInit_ex(op->md, md_of(m->hash), NULL) != 1) {
			op_end(op);
			return CKR_FUNCTION_FAILED;
		}
	}
	op->stage = OP_READY;
	return CKR_OK;
}

void op_end(struct op *op)
{
	EVP_MD_CTX_free(op->md);
	card_secret_free(&op->password);
	card_wipe(op, sizeof(*op));
}

CK_RV op_update(struct op *op, const uint8_t *p, size_t n)
{
	if (n == 0)
		return CKR_OK;
	if (op->md != NULL)
		return EVP_DigestUpdate(op->md, p, n) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
	if (n > sizeof(op->raw) - op->raw_len)
		return CKR_DATA_LEN_RANGE;
	memcpy(op->raw + op->raw_len, p, n);
	op->raw_len += n;
	return CKR_OK;
}

CK_RV op_finish(struct op *op, uint8_t digest[CARD_HASH_MAX], struct card_bytes *out)
{
	unsigned n = 0;

	if (op->md == NULL) {
		*out = card_bytes(op->raw, op->raw_len);
		return CKR_OK;
	}
	if (EVP_DigestFinal_ex(op->md, digest, &n) != 1)
		return CKR_FUNCTION_FAILED;
	*out = card_bytes(digest, n);
	return CKR_OK;
}

bool op_length_only(CK_BYTE_PTR buffer, CK_ULONG_PTR len, CK_ULONG need, CK_RV *rv)
{
	bool small = buffer != NULL && *len < need;

	if (buffer != NULL && !small)
		return false;
	*len = need;
	*rv = small ? CKR_BUFFER_TOO_SMALL : CKR_OK;
	return true;
}

/* ---- what functions of several operations do alike ---- */

struct op *op_of(struct session *s, CK_FLAGS use)
{
	if (use == CKF_DIGEST)
		return &s->digest;
	return use == CKF_SIGN ? &s->sign : &s->verify;
}

CK_ULONG signature_size(const struct slot *s)
{
	const struct file *f = slot_file(s);
	const struct card_key *key = f->cert != NULL ? card_cert_key(f->cert) : NULL;

	return key != NULL ? (CK_ULONG)key->modulus.n : 0;
}

/* Owner only. */
static CK_RV init(CK_SESSION_HANDLE h, struct session *s, CK_MECHANISM_PTR mech,
		  CK_OBJECT_HANDLE key, CK_FLAGS use, key_fn *check_key)
{
	const struct mechanism *m;
	CK_RV rv;

	if (mech == NULL) {
		rv = op_of(s, use)->stage == OP_NONE ? CKR_ARGUMENTS_BAD : CKR_OK;
		op_end(op_of(s, use));
		return rv;
	}
	if (op_of(s, use)->stage != OP_NONE)
		return CKR_OPERATION_ACTIVE;
	rv = mechanism_check(mech, use, &m);
	if (rv == CKR_OK)
		rv = check_key(s->slot, key);
	if (rv != CKR_OK)
		return rv;
	/* The certificate tells the size of the signature and verifies it. */
	rv = token_file(s->slot->reader, slot_certificate(s->slot));
	if (rv == CKR_OK)
		rv = session_get(h, &s); /* the mutex was free meanwhile */
	if (rv == CKR_OK && signature_size(s->slot) == 0)
		rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK && op_of(s, use)->stage != OP_NONE)
		rv = CKR_OPERATION_ACTIVE;
	return rv == CKR_OK ? op_start(op_of(s, use), m) : rv;
}

CK_RV op_init(CK_SESSION_HANDLE h, CK_MECHANISM_PTR mech, CK_OBJECT_HANDLE key, CK_FLAGS use,
	      key_fn *check_key)
{
	struct session *s;
	struct reader *r;
	CK_RV rv = session_enter(h, &s, &r);

	if (rv != CKR_OK)
		return rv;
	rv = init(h, s, mech, key, use, check_key);
	session_leave(r);
	return rv;
}

CK_RV op_part(CK_SESSION_HANDLE h, CK_BYTE_PTR part, CK_ULONG n, CK_FLAGS use)
{
	struct session *s;
	struct op *op;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(h, &s);
	op = rv == CKR_OK ? op_of(s, use) : NULL;
	if (op != NULL && op->stage == OP_NONE) {
		rv = CKR_OPERATION_NOT_INITIALIZED;
	} else if (op != NULL) {
		if (op->stage == OP_SINGLE)
			rv = CKR_OPERATION_ACTIVE;
		else if (part == NULL && n > 0)
			rv = CKR_ARGUMENTS_BAD;
		else
			rv = op_update(op, part, (size_t)n);
		if (rv == CKR_OK)
			op->stage = OP_MULTI;
		else
			op_end(op);
	}
	module_leave();
	return rv;
}
