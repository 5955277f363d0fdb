/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "module.h"

#define KEY_BITS 2048u /* card-spec 4.2: 256-byte signatures */

/* CKF_HW: the card does the arithmetic of the private key; hashes are made here. */
static const struct mechanism table[] = {
	{CKM_RSA_PKCS, CARD_HASH_NONE, false, false, CKF_HW | CKF_SIGN | CKF_VERIFY},
	{CKM_SHA256_RSA_PKCS, CARD_HASH_SHA256, false, false, CKF_SIGN | CKF_VERIFY},
	{CKM_SHA384_RSA_PKCS, CARD_HASH_SHA384, false, false, CKF_SIGN | CKF_VERIFY},
	{CKM_SHA512_RSA_PKCS, CARD_HASH_SHA512, false, false, CKF_SIGN | CKF_VERIFY},
	{CKM_SHA1_RSA_PKCS, CARD_HASH_SHA1, false, true, CKF_SIGN | CKF_VERIFY},
	{CKM_RSA_PKCS_PSS, CARD_HASH_NONE, true, false, CKF_HW | CKF_SIGN | CKF_VERIFY},
	{CKM_SHA256_RSA_PKCS_PSS, CARD_HASH_SHA256, true, false, CKF_SIGN | CKF_VERIFY},
	{CKM_SHA256, CARD_HASH_SHA256, false, false, CKF_DIGEST},
	{CKM_SHA384, CARD_HASH_SHA384, false, false, CKF_DIGEST},
	{CKM_SHA512, CARD_HASH_SHA512, false, false, CKF_DIGEST},
	{CKM_SHA_1, CARD_HASH_SHA1, false, true, CKF_DIGEST},
};
#define COUNT (sizeof(table) / sizeof(table[0]))

static bool offered(const struct mechanism *m)
{
	return (!m->sha1 || module.config.sha1) && (!m->pss || module.config.pss);
}

const struct mechanism *mechanism_find(CK_MECHANISM_TYPE type)
{
	for (size_t i = 0; i < COUNT; i++)
		if (table[i].type == type)
			return offered(&table[i]) ? &table[i] : NULL;
	return NULL;
}

/* The card makes PSS with SHA-256 throughout and a salt as long (card-spec 4.2, P1 = 04). */
static bool pss_parameters(const CK_MECHANISM *m)
{
	CK_RSA_PKCS_PSS_PARAMS p;

	if (m->pParameter == NULL || m->ulParameterLen != sizeof(p))
		return false;
	memcpy(&p, m->pParameter, sizeof(p));
	return p.hashAlg == CKM_SHA256 && p.mgf == CKG_MGF1_SHA256 && p.sLen == 32;
}

CK_RV mechanism_check(const CK_MECHANISM *m, CK_FLAGS flag, const struct mechanism **out)
{
	*out = mechanism_find(m->mechanism);
	if (*out == NULL || ((*out)->flags & flag) == 0)
		return CKR_MECHANISM_INVALID;
	if ((*out)->pss)
		return pss_parameters(m) ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
	/* Some programs pass an empty buffer where none belongs. */
	return m->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

CK_RV C_GetMechanismList(CK_SLOT_ID slotID, CK_MECHANISM_TYPE_PTR pMechanismList,
			 CK_ULONG_PTR pulCount)
{
	CK_MECHANISM_TYPE types[COUNT];
	struct slot *s;
	CK_ULONG n = 0;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	s = slot_find(slotID);
	if (s == NULL)
		rv = CKR_SLOT_ID_INVALID;
	else if (pulCount == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if (!s->reader->card)
		rv = CKR_TOKEN_NOT_PRESENT;
	if (rv == CKR_OK) {
		for (size_t i = 0; i < COUNT; i++)
			if (offered(&table[i]))
				types[n++] = table[i].type;
		if (pMechanismList != NULL && *pulCount < n)
			rv = CKR_BUFFER_TOO_SMALL;
		else if (pMechanismList != NULL)
			memcpy(pMechanismList, types, n * sizeof(types[0]));
		*pulCount = n;
	}
	module_leave();
	return rv;
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slotID, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR pInfo)
{
	const struct mechanism *m = NULL;
	struct slot *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	s = slot_find(slotID);
	if (s == NULL)
		rv = CKR_SLOT_ID_INVALID;
	else if (pInfo == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if (!s->reader->card)
		rv = CKR_TOKEN_NOT_PRESENT;
	else if ((m = mechanism_find(type)) == NULL)
		rv = CKR_MECHANISM_INVALID;
	if (rv == CKR_OK) {
		bool key = (m->flags & CKF_DIGEST) == 0;

		pInfo->ulMinKeySize = pInfo->ulMaxKeySize = key ? KEY_BITS : 0;
		pInfo->flags = m->flags;
	}
	module_leave();
	return rv;
}
