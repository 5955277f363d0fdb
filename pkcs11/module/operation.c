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
