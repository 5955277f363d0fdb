/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of the two tokens: a fixed table. Finding them touches no card unless a value that
 * only the certificate file has is asked for. */
#include <string.h>

#include "module.h"

/* The ids of a triple are equal; those of OpenSC's driver, so that URIs in use go on working.
 * Of the signing key nothing shows before its login: the certificate names its holder. Its CA
 * neither: programs that list every certificate as one to log in with need not see it. */
static const struct object table[OBJECT_ROWS] = {
	{1, SLOT_AUTH, OBJECT_PROFILE, CARD_JPKI_AUTH, CKP_BASELINE_PROVIDER, 0,
	 "Baseline provider", false},
	{2, SLOT_AUTH, OBJECT_PROFILE, CARD_JPKI_AUTH, CKP_PUBLIC_CERTIFICATES_TOKEN, 0,
	 "Public certificates token", false},
	{3, SLOT_AUTH, OBJECT_CERTIFICATE, CARD_JPKI_AUTH, 0, 1, "Authentication", false},
	{4, SLOT_AUTH, OBJECT_PUBLIC, CARD_JPKI_AUTH, 0, 1, "Authentication", false},
	{5, SLOT_AUTH, OBJECT_PRIVATE, CARD_JPKI_AUTH, 0, 1, "Authentication", true},
	{6, SLOT_AUTH, OBJECT_CERTIFICATE, CARD_JPKI_AUTH_CA, 0, 3, "Authentication CA", false},
	{7, SLOT_SIGN, OBJECT_PROFILE, CARD_JPKI_SIGN, CKP_BASELINE_PROVIDER, 0,
	 "Baseline provider", false},
	{8, SLOT_SIGN, OBJECT_CERTIFICATE, CARD_JPKI_SIGN, 0, 2, "Signature", true},
	{9, SLOT_SIGN, OBJECT_PUBLIC, CARD_JPKI_SIGN, 0, 2, "Signature", true},
	{10, SLOT_SIGN, OBJECT_PRIVATE, CARD_JPKI_SIGN, 0, 2, "Signature", true},
	{11, SLOT_SIGN, OBJECT_CERTIFICATE, CARD_JPKI_SIGN_CA, 0, 4, "Signature CA", true},
};
/* The card lacks it: file 0008 says so, or the file was read and held no certificate. */
static bool absent(const struct slot *s, const struct object *o)
{
	const struct file *f = &s->reader->files[o->file];

	if (o->class == OBJECT_PROFILE)
		return false;
	return !s->reader->present[s->kind] || (f->read && f->cert == NULL);
}

bool object_is_private(const struct slot *s, const struct object *o)
{
	return o->is_private ||
	       (s->reader->guarded && o->class != OBJECT_PROFILE && o->file == CARD_JPKI_AUTH);
}

const struct object *object_at(const struct slot *s, size_t nth)
{
	const struct object *o = &table[nth];

	if (o->slot != s->kind || (object_is_private(s, o) && !s->logged_in) || absent(s, o))
		return NULL;
	return o;
}

const struct object *object_find(const struct slot *s, CK_OBJECT_HANDLE h)
{
	for (size_t i = 0; i < OBJECT_ROWS; i++)
		if (table[i].handle == h)
			return object_at(s, i);
	return NULL;
}

/* ---- C_FindObjects ---- */

/* 1 matches, 0 does not; *needs_file: it takes the certificate to say, and it is not read yet. */
static bool matches(const struct slot *s, const struct object *o, const CK_ATTRIBUTE *t, CK_ULONG n,
		    bool *needs_file)
{
	bool read = s->reader->files[o->file].read;

	*needs_file = false;
	for (CK_ULONG i = 0; i < n; i++) {
		card_buf_t value = {0};
		bool equal;

		if (!read && attribute_needs_file(o, t[i].type)) {
			*needs_file = true;
			continue;
		}
		equal = attribute_value(s, o, t[i].type, &value) == CKR_OK &&
			value.n == t[i].ulValueLen &&
			(value.n == 0 || memcmp(value.p, t[i].pValue, value.n) == 0);
		card_buf_free(&value);
		if (!equal) {
			*needs_file = false;
			return false;
		}
	}
	return true;
}

/* Owner only. Files are read for objects that all else of the template fits. */
static CK_RV search(CK_SESSION_HANDLE h, struct session *s, const CK_ATTRIBUTE *t, CK_ULONG n)
{
	s->found_count = s->found_next = 0;
	for (size_t i = 0; i < OBJECT_ROWS; i++) {
		const struct object *o = object_at(s->slot, i);
		bool needs_file = false, match;
		CK_RV rv;

		if (o == NULL)
			continue;
		match = matches(s->slot, o, t, n, &needs_file);
		if (match && needs_file) {
			rv = token_file(s->slot->reader, o->file);
			if (rv == CKR_OK)
				rv = session_get(h, &s);
			if (rv != CKR_OK)
				return rv;
			o = object_at(s->slot, i);
			match = o != NULL && matches(s->slot, o, t, n, &needs_file);
		}
		if (match && s->found_count < OBJECTS_MAX)
			s->found[s->found_count++] = o->handle;
	}
	s->finding = true;
	return CKR_OK;
}

static CK_RV check_template(const CK_ATTRIBUTE *t, CK_ULONG n)
{
	if (t == NULL && n > 0)
		return CKR_ARGUMENTS_BAD;
	for (CK_ULONG i = 0; i < n; i++)
		if (t[i].pValue == NULL && t[i].ulValueLen > 0)
			return CKR_ATTRIBUTE_VALUE_INVALID;
	return CKR_OK;
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount)
{
	struct session *s;
	struct reader *r;
	CK_RV rv = session_enter(hSession, &s, &r);

	if (rv != CKR_OK)
		return rv;
	if (s->finding)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK)
		rv = check_template(pTemplate, ulCount);
	if (rv == CKR_OK)
		rv = search(hSession, s, pTemplate, ulCount);
	session_leave(r);
	return rv;
}

CK_RV C_FindObjects(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE_PTR phObject,
		    CK_ULONG ulMaxObjectCount, CK_ULONG_PTR pulObjectCount)
{
	struct session *s;
	CK_ULONG n = 0;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && (pulObjectCount == NULL || (phObject == NULL && ulMaxObjectCount > 0)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && !s->finding)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK) {
		while (n < ulMaxObjectCount && s->found_next < s->found_count)
			phObject[n++] = s->found[s->found_next++];
		*pulObjectCount = n;
	}
	module_leave();
	return rv;
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE hSession)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && !s->finding)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK)
		s->finding = false;
	module_leave();
	return rv;
}

/* ---- C_GetAttributeValue ---- */

/* One attribute into the caller's buffer; the length is told in any case. */
static CK_RV give(const struct slot *s, const struct object *o, CK_ATTRIBUTE *a)
{
	card_buf_t value = {0};
	CK_RV rv = attribute_value(s, o, a->type, &value);

	if (rv != CKR_OK) {
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	} else if (a->pValue == NULL) {
		a->ulValueLen = (CK_ULONG)value.n;
	} else if (a->ulValueLen < value.n) {
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		rv = CKR_BUFFER_TOO_SMALL;
	} else {
		if (value.n > 0)
			memcpy(a->pValue, value.p, value.n);
		a->ulValueLen = (CK_ULONG)value.n;
	}
	card_buf_free(&value);
	return rv;
}

/* Owner only. §5.7: every attribute is looked at, whatever the others gave. */
static CK_RV values(CK_SESSION_HANDLE h, struct session *s, CK_OBJECT_HANDLE handle,
		    CK_ATTRIBUTE *t, CK_ULONG n)
{
	const struct object *o = object_find(s->slot, handle);
	bool needs_file = false;
	CK_RV rv = CKR_OK;

	if (o == NULL)
		return CKR_OBJECT_HANDLE_INVALID;
	for (CK_ULONG i = 0; i < n; i++)
		needs_file = needs_file || attribute_needs_file(o, t[i].type);
	if (needs_file) {
		rv = token_file(s->slot->reader, o->file);
		if (rv == CKR_OK)
			rv = session_get(h, &s);
		if (rv != CKR_OK)
			return rv;
	}
	for (CK_ULONG i = 0; i < n; i++) {
		CK_RV one = give(s->slot, o, &t[i]);

		if (one != CKR_OK)
			rv = one;
	}
	return rv;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject,
			  CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount)
{
	struct session *s;
	struct reader *r;
	CK_RV rv = session_enter(hSession, &s, &r);

	if (rv != CKR_OK)
		return rv;
	if (pTemplate == NULL || ulCount == 0)
		rv = CKR_ARGUMENTS_BAD;
	else
		rv = values(hSession, s, hObject, pTemplate, ulCount);
	session_leave(r);
	return rv;
}

/* ---- sizes, and what a token of files that nobody can write refuses ---- */

CK_RV C_GetObjectSize(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ULONG_PTR pulSize)
{
	const struct object *o;
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK) {
		o = object_find(s->slot, hObject);
		if (o == NULL)
			rv = CKR_OBJECT_HANDLE_INVALID;
		else if (pulSize == NULL)
			rv = CKR_ARGUMENTS_BAD;
		else /* the size of a card's file is not worth a command */
			*pulSize = s->slot->reader->files[o->file].read
					   ? (CK_ULONG)s->slot->reader->files[o->file].der.n
					   : CK_UNAVAILABLE_INFORMATION;
	}
	module_leave();
	return rv;
}

static CK_RV refuse_write(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object, bool has_object,
			  bool arguments)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(h, &s);
	if (rv == CKR_OK && has_object && object_find(s->slot, object) == NULL)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else if (rv == CKR_OK && !arguments)
		rv = CKR_ARGUMENTS_BAD;
	else if (rv == CKR_OK && (s->flags & CKF_RW_SESSION) == 0)
		rv = CKR_SESSION_READ_ONLY;
	else if (rv == CKR_OK)
		rv = CKR_TOKEN_WRITE_PROTECTED;
	module_leave();
	return rv;
}

CK_RV C_CreateObject(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount,
		     CK_OBJECT_HANDLE_PTR phObject)
{
	return refuse_write(hSession, 0, false,
			    pTemplate != NULL && ulCount > 0 && phObject != NULL);
}

CK_RV C_CopyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate,
		   CK_ULONG ulCount, CK_OBJECT_HANDLE_PTR phNewObject)
{
	return refuse_write(hSession, hObject, true,
			    (pTemplate != NULL || ulCount == 0) && phNewObject != NULL);
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject)
{
	return refuse_write(hSession, hObject, true, true);
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject,
			  CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount)
{
	return refuse_write(hSession, hObject, true, pTemplate != NULL && ulCount > 0);
}
