/* SPDX-License-Identifier: Apache-2.0 */
/* The function lists of PKCS#11 2.40 and 3.0: the only symbols that are exported. */
#include <string.h>

#include "module.h"

#define EXPORT __attribute__((visibility("default")))

static CK_FUNCTION_LIST list_2_40 = {
	.version = {2, 40},
#define CK_PKCS11_2_0_ONLY 1
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a member and a function of one name */
#define CK_PKCS11_FUNCTION_INFO(name) .name = name,
#include <pkcs11f.h>
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_2_0_ONLY
};

static CK_FUNCTION_LIST_3_0 list_3_0 = {
	.version = {3, 0},
#define CK_PKCS11_3_0 1
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a member and a function of one name */
#define CK_PKCS11_FUNCTION_INFO(name) .name = name,
#include <pkcs11f.h>
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_3_0
};

static CK_CHAR interface_name[] = "PKCS 11";

/* The first is what a caller without wishes gets. */
static CK_INTERFACE interfaces[] = {
	{interface_name, &list_3_0, 0},
	{interface_name, &list_2_40, 0},
};
#define INTERFACES (sizeof(interfaces) / sizeof(interfaces[0]))

EXPORT CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR ppFunctionList)
{
	if (ppFunctionList == NULL)
		return CKR_ARGUMENTS_BAD;
	*ppFunctionList = &list_2_40;
	return CKR_OK;
}

EXPORT CK_RV C_GetInterfaceList(CK_INTERFACE_PTR interfaces_out, CK_ULONG_PTR pulCount)
{
	CK_RV rv = CKR_OK;

	if (pulCount == NULL)
		return CKR_ARGUMENTS_BAD;
	if (interfaces_out != NULL && *pulCount < INTERFACES)
		rv = CKR_BUFFER_TOO_SMALL;
	else if (interfaces_out != NULL)
		memcpy(interfaces_out, interfaces, sizeof(interfaces));
	*pulCount = INTERFACES;
	return rv;
}

static bool fits(const CK_INTERFACE *i, const CK_UTF8CHAR *name, const CK_VERSION *version,
		 CK_FLAGS flags)
{
	const CK_VERSION *own = i->pFunctionList;

	if (name != NULL && strcmp((const char *)name, (const char *)i->pInterfaceName) != 0)
		return false;
	if (version != NULL && (version->major != own->major || version->minor != own->minor))
		return false;
	return (flags & ~i->flags) == 0;
}

EXPORT CK_RV C_GetInterface(CK_UTF8CHAR_PTR pInterfaceName, CK_VERSION_PTR pVersion,
			    CK_INTERFACE_PTR_PTR ppInterface, CK_FLAGS flags)
{
	if (ppInterface == NULL)
		return CKR_ARGUMENTS_BAD;
	for (size_t i = 0; i < INTERFACES; i++)
		if (fits(&interfaces[i], pInterfaceName, pVersion, flags)) {
			*ppInterface = &interfaces[i];
			return CKR_OK;
		}
	return CKR_ARGUMENTS_BAD;
}
