/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_pcsc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <reader.h> /* pcsc-lite's header of PC/SC part 10 */

#define PNP         "\\\\?PnP?\\Notification"
#define HANDLE_BASE 1000

struct fake_pcsc fake_pcsc;

static const uint8_t atr[] = {0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14};

void fake_pcsc_start(void)
{
	memset(&fake_pcsc, 0, sizeof(fake_pcsc));
	fake_pcsc.now_ms = 1000;
	fake_pcsc.boot = 1;
	fake_pcsc.readers[0].name = "Test Reader 00";
	fake_pcsc.features_rv = SCARD_S_SUCCESS;
}

void fake_pcsc_at(uint64_t ms, void (*happens)(struct fake_pcsc *f))
{
	for (size_t i = 0; i < FAKE_EVENTS; i++) {
		if (fake_pcsc.events[i].happens == NULL) {
			fake_pcsc.events[i] = (struct fake_event){ms, happens};
			return;
		}
	}
	abort();
}

/* The earliest event up to `until` happens. False: there is none. */
static bool next_event(uint64_t until)
{
	struct fake_event *first = NULL;
	void (*happens)(struct fake_pcsc * f);

	for (size_t i = 0; i < FAKE_EVENTS; i++) {
		struct fake_event *e = &fake_pcsc.events[i];

		if (e->happens != NULL && e->at_ms <= until &&
		    (first == NULL || e->at_ms < first->at_ms))
			first = e;
	}
	if (first == NULL)
		return false;
	if (first->at_ms > fake_pcsc.now_ms)
		fake_pcsc.now_ms = first->at_ms;
	happens = first->happens;
	first->happens = NULL;
	happens(&fake_pcsc);
	return true;
}

void fake_pcsc_pass(uint64_t ms)
{
	uint64_t until = fake_pcsc.now_ms + ms;

	while (next_event(until))
		;
	fake_pcsc.now_ms = until;
}

void fake_pcsc_insert(fake_card_fn *card, void *ctx)
{
	fake_pcsc.card = card;
	fake_pcsc.card_ctx = ctx;
	fake_pcsc.readers[0].card = true;
	fake_pcsc.readers[0].mute = false;
	fake_pcsc.readers[0].events++;
}

void fake_pcsc_remove(void)
{
	fake_pcsc.readers[0].card = false;
	fake_pcsc.readers[0].events++;
	fake_pcsc.in_transaction = 0;
}

bool fake_pcsc_tidy(void)
{
	return fake_pcsc.contexts_open == 0 && fake_pcsc.cards_open == 0 && !fake_pcsc.wrong_use;
}

/* ---- the clock ---- */

int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_nanosleep(const struct timespec *wait, struct timespec *left);

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	t->tv_sec = (time_t)(fake_pcsc.now_ms / 1000);
	t->tv_nsec = (long)(fake_pcsc.now_ms % 1000) * 1000000L;
	return 0;
}

int __wrap_nanosleep(const struct timespec *wait, struct timespec *left)
{
	(void)left;
	fake_pcsc_pass((uint64_t)wait->tv_sec * 1000u + (uint64_t)wait->tv_nsec / 1000000u);
	return 0;
}

/* ---- contexts and handles ---- */

LONG __wrap_SCardEstablishContext(DWORD scope, LPCVOID r1, LPCVOID r2, LPSCARDCONTEXT context);
LONG __wrap_SCardReleaseContext(SCARDCONTEXT context);
LONG __wrap_SCardIsValidContext(SCARDCONTEXT context);
LONG __wrap_SCardConnect(SCARDCONTEXT context, LPCSTR name, DWORD share, DWORD protocols,
			 LPSCARDHANDLE card, LPDWORD protocol);
LONG __wrap_SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD init,
			   LPDWORD protocol);
LONG __wrap_SCardDisconnect(SCARDHANDLE card, DWORD how);
LONG __wrap_SCardBeginTransaction(SCARDHANDLE card);
LONG __wrap_SCardEndTransaction(SCARDHANDLE card, DWORD how);
LONG __wrap_SCardStatus(SCARDHANDLE card, LPSTR name, LPDWORD name_len, LPDWORD state,
			LPDWORD protocol, LPBYTE out, LPDWORD out_len);
LONG __wrap_SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states,
				 DWORD n);
LONG __wrap_SCardControl(SCARDHANDLE card, DWORD code, LPCVOID in, DWORD in_len, LPVOID out,
			 DWORD out_cap, LPDWORD out_len);
LONG __wrap_SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send_pci, LPCBYTE cmd,
			  DWORD cmd_len, SCARD_IO_REQUEST *recv_pci, LPBYTE resp, LPDWORD len);
LONG __wrap_SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR out, LPDWORD len);
LONG __wrap_SCardFreeMemory(SCARDCONTEXT context, LPCVOID memory);
LONG __wrap_SCardCancel(SCARDCONTEXT context);

static LONG context_state(SCARDCONTEXT c)
{
	size_t i = (size_t)(c - 1);

	if (c < 1 || i >= FAKE_CONTEXTS || !fake_pcsc.context[i].used)
		return SCARD_E_INVALID_HANDLE;
	if (fake_pcsc.stopped || fake_pcsc.context[i].boot != fake_pcsc.boot)
		return SCARD_E_NO_SERVICE;
	return SCARD_S_SUCCESS;
}

/* State of a handle: does the service, the reader and the card behind it still stand? */
static LONG handle_state(SCARDHANDLE h)
{
	size_t i = (size_t)(h - HANDLE_BASE);

	if (h < HANDLE_BASE || i >= FAKE_CONTEXTS || !fake_pcsc.handle[i].used) {
		fake_pcsc.wrong_use = true;
		return SCARD_E_INVALID_HANDLE;
	}
	if (fake_pcsc.stopped || fake_pcsc.handle[i].boot != fake_pcsc.boot)
		return SCARD_E_NO_SERVICE;
	if (fake_pcsc.readers[0].name == NULL)
		return SCARD_E_READER_UNAVAILABLE;
	if (!fake_pcsc.readers[0].card)
		return SCARD_W_REMOVED_CARD;
	return fake_pcsc.reset ? SCARD_W_RESET_CARD : SCARD_S_SUCCESS;
}

LONG __wrap_SCardEstablishContext(DWORD scope, LPCVOID r1, LPCVOID r2, LPSCARDCONTEXT context)
{
	(void)scope;
	(void)r1;
	(void)r2;
	if (fake_pcsc.stopped)
		return SCARD_E_NO_SERVICE;
	if (fake_pcsc.establish_rv != SCARD_S_SUCCESS)
		return fake_pcsc.establish_rv;
	for (size_t i = 0; i < FAKE_CONTEXTS; i++) {
		if (!fake_pcsc.context[i].used) {
			fake_pcsc.context[i].used = true;
			fake_pcsc.context[i].boot = fake_pcsc.boot;
			fake_pcsc.contexts_open++;
			*context = (SCARDCONTEXT)(i + 1);
			return SCARD_S_SUCCESS;
		}
	}
	return SCARD_E_NO_MEMORY;
}

LONG __wrap_SCardReleaseContext(SCARDCONTEXT context)
{
	size_t i = (size_t)(context - 1);

	if (context == 0)
		return SCARD_E_INVALID_HANDLE;
	if (i >= FAKE_CONTEXTS || !fake_pcsc.context[i].used) {
		fake_pcsc.wrong_use = true;
		return SCARD_E_INVALID_HANDLE;
	}
	fake_pcsc.context[i].used = false;
	fake_pcsc.contexts_open--;
	return SCARD_S_SUCCESS;
}

LONG __wrap_SCardIsValidContext(SCARDCONTEXT context)
{
	return context_state(context) == SCARD_S_SUCCESS ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG __wrap_SCardConnect(SCARDCONTEXT context, LPCSTR name, DWORD share, DWORD protocols,
			 LPSCARDHANDLE card, LPDWORD protocol)
{
	LONG rv = context_state(context);

	fake_pcsc.connects++;
	(void)protocols;
	if (rv == SCARD_S_SUCCESS && share != SCARD_SHARE_SHARED)
		rv = SCARD_E_INVALID_VALUE;
	if (rv == SCARD_S_SUCCESS)
		rv = fake_pcsc.connect_rv;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (fake_pcsc.readers[0].name == NULL || strcmp(name, fake_pcsc.readers[0].name) != 0)
		return SCARD_E_UNKNOWN_READER;
	if (fake_pcsc.readers[0].mute)
		return SCARD_W_UNRESPONSIVE_CARD;
	if (!fake_pcsc.readers[0].card)
		return SCARD_E_NO_SMARTCARD;
	for (size_t i = 0; i < FAKE_CONTEXTS; i++) {
		if (!fake_pcsc.handle[i].used) {
			fake_pcsc.handle[i].used = true;
			fake_pcsc.handle[i].boot = fake_pcsc.boot;
			fake_pcsc.cards_open++;
			fake_pcsc.reset = false;
			*card = (SCARDHANDLE)(i + HANDLE_BASE);
			*protocol = SCARD_PROTOCOL_T1;
			return SCARD_S_SUCCESS;
		}
	}
	return SCARD_E_NO_MEMORY;
}

LONG __wrap_SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD init,
			   LPDWORD protocol)
{
	LONG rv;

	(void)share;
	(void)protocols;
	(void)init;
	fake_pcsc.reconnects++;
	fake_pcsc.reset = false;
	rv = handle_state(card);
	*protocol = SCARD_PROTOCOL_T1;
	return rv;
}

LONG __wrap_SCardDisconnect(SCARDHANDLE card, DWORD how)
{
	LONG rv = handle_state(card);

	fake_pcsc.disconnects++;
	if (rv == SCARD_E_INVALID_HANDLE)
		return rv;
	fake_pcsc.handle[card - HANDLE_BASE].used = false;
	fake_pcsc.cards_open--;
	fake_pcsc.in_transaction = 0;
	if (how == SCARD_UNPOWER_CARD && fake_pcsc.power_off != NULL)
		fake_pcsc.power_off(fake_pcsc.card_ctx);
	return rv;
}

LONG __wrap_SCardBeginTransaction(SCARDHANDLE card)
{
	LONG rv = handle_state(card);

	fake_pcsc.begins++;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	/* The real one waits here without limit. */
	if (fake_pcsc.now_ms < fake_pcsc.busy_until_ms)
		fake_pcsc_pass(fake_pcsc.busy_until_ms - fake_pcsc.now_ms);
	fake_pcsc.in_transaction++;
	return SCARD_S_SUCCESS;
}

LONG __wrap_SCardEndTransaction(SCARDHANDLE card, DWORD how)
{
	LONG rv = handle_state(card);

	fake_pcsc.ends++;
	fake_pcsc.last_end = how;
	if (rv == SCARD_S_SUCCESS && fake_pcsc.in_transaction == 0)
		return SCARD_E_NOT_TRANSACTED;
	fake_pcsc.in_transaction = 0;
	if (how == SCARD_UNPOWER_CARD && fake_pcsc.power_off != NULL)
		fake_pcsc.power_off(fake_pcsc.card_ctx);
	return rv;
}

LONG __wrap_SCardStatus(SCARDHANDLE card, LPSTR name, LPDWORD name_len, LPDWORD state,
			LPDWORD protocol, LPBYTE out, LPDWORD out_len)
{
	LONG rv = handle_state(card);

	(void)name;
	(void)name_len;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	*state = SCARD_PRESENT;
	*protocol = SCARD_PROTOCOL_T1;
	if (*out_len < sizeof(atr))
		return SCARD_E_INSUFFICIENT_BUFFER;
	memcpy(out, atr, sizeof(atr));
	*out_len = sizeof(atr);
	return SCARD_S_SUCCESS;
}

/* ---- readers ---- */

LONG __wrap_SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR out, LPDWORD len)
{
	LONG rv = context_state(context);
	size_t n = 1, at = 0;
	char *list;

	(void)groups;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	for (size_t i = 0; i < FAKE_READERS; i++)
		if (fake_pcsc.readers[i].name != NULL)
			n += strlen(fake_pcsc.readers[i].name) + 1;
	if (n == 1)
		return SCARD_E_NO_READERS_AVAILABLE;
	list = calloc(1, n);
	if (list == NULL)
		return SCARD_E_NO_MEMORY;
	for (size_t i = 0; i < FAKE_READERS; i++) {
		if (fake_pcsc.readers[i].name == NULL)
			continue;
		memcpy(list + at, fake_pcsc.readers[i].name, strlen(fake_pcsc.readers[i].name));
		at += strlen(fake_pcsc.readers[i].name) + 1;
	}
	*len = (DWORD)n;
	memcpy(out, &list, sizeof(list)); /* SCARD_AUTOALLOCATE: the address of a pointer */
	return SCARD_S_SUCCESS;
}

LONG __wrap_SCardFreeMemory(SCARDCONTEXT context, LPCVOID memory)
{
	union {
		LPCVOID in;
		void *out;
	} p = {.in = memory};

	(void)context;
	free(p.out);
	return SCARD_S_SUCCESS;
}

static const struct fake_reader *by_name(const char *name)
{
	for (size_t i = 0; i < FAKE_READERS; i++)
		if (fake_pcsc.readers[i].name != NULL &&
		    strcmp(fake_pcsc.readers[i].name, name) == 0)
			return &fake_pcsc.readers[i];
	return NULL;
}

static DWORD state_of(const struct fake_reader *r)
{
	return ((DWORD)r->events << 16) |
	       (r->card || r->mute ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY) |
	       (r->mute ? SCARD_STATE_MUTE : 0u);
}

static unsigned plugged(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < FAKE_READERS; i++)
		n += fake_pcsc.readers[i].name != NULL;
	return n;
}

/* One look at all readers. SCARD_E_TIMEOUT: nothing differs from what the caller knows. */
static LONG look(SCARD_READERSTATE *states, DWORD n, unsigned readers_before)
{
	bool changed = false;

	for (DWORD i = 0; i < n; i++) {
		const struct fake_reader *r;
		DWORD now;

		if (strcmp(states[i].szReader, PNP) == 0) {
			changed = changed || plugged() != readers_before;
			continue;
		}
		r = by_name(states[i].szReader);
		if (r == NULL)
			return SCARD_E_UNKNOWN_READER;
		now = state_of(r);
		states[i].dwEventState = now;
		states[i].cbAtr = r->card ? sizeof(atr) : 0;
		if (r->card)
			memcpy(states[i].rgbAtr, atr, sizeof(atr));
		if (now != states[i].dwCurrentState) {
			states[i].dwEventState |= SCARD_STATE_CHANGED;
			changed = true;
		}
	}
	return changed ? SCARD_S_SUCCESS : SCARD_E_TIMEOUT;
}

LONG __wrap_SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states,
				 DWORD n)
{
	uint64_t until = fake_pcsc.now_ms + timeout;
	unsigned before = plugged();
	LONG rv = context_state(context);

	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (fake_pcsc.list_races > 0) {
		fake_pcsc.list_races--;
		return SCARD_E_UNKNOWN_READER;
	}
	for (;;) {
		rv = look(states, n, before);
		if (rv != SCARD_E_TIMEOUT)
			return rv;
		if (fake_pcsc.cancelled) {
			fake_pcsc.cancelled = false;
			return SCARD_E_CANCELLED;
		}
		fake_pcsc.waiting = true;
		if (fake_pcsc.now_ms >= until || !next_event(until)) {
			fake_pcsc.waiting = false;
			fake_pcsc.now_ms = until;
			return SCARD_E_TIMEOUT;
		}
		fake_pcsc.waiting = false;
		if (context_state(context) != SCARD_S_SUCCESS)
			return SCARD_F_COMM_ERROR; /* the socket was closed */
	}
}

LONG __wrap_SCardCancel(SCARDCONTEXT context)
{
	LONG rv = context_state(context);

	if (rv == SCARD_S_SUCCESS && fake_pcsc.waiting)
		fake_pcsc.cancelled = true;
	return rv;
}

/* ---- commands ---- */

/* True if this call is the one that goes wrong. */
static bool fault_now(void)
{
	fake_pcsc.transmits++;
	return fake_pcsc.fault.at != 0 && fake_pcsc.transmits == fake_pcsc.fault.at;
}

/* What PC/SC keeps saying after such a loss. */
static LONG lose(LONG rv)
{
	switch (rv) {
	case SCARD_W_RESET_CARD:
		fake_pcsc.reset = true;
		break;
	case SCARD_W_REMOVED_CARD:
		fake_pcsc_remove();
		break;
	case SCARD_E_NO_SERVICE:
	case SCARD_F_COMM_ERROR:
		fake_pcsc.boot++; /* pcscd died and was started again */
		break;
	default:
		break;
	}
	return rv;
}

LONG __wrap_SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send_pci, LPCBYTE cmd,
			  DWORD cmd_len, SCARD_IO_REQUEST *recv_pci, LPBYTE resp, LPDWORD len)
{
	LONG rv = handle_state(card);
	DWORD cap = *len;
	bool fault;

	(void)recv_pci;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (send_pci->dwProtocol != SCARD_PROTOCOL_T1 || fake_pcsc.in_transaction == 0)
		fake_pcsc.wrong_use = true;
	if (fake_pcsc.log_len < FAKE_LOG)
		fake_pcsc.log[fake_pcsc.log_len++] = (struct fake_command){cmd[1], cmd_len > 5};
	fault = fault_now();
	if (!fault || fake_pcsc.fault.executed)
		rv = fake_pcsc.card(fake_pcsc.card_ctx, card_bytes(cmd, cmd_len), resp, len);
	if (fault) {
		*len = fake_pcsc.fault.rv == SCARD_S_SUCCESS ? 0 : cap;
		rv = lose(fake_pcsc.fault.rv);
	}
	return rv;
}

static LONG pad_say(const uint8_t *answer, size_t n, LPVOID out, DWORD out_cap, LPDWORD out_len)
{
	if (n > out_cap)
		return SCARD_E_INSUFFICIENT_BUFFER;
	memcpy(out, answer, n);
	*out_len = (DWORD)n;
	return SCARD_S_SUCCESS;
}

LONG __wrap_SCardControl(SCARDHANDLE card, DWORD code, LPCVOID in, DWORD in_len, LPVOID out,
			 DWORD out_cap, LPDWORD out_len)
{
	LONG rv = handle_state(card);

	fake_pcsc.controls++;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (fake_pcsc.now_ms < fake_pcsc.busy_until_ms)
		return SCARD_E_SHARING_VIOLATION;
	if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
		if (fake_pcsc.features_rv != SCARD_S_SUCCESS)
			return fake_pcsc.features_rv;
		*out_len = (DWORD)fake_pcsc.features_len;
		memcpy(out, fake_pcsc.features, fake_pcsc.features_len);
		return SCARD_S_SUCCESS;
	}
	fake_pcsc.pad_calls++;
	fake_pcsc.pad_code = (uint32_t)code;
	fake_pcsc.pad_block_len = in_len < sizeof(fake_pcsc.pad_block) ? in_len : 0;
	memcpy(fake_pcsc.pad_block, in, fake_pcsc.pad_block_len);
	if (fault_now()) {
		*out_len = 0;
		return lose(fake_pcsc.fault.rv);
	}
	if (code == fake_pcsc.pad_change_code && code != 0)
		return pad_say(fake_pcsc.pad_change_answer, fake_pcsc.pad_change_answer_len, out,
			       out_cap, out_len);
	return pad_say(fake_pcsc.pad_answer, fake_pcsc.pad_answer_len, out, out_cap, out_len);
}
