/* SPDX-License-Identifier: Apache-2.0 */
#include "inflight.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct work {
	char transaction[33];
	struct work *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static struct work *first;

static struct work **find(const char *transaction)
{
	struct work **w = &first;

	while (*w != NULL && strcmp((*w)->transaction, transaction) != 0)
		w = &(*w)->next;
	return w;
}

bool inflight_enter(const char *transaction, int seconds)
{
	struct work *mine = calloc(1, sizeof *mine);
	struct timespec until;
	bool ok;
	int rc = 0;

	if (mine == NULL)
		return false;
	memcpy(mine->transaction, transaction, strnlen(transaction, 32));
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&lock);
	while (*find(transaction) != NULL && rc == 0)
		rc = pthread_cond_timedwait(&left, &lock, &until);
	ok = *find(transaction) == NULL;
	if (ok) {
		mine->next = first;
		first = mine;
	}
	pthread_mutex_unlock(&lock);
	if (!ok)
		free(mine);
	return ok;
}

void inflight_leave(const char *transaction)
{
	struct work **at, *w;

	pthread_mutex_lock(&lock);
	at = find(transaction);
	w = *at;
	if (w != NULL)
		*at = w->next;
	pthread_cond_broadcast(&left);
	pthread_mutex_unlock(&lock);
	free(w);
}
