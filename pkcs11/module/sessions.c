/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions. Handles are never used again. A session whose token was removed stays as a dead entry
 * until it is closed, so that its owner hears CKR_DEVICE_REMOVED and not that it made a mistake.
 */
#include <stdlib.h>
#include <string.h>

#include "module.h"

struct session *session_find(CK_SESSION_HANDLE h)
{
	for (size_t i = 0; i < module.session_count; i++)
		if (module.sessions[i]->handle == h)
			return module.sessions[i];
	return NULL;
}

CK_RV session_get(CK_SESSION_HANDLE h, struct session **out)
{
	*out = session_find(h);
	if (*out == NULL)
		return CKR_SESSION_HANDLE_INVALID;
	return (*out)->dead ? CKR_DEVICE_REMOVED : CKR_OK;
}

CK_RV session_acquire(CK_SESSION_HANDLE h, struct session **out)
{
	struct reader *r;
	CK_RV rv = session_get(h, out);

	if (rv != CKR_OK)
		return rv;
	r = (*out)->slot->reader;
	rv = reader_acquire(r);
	if (rv != CKR_OK)
		return rv;
	rv = session_get(h, out); /* it may have been closed while we waited */
	if (rv != CKR_OK)
		reader_release(r);
	return rv;
}

CK_RV session_enter(CK_SESSION_HANDLE h, struct session **s, struct reader **r)
{
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_acquire(h, s);
	if (rv != CKR_OK)
		module_leave();
	else
		*r = (*s)->slot->reader;
	return rv;
}

void session_leave(struct reader *r)
{
	reader_release(r);
	module_leave();
}

static void end_operations(struct session *s)
{
	op_end(&s->digest);
	op_end(&s->sign);
	op_end(&s->verify);
	s->finding = false;
}

/* It no longer counts as open. */
static void uncount(struct session *s)
{
	if (s->dead)
		return;
	s->slot->sessions--;
	if ((s->flags & CKF_RW_SESSION) == 0)
		s->slot->read_only--;
}

void sessions_kill(struct reader *r)
{
	for (size_t i = 0; i < module.session_count; i++) {
		struct session *s = module.sessions[i];

		if (s->slot->reader != r || s->dead)
			continue;
		end_operations(s);
		uncount(s);
		s->dead = true;
	}
}

static void remove_at(size_t i)
{
	struct session *s = module.sessions[i];

	end_operations(s);
	uncount(s);
	free(s);
	module.sessions[i] = module.sessions[--module.session_count];
}

void sessions_free(void)
{
	while (module.session_count > 0)
		remove_at(module.session_count - 1);
	free(module.sessions);
	module.sessions = NULL;
	module.session_room = 0;
}

static CK_RV add(struct slot *slot, CK_FLAGS flags, CK_SESSION_HANDLE *out)
{
	struct session *s;

	if (module.session_count == module.session_room) {
		size_t room = module.session_room == 0 ? 16 : 2 * module.session_room;
		struct session **more = realloc(module.sessions, room * sizeof(struct session *));

		if (more == NULL)
			return CKR_HOST_MEMORY;
		module.sessions = more;
		module.session_room = room;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return CKR_HOST_MEMORY;
	s->handle = module.next_handle++;
	s->slot = slot;
	s->flags = flags;
	module.sessions[module.session_count++] = s;
	slot->sessions++;
	if ((flags & CKF_RW_SESSION) == 0)
		slot->read_only++;
	*out = s->handle;
	return CKR_OK;
}

CK_RV C_OpenSession(CK_SLOT_ID slotID, CK_FLAGS flags, CK_VOID_PTR pApplication, CK_NOTIFY Notify,
		    CK_SESSION_HANDLE_PTR phSession)
{
	struct slot *s;
	CK_RV rv = module_enter();

	(void)pApplication;
	(void)Notify; /* §5.17: surrender callbacks are optional */
	if (rv != CKR_OK)
		return rv;
	s = slot_find(slotID);
	if (s == NULL)
		rv = CKR_SLOT_ID_INVALID;
	else if (phSession == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if ((flags & CKF_SERIAL_SESSION) == 0)
		rv = CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	if (rv == CKR_OK)
		rv = reader_acquire(s->reader);
	if (rv != CKR_OK) {
		module_leave();
		return rv;
	}
	readers_refresh();
	reader_settle(s->reader);
	rv = token_load(s->reader);
	if (rv == CKR_DEVICE_REMOVED)
		rv = CKR_TOKEN_NOT_PRESENT;
	if (rv == CKR_OK)
		rv = add(s, flags & (CKF_SERIAL_SESSION | CKF_RW_SESSION), phSession);
	reader_release(s->reader);
	module_leave();
	return rv;
}

/* §5.6: with its last session a token is logged out. Owner only. */
static void logout_if_last(struct slot *s)
{
	if (s->sessions > 0 || !s->logged_in)
		return;
	login_clear(s);
	login_forget(s);
}

CK_RV C_CloseSession(CK_SESSION_HANDLE hSession)
{
	struct session *s;
	struct slot *slot;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_acquire(hSession, &s);
	if (rv == CKR_OK || rv == CKR_DEVICE_REMOVED) {
		bool owner = rv == CKR_OK;

		slot = s->slot;
		for (size_t i = 0; i < module.session_count; i++)
			if (module.sessions[i] == s) {
				remove_at(i);
				break;
			}
		if (owner) {
			logout_if_last(slot);
			reader_release(slot->reader);
		}
		rv = CKR_OK;
	}
	module_leave();
	return rv;
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slotID)
{
	struct slot *slot;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	slot = slot_find(slotID);
	rv = slot == NULL ? CKR_SLOT_ID_INVALID : reader_acquire(slot->reader);
	if (rv == CKR_OK) {
		for (size_t i = module.session_count; i > 0; i--)
			if (module.sessions[i - 1]->slot == slot)
				remove_at(i - 1);
		logout_if_last(slot);
		reader_release(slot->reader);
	}
	module_leave();
	return rv;
}

static CK_STATE state_of(const struct session *s)
{
	if ((s->flags & CKF_RW_SESSION) != 0)
		return s->slot->logged_in ? CKS_RW_USER_FUNCTIONS : CKS_RW_PUBLIC_SESSION;
	return s->slot->logged_in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION;
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE hSession, CK_SESSION_INFO_PTR pInfo)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK && pInfo == NULL)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		readers_refresh(); /* programs ask this to learn whether the card is still there */
		rv = s->dead ? CKR_DEVICE_REMOVED : CKR_OK;
	}
	if (rv == CKR_OK) {
		memset(pInfo, 0, sizeof(*pInfo));
		pInfo->slotID = slot_id(s->slot);
		pInfo->state = state_of(s);
		pInfo->flags = s->flags;
	}
	module_leave();
	return rv;
}

/* PKCS#11 3.0 §5.6.11 */
CK_RV C_SessionCancel(CK_SESSION_HANDLE hSession, CK_FLAGS flags)
{
	struct session *s;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK) {
		if ((flags & CKF_FIND_OBJECTS) != 0)
			s->finding = false;
		if ((flags & CKF_DIGEST) != 0)
			op_end(&s->digest);
		if ((flags & CKF_SIGN) != 0)
			op_end(&s->sign);
		if ((flags & CKF_VERIFY) != 0)
			op_end(&s->verify);
	}
	module_leave();
	return rv;
}
