/* SPDX-License-Identifier: Apache-2.0 */
/* The list of readers, and waiting for a change of it. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "log_internal.h"
#include "pcsc_internal.h"

#define WAIT_SLICE_MS 500u

enum card_error card_pcsc_new(card_pcsc_t **out)
{
	struct card_pcsc *p;
	enum card_error err;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return CARD_ERR_NO_MEMORY;
	err = pcsc_establish(&p->context);
	if (err != CARD_OK) {
		free(p);
		return err;
	}
	p->established = true;
	*out = p;
	return CARD_OK;
}

void card_pcsc_free(card_pcsc_t **p)
{
	if (p == NULL || *p == NULL)
		return;
	if ((*p)->established)
		(void)SCardReleaseContext((*p)->context);
	free(*p);
	*p = NULL;
}

void card_pcsc_on_wait(card_pcsc_t *p, card_pcsc_wait_fn *fn, void *ctx)
{
	if (p != NULL)
		p->hook = (struct wait_hook){fn, ctx};
}

static void forget_context(struct card_pcsc *p)
{
	if (p->established)
		(void)SCardReleaseContext(p->context);
	p->established = false;
}

static enum card_error need_context(struct card_pcsc *p)
{
	enum card_error err;

	if (p->established && SCardIsValidContext(p->context) == SCARD_S_SUCCESS)
		return CARD_OK;
	forget_context(p);
	err = pcsc_establish(&p->context);
	if (err != CARD_OK)
		return err;
	p->established = true;
	card_log_emit(CARD_LOG_SERVICE_RESTARTED, 0, 0);
	return CARD_OK;
}

/* Names into list; *n: in, room; out, count. */
static LONG list_names(struct card_pcsc *p, struct card_pcsc_reader *list, size_t *n)
{
	char *names = NULL;
	DWORD size = SCARD_AUTOALLOCATE;
	size_t room = *n;
	/* The autoallocating form takes the address of a pointer in place of a buffer. */
	union {
		char **pointer;
		LPSTR buffer;
	} arg = {.pointer = &names};
	LONG rv = SCardListReaders(p->context, NULL, arg.buffer, &size);

	*n = 0;
	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		return SCARD_S_SUCCESS;
	if (rv != SCARD_S_SUCCESS || names == NULL)
		return rv;
	for (const char *s = names; *s != '\0' && *n < room; s += strlen(s) + 1) {
		struct card_pcsc_reader *r = &list[*n];

		if (strlen(s) >= sizeof(r->name))
			continue;
		memset(r, 0, sizeof(*r));
		memcpy(r->name, s, strlen(s) + 1);
		(*n)++;
	}
	(void)SCardFreeMemory(p->context, names);
	return SCARD_S_SUCCESS;
}

static void take_state(struct card_pcsc_reader *r, const SCARD_READERSTATE *s)
{
	DWORD e = s->dwEventState;

	r->mute = (e & SCARD_STATE_MUTE) != 0;
	r->card = (e & SCARD_STATE_PRESENT) != 0 && !r->mute;
	r->in_use = (e & SCARD_STATE_INUSE) != 0;
	r->exclusive = (e & SCARD_STATE_EXCLUSIVE) != 0;
	r->events = (uint32_t)(e >> 16) & 0xFFFFu;
	r->atr_len = s->cbAtr <= sizeof(r->atr) ? (size_t)s->cbAtr : 0;
	memcpy(r->atr, s->rgbAtr, r->atr_len);
}

static LONG list_states(struct card_pcsc *p, struct card_pcsc_reader *list, size_t n)
{
	SCARD_READERSTATE states[CARD_PCSC_READERS_MAX];
	LONG rv;

	if (n == 0)
		return SCARD_S_SUCCESS;
	memset(states, 0, sizeof(states));
	for (size_t i = 0; i < n; i++)
		states[i].szReader = list[i].name;
	rv = SCardGetStatusChange(p->context, 0, states, (DWORD)n);
	if (rv != SCARD_S_SUCCESS && rv != SCARD_E_TIMEOUT)
		return rv;
	for (size_t i = 0; i < n; i++)
		take_state(&list[i], &states[i]);
	return SCARD_S_SUCCESS;
}

enum card_error card_pcsc_list(card_pcsc_t *p, struct card_pcsc_reader *list, size_t *n)
{
	size_t room;
	LONG rv;

	if (p == NULL || n == NULL || (list == NULL && *n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	room = *n > CARD_PCSC_READERS_MAX ? CARD_PCSC_READERS_MAX : *n;
	/* A reader may go between the two questions, or pcscd may have been restarted: ask again. */
	for (int attempt = 0;; attempt++) {
		enum card_error err = need_context(p);

		if (err != CARD_OK)
			return err;
		*n = room;
		rv = list_names(p, list, n);
		if (rv == SCARD_S_SUCCESS)
			rv = list_states(p, list, *n);
		if (rv == SCARD_S_SUCCESS)
			return CARD_OK;
		if (pcsc_service_lost(rv))
			forget_context(p);
		else if (rv != SCARD_E_UNKNOWN_READER)
			return pcsc_error(rv);
		if (attempt == 2)
			return pcsc_error(rv);
	}
}

static bool same_list(const struct card_pcsc_reader *a, size_t an, const struct card_pcsc_reader *b,
		      size_t bn)
{
	if (an != bn)
		return false;
	for (size_t i = 0; i < an; i++)
		if (strcmp(a[i].name, b[i].name) != 0 || a[i].card != b[i].card ||
		    a[i].mute != b[i].mute || a[i].events != b[i].events)
			return false;
	return true;
}

/* Sleep in pcscd until it sees a change, at most ms. */
static enum card_error sleep_in_service(struct card_pcsc *p, const struct card_pcsc_reader *list,
					size_t n, unsigned ms)
{
	SCARD_READERSTATE states[CARD_PCSC_READERS_MAX + 1];
	LONG rv;

	memset(states, 0, sizeof(states));
	for (size_t i = 0; i < n; i++) {
		states[i].szReader = list[i].name;
		states[i].dwCurrentState =
			((DWORD)list[i].events << 16) |
			(list[i].card || list[i].mute ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY) |
			(list[i].mute ? SCARD_STATE_MUTE : 0u) |
			(list[i].in_use ? SCARD_STATE_INUSE : 0u) |
			(list[i].exclusive ? SCARD_STATE_EXCLUSIVE : 0u);
	}
	states[n].szReader = PNP_NOTIFICATION;
	atomic_store(&p->sleeping, p->context);
	rv = atomic_load(&p->cancelled)
		     ? SCARD_S_SUCCESS
		     : SCardGetStatusChange(p->context, ms, states, (DWORD)n + 1);
	atomic_store(&p->sleeping, 0);
	if (rv == SCARD_E_CANCELLED) {
		atomic_store(&p->cancelled, false);
		return CARD_ERR_CANCELLED;
	}
	/* pcscd is restarting, or cannot say: no spinning. */
	if (rv != SCARD_S_SUCCESS && rv != SCARD_E_TIMEOUT)
		pcsc_sleep_ms(ms < 100 ? ms : 100);
	return CARD_OK;
}

enum card_error card_pcsc_wait_change(card_pcsc_t *p, const struct card_pcsc_reader *list, size_t n,
				      unsigned timeout_ms)
{
	uint64_t start = pcsc_now_ms(), next = 0;

	if (p == NULL || (list == NULL && n > 0) || n > CARD_PCSC_READERS_MAX)
		return CARD_ERR_INVALID_ARGUMENT;
	for (;;) {
		struct card_pcsc_reader now[CARD_PCSC_READERS_MAX];
		size_t found = CARD_PCSC_READERS_MAX;
		uint64_t waited;
		unsigned slice = WAIT_SLICE_MS;
		enum card_error err = card_pcsc_list(p, now, &found);

		if (atomic_exchange(&p->cancelled, false))
			return CARD_ERR_CANCELLED;
		if (err == CARD_OK && !same_list(list, n, now, found))
			return CARD_OK;
		/* pcscd away: that is waited for like anything else. */
		if (err != CARD_OK && (err != CARD_ERR_NO_SERVICE || timeout_ms == 0))
			return err;
		waited = pcsc_now_ms() - start;
		if (timeout_ms != UINT_MAX) {
			if (waited >= timeout_ms)
				return err == CARD_OK ? CARD_ERR_TIMEOUT : err;
			if (timeout_ms - waited < slice)
				slice = (unsigned)(timeout_ms - waited);
		}
		if (!pcsc_report_wait(&p->hook, start, &next))
			return CARD_ERR_CANCELLED;
		if (err != CARD_OK) {
			pcsc_sleep_ms(slice < 100 ? slice : 100);
			continue;
		}
		err = sleep_in_service(p, list, n, slice);
		if (err != CARD_OK)
			return err;
	}
}

/* The reader that matches and holds a card. CARD_ERR_NO_READER, CARD_ERR_NO_CARD, CARD_ERR_AMBIGUOUS. */
static enum card_error pick(const struct card_pcsc_reader *list, size_t n, const char *part,
			    struct card_pcsc_reader *found)
{
	enum card_error err = CARD_ERR_NO_READER;
	bool have = false;

	for (size_t i = 0; i < n; i++) {
		bool exact = part != NULL && strcmp(list[i].name, part) == 0;

		if (part != NULL && strstr(list[i].name, part) == NULL)
			continue;
		if (!list[i].card) {
			if (!have)
				err = CARD_ERR_NO_CARD;
			continue;
		}
		if (exact || !have) {
			*found = list[i];
			err = CARD_OK;
			if (exact)
				return CARD_OK;
		} else {
			err = CARD_ERR_AMBIGUOUS;
		}
		have = true;
	}
	return err;
}

enum card_error card_pcsc_wait_card(card_pcsc_t *p, const char *part, unsigned timeout_ms,
				    struct card_pcsc_reader *found)
{
	uint64_t start = pcsc_now_ms();

	if (p == NULL || found == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	for (;;) {
		struct card_pcsc_reader list[CARD_PCSC_READERS_MAX];
		size_t n = CARD_PCSC_READERS_MAX;
		unsigned left = timeout_ms;
		uint64_t waited;
		enum card_error err = card_pcsc_list(p, list, &n), wait;

		if (err == CARD_OK)
			err = pick(list, n, part, found);
		else
			n = 0;
		if (err != CARD_ERR_NO_READER && err != CARD_ERR_NO_CARD &&
		    err != CARD_ERR_NO_SERVICE)
			return err;
		waited = pcsc_now_ms() - start;
		if (timeout_ms != UINT_MAX)
			left = waited >= timeout_ms ? 0 : (unsigned)(timeout_ms - waited);
		if (left == 0)
			return err == CARD_ERR_NO_CARD ? CARD_ERR_TIMEOUT : err;
		wait = card_pcsc_wait_change(p, list, n, left);
		if (wait == CARD_ERR_TIMEOUT)
			return err == CARD_ERR_NO_CARD ? CARD_ERR_TIMEOUT : err;
		if (wait != CARD_OK)
			return wait;
	}
}

enum card_error card_pcsc_cancel(card_pcsc_t *p)
{
	SCARDCONTEXT sleeping;

	if (p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	atomic_store(&p->cancelled, true);
	sleeping = atomic_load(&p->sleeping);
	if (sleeping != 0)
		(void)SCardCancel(sleeping); /* else the flag is seen before the next sleep */
	return CARD_OK;
}
