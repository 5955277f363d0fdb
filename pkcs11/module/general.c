/* SPDX-License-Identifier: Apache-2.0 */
/* C_Initialize, C_Finalize, C_GetInfo; the lock; fork. */
#include <string.h>

#include "module.h"

struct module module = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

#ifdef KAZASU_AUTH_ONLY
#define AUTH_ONLY true
#else
#define AUTH_ONLY false
#endif

CK_RV module_enter(void)
{
	(void)pthread_mutex_lock(&module.lock);
	if (module.initialised && !module.finalising)
		return CKR_OK;
	(void)pthread_mutex_unlock(&module.lock);
	return CKR_CRYPTOKI_NOT_INITIALIZED;
}

void module_leave(void)
{
	(void)pthread_mutex_unlock(&module.lock);
}

void module_away(void)
{
	module.away++;
	(void)pthread_mutex_unlock(&module.lock);
}

CK_RV module_back(void)
{
	(void)pthread_mutex_lock(&module.lock);
	module.away--;
	if (!module.finalising)
		return CKR_OK;
	(void)pthread_cond_broadcast(&module.changed);
	return CKR_CRYPTOKI_NOT_INITIALIZED;
}

/* ---- fork ---- */

static void before_fork(void)
{
	(void)pthread_mutex_lock(&module.lock);
}

static void after_fork_parent(void)
{
	(void)pthread_mutex_unlock(&module.lock);
}

/* Nothing of the parent is released here: its connections are shared with it, and the pages of
 * its secrets are not in this process. */
static void after_fork_child(void)
{
	static const struct module fresh = {.lock = PTHREAD_MUTEX_INITIALIZER,
					    .changed = PTHREAD_COND_INITIALIZER};

	module = fresh;
}

static void watch_fork(void)
{
	(void)pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

/* ---- C_ functions ---- */

static CK_RV check_arguments(const CK_C_INITIALIZE_ARGS *a)
{
	int callbacks;

	if (a == NULL)
		return CKR_OK;
	/* NSS's structure has one member more than the standard's: its LibraryParameters lie where
	 * everybody else has pReserved, and what follows may not be the caller's memory. */
	if (a->LibraryParameters != NULL)
		return CKR_ARGUMENTS_BAD;
	callbacks = (a->CreateMutex != NULL) + (a->DestroyMutex != NULL) + (a->LockMutex != NULL) +
		    (a->UnlockMutex != NULL);
	/* §5.4: all four or none. The mutexes of the system serve in every case: they are also
	 * right for a program that never enters from two threads, and on this system no program
	 * has threads that they would not stop. No thread is ever created here. */
	return callbacks == 0 || callbacks == 4 ? CKR_OK : CKR_ARGUMENTS_BAD;
}

CK_RV C_Initialize(CK_VOID_PTR pInitArgs)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	CK_RV rv = check_arguments(pInitArgs);

	if (rv != CKR_OK)
		return rv;
	(void)pthread_once(&once, watch_fork);
	(void)pthread_mutex_lock(&module.lock);
	if (module.initialised) {
		(void)pthread_mutex_unlock(&module.lock);
		return CKR_CRYPTOKI_ALREADY_INITIALIZED;
	}
	memset(&module.config, 0, sizeof(module.config));
	module.config.auth_only = AUTH_ONLY;
	config_read(&module.config);
	config_log_open(&module.config);
	module.next_handle = 1;
	module.initialised = true;
	readers_refresh();
	module.reader_shown = module.reader_count;
	for (size_t i = 0; i < module.reader_count; i++)
		for (unsigned k = 0; k < SLOT_KINDS; k++)
			module.readers[i]->slots[k].event = false; /* what is there is no event */
	(void)pthread_mutex_unlock(&module.lock);
	return CKR_OK;
}

/* Logins end with the module: their status must not stay on a card. */
static void clear_logins(void)
{
	for (size_t i = 0; i < module.reader_count; i++) {
		struct reader *r = module.readers[i];

		if (r->slots[SLOT_AUTH].logged_in && reader_acquire(r) == CKR_OK) {
			login_clear(&r->slots[SLOT_AUTH]);
			reader_release(r);
		}
	}
}

CK_RV C_Finalize(CK_VOID_PTR pReserved)
{
	CK_RV rv;

	rv = module_enter();
	if (rv != CKR_OK)
		return rv;
	if (pReserved != NULL) {
		module_leave();
		return CKR_ARGUMENTS_BAD;
	}
	clear_logins();
	if (module.finalising || !module.initialised) { /* another thread was faster */
		module_leave();
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	}
	module.finalising = true;
	(void)pthread_cond_broadcast(&module.changed);
	while (module.away > 0)
		(void)pthread_cond_wait(&module.changed, &module.lock);
	sessions_free();
	readers_free();
	source_free(&module.source);
	config_log_close();
	module.initialised = false;
	module.finalising = false;
	module_leave();
	return CKR_OK;
}

void pad(CK_UTF8CHAR *field, size_t n, const char *text)
{
	size_t len = strlen(text);

	memset(field, ' ', n);
	memcpy(field, text, len < n ? len : n);
}

CK_RV C_GetInfo(CK_INFO_PTR pInfo)
{
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	module_leave();
	if (pInfo == NULL)
		return CKR_ARGUMENTS_BAD;
	memset(pInfo, 0, sizeof(*pInfo));
	pInfo->cryptokiVersion.major = 3;
	pInfo->cryptokiVersion.minor = 0;
	pad(pInfo->manufacturerID, sizeof(pInfo->manufacturerID), "Kazasu");
	pad(pInfo->libraryDescription, sizeof(pInfo->libraryDescription),
	    module.config.auth_only ? "My Number Card (auth only)" : "My Number Card");
	pInfo->libraryVersion.major = 0;
	pInfo->libraryVersion.minor = 1;
	return CKR_OK;
}
