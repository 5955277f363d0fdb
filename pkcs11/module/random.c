/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes are libcrypto's: the card's GET CHALLENGE would cost a transaction each time. */
#include <limits.h>

#include <openssl/rand.h>

#include "module.h"

CK_RV C_SeedRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSeed, CK_ULONG ulSeedLen)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && pSeed == NULL && ulSeedLen > 0)
		rv = CKR_ARGUMENTS_BAD;
	module_leave();
	/* Mixed in, and counted as no entropy at all: nobody knows where it comes from. */
	if (rv == CKR_OK && ulSeedLen > 0)
		RAND_add(pSeed, ulSeedLen > INT_MAX ? INT_MAX : (int)ulSeedLen, 0.0);
	return rv;
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR RandomData, CK_ULONG ulRandomLen)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && ((RandomData == NULL && ulRandomLen > 0) || ulRandomLen > INT_MAX))
		rv = CKR_ARGUMENTS_BAD;
	module_leave();
	if (rv != CKR_OK)
		return rv;
	return RAND_bytes(RandomData, (int)ulRandomLen) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}
