/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCardConnect within a time limit.
 *
 * pcscd (1.9.9, winscard.c) answers a connect only when no other program is inside a transaction,
 * without limit, and nothing a client can do ends the call early. So the call is made by a worker
 * thread that lives for this call only. If the time runs out the worker is left to finish by
 * itself: it then gives back what it got. This is the one thread of libcard.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log_internal.h"
#include "pcsc_internal.h"

#define SLICE_MS 100u
/* Powering a card up takes its time: that long a connection is always given. */
#define CONNECT_LEAST_MS 1000u

struct job {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
	bool abandoned; /* the caller has left: the worker owns everything */
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;
	LONG rv;
	char name[MAX_READERNAME + 1];
};

static void free_job(struct job *j)
{
	(void)pthread_cond_destroy(&j->changed);
	(void)pthread_mutex_destroy(&j->lock);
	free(j);
}

static void *work(void *arg)
{
	struct job *j = arg;
	SCARDHANDLE card = 0;
	DWORD protocol = 0;
	bool abandoned;
	LONG rv = SCardConnect(j->context, j->name, SCARD_SHARE_SHARED,
			       SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);

	(void)pthread_mutex_lock(&j->lock);
	j->rv = rv;
	j->card = card;
	j->protocol = protocol;
	j->done = true;
	abandoned = j->abandoned;
	(void)pthread_cond_signal(&j->changed);
	(void)pthread_mutex_unlock(&j->lock);
	if (abandoned) {
		if (rv == SCARD_S_SUCCESS)
			(void)SCardDisconnect(card, SCARD_LEAVE_CARD);
		(void)SCardReleaseContext(j->context);
		free_job(j);
	}
	return NULL;
}

static struct job *new_job(SCARDCONTEXT context, const char *name)
{
	struct job *j = calloc(1, sizeof(*j));
	pthread_condattr_t attr;

	if (j == NULL)
		return NULL;
	j->context = context;
	memcpy(j->name, name, strlen(name) + 1);
	(void)pthread_mutex_init(&j->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&j->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	return j;
}

/* No signal of the host program is handled by the worker. */
static int start(struct job *j, pthread_t *worker)
{
	sigset_t all, before;
	int rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(worker, NULL, work, j);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

/* A worker left behind must find its code when it wakes: this library is not unloaded any more. */
static void stay_loaded(void)
{
	union {
		void *(*function)(void *);
		void *address;
	} here = {.function = work};
	Dl_info info;

	if (dladdr(here.address, &info) != 0 && info.dli_fname != NULL)
		(void)dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

static void wait_slice(struct job *j)
{
	struct timespec until = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)SLICE_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	(void)pthread_cond_timedwait(&j->changed, &j->lock, &until);
}

/* With the lock held: until the worker is done, the time is over, or the caller says stop. */
static enum card_error wait_done(struct job *j, const struct wait_hook *hook, unsigned timeout_ms)
{
	uint64_t begin = pcsc_now_ms(), next = 0;
	bool told = false, go_on;

	while (!j->done) {
		uint64_t waited = pcsc_now_ms() - begin;

		if (waited >= timeout_ms)
			return CARD_ERR_READER_BUSY;
		if (!told && waited >= WAIT_REPORT_MS) {
			told = true;
			card_log_emit(CARD_LOG_WAITING_FOR_READER, WAIT_REPORT_MS, 0);
		}
		(void)pthread_mutex_unlock(&j->lock);
		go_on = pcsc_report_wait(hook, begin, &next);
		(void)pthread_mutex_lock(&j->lock);
		if (!go_on)
			return CARD_ERR_CANCELLED;
		if (!j->done)
			wait_slice(j);
	}
	return CARD_OK;
}

enum card_error pcsc_connect(SCARDCONTEXT *context, const char *name, const struct wait_hook *hook,
			     unsigned timeout_ms, SCARDHANDLE *card, DWORD *protocol, LONG *rv)
{
	struct job *j = new_job(*context, name);
	pthread_t worker;
	enum card_error err;

	if (j == NULL)
		return CARD_ERR_NO_MEMORY;
	if (start(j, &worker) != 0) {
		free_job(j);
		return CARD_ERR_NO_MEMORY;
	}
	(void)pthread_mutex_lock(&j->lock);
	err = wait_done(j, hook, timeout_ms > CONNECT_LEAST_MS ? timeout_ms : CONNECT_LEAST_MS);
	if (err != CARD_OK) {
		j->abandoned = true;
		stay_loaded();
		(void)pthread_mutex_unlock(&j->lock);
		(void)pthread_detach(worker);
		*context = 0;
		return err;
	}
	(void)pthread_mutex_unlock(&j->lock);
	(void)pthread_join(worker, NULL);
	*card = j->card;
	*protocol = j->protocol;
	*rv = j->rv;
	free_job(j);
	return CARD_OK;
}
