/* SPDX-License-Identifier: Apache-2.0 */
/* Verification with a public key of the token, in software. */
#include "module.h"

static CK_RV find_key(const struct slot *s, CK_OBJECT_HANDLE h)
{
	const struct object *o = object_find(s, h);

	if (o == NULL || (o->class != OBJECT_PUBLIC && o->class != OBJECT_PRIVATE))
		return CKR_KEY_HANDLE_INVALID;
	return o->class == OBJECT_PUBLIC ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey)
{
	return op_init(hSession, pMechanism, hKey, CKF_VERIFY, find_key);
}

static enum card_error check(const struct op *op, const card_cert_t *cert, struct card_bytes data,
			     struct card_bytes signature)
{
	const struct card_key *key = card_cert_key(cert);

	if (op->pss)
		return card_cert_verify_signature(cert, CARD_HASH_SHA256, data, signature,
						  CARD_VERIFY_PSS);
	if (op->hash == CARD_HASH_NONE)
		return card_rsa_verify_digest_info(key->modulus, key->exponent, data, signature);
	return card_rsa_verify(key->modulus, key->exponent, op->hash, data, signature);
}

/* The operation ends with the answer. */
static CK_RV finish(struct session *s, struct card_bytes data, CK_BYTE_PTR sig, CK_ULONG n)
{
	const card_cert_t *cert = slot_file(s->slot)->cert;
	struct op *op = &s->verify;
	uint8_t digest[CARD_HASH_MAX];
	struct card_bytes d = {0};
	CK_RV rv = CKR_OK;

	if (sig == NULL || (data.p == NULL && data.n > 0))
		rv = CKR_ARGUMENTS_BAD;
	else if (cert == NULL)
		rv = CKR_DEVICE_ERROR;
	else if (n != card_cert_key(cert)->modulus.n)
		rv = CKR_SIGNATURE_LEN_RANGE;
	if (rv == CKR_OK)
		rv = op_update(op, data.p, data.n);
	if (rv == CKR_OK)
		rv = op_finish(op, digest, &d);
	if (rv == CKR_OK && op->pss && d.n != card_hash_size(CARD_HASH_SHA256))
		rv = CKR_DATA_LEN_RANGE;
	if (rv == CKR_OK) {
		switch (check(op, cert, d, card_bytes(sig, (size_t)n))) {
		case CARD_OK:
			break;
		case CARD_ERR_SIGNATURE:
			rv = CKR_SIGNATURE_INVALID;
			break;
		case CARD_ERR_INVALID_ARGUMENT:
			rv = CKR_DATA_LEN_RANGE;
			break;
		default:
			rv = CKR_FUNCTION_FAILED;
		}
	}
	op_end(op);
	return rv;
}

CK_RV C_Verify(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
	       CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && s->verify.stage == OP_NONE)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	else if (rv == CKR_OK && s->verify.stage == OP_MULTI)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK)
		rv = finish(s, card_bytes(pData, (size_t)ulDataLen), pSignature, ulSignatureLen);
	module_leave();
	return rv;
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)
{
	return op_part(hSession, pPart, ulPartLen, CKF_VERIFY);
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && s->verify.stage == OP_NONE)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK)
		rv = finish(s, (struct card_bytes){0}, pSignature, ulSignatureLen);
	module_leave();
	return rv;
}
