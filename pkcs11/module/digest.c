/* SPDX-License-Identifier: Apache-2.0 */
/* Digests, in software. */
#include <string.h>

#include "module.h"

CK_RV C_DigestInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism)
{
	const struct mechanism *m;
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && pMechanism == NULL) {
		/* PKCS#11 3.0 §5.2: NULL ends what is active. */
		rv = s->digest.stage == OP_NONE ? CKR_ARGUMENTS_BAD : CKR_OK;
		op_end(&s->digest);
	} else if (rv == CKR_OK && s->digest.stage != OP_NONE) {
		rv = CKR_OPERATION_ACTIVE;
	} else if (rv == CKR_OK) {
		rv = mechanism_check(pMechanism, CKF_DIGEST, &m);
		if (rv == CKR_OK)
			rv = op_start(&s->digest, m);
	}
	module_leave();
	return rv;
}

/* Give the digest of op to the caller; it ends unless the length was asked or short. */
static CK_RV finish(struct op *op, CK_BYTE_PTR out, CK_ULONG_PTR len)
{
	uint8_t digest[CARD_HASH_MAX];
	struct card_bytes d;
	CK_RV rv = op_finish(op, digest, &d);

	if (rv == CKR_OK) {
		memcpy(out, d.p, d.n);
		*len = (CK_ULONG)d.n;
	}
	op_end(op);
	return rv;
}

static CK_RV digest(struct op *op, CK_BYTE_PTR data, CK_ULONG n, CK_BYTE_PTR out, CK_ULONG_PTR len)
{
	CK_RV rv = CKR_OK;

	if (op->stage == OP_NONE)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (op->stage == OP_MULTI)
		return CKR_OPERATION_ACTIVE;
	if (len == NULL || (data == NULL && n > 0)) {
		op_end(op);
		return CKR_ARGUMENTS_BAD;
	}
	op->stage = OP_SINGLE;
	if (op_length_only(out, len, (CK_ULONG)card_hash_size(op->hash), &rv))
		return rv;
	rv = op_update(op, data, (size_t)n);
	if (rv == CKR_OK)
		return finish(op, out, len);
	op_end(op);
	return rv;
}

CK_RV C_Digest(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
	       CK_BYTE_PTR pDigest, CK_ULONG_PTR pulDigestLen)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK)
		rv = digest(&s->digest, pData, ulDataLen, pDigest, pulDigestLen);
	module_leave();
	return rv;
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)
{
	return op_part(hSession, pPart, ulPartLen, CKF_DIGEST);
}

CK_RV C_DigestKey(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hKey)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && s->digest.stage == OP_NONE)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	else if (rv == CKR_OK) /* there are no secret keys here */
		rv = object_find(s->slot, hKey) == NULL ? CKR_KEY_HANDLE_INVALID
							: CKR_KEY_INDIGESTIBLE;
	module_leave();
	return rv;
}

static CK_RV final(struct op *op, CK_BYTE_PTR out, CK_ULONG_PTR len)
{
	CK_RV rv = CKR_OK;

	if (op->stage == OP_NONE)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (op->stage == OP_SINGLE)
		rv = CKR_OPERATION_ACTIVE;
	else if (len == NULL)
		rv = CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK) {
		op_end(op);
		return rv;
	}
	if (op_length_only(out, len, (CK_ULONG)card_hash_size(op->hash), &rv)) {
		op->stage = OP_MULTI;
		return rv;
	}
	return finish(op, out, len);
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pDigest, CK_ULONG_PTR pulDigestLen)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK)
		rv = final(&s->digest, pDigest, pulDigestLen);
	module_leave();
	return rv;
}
