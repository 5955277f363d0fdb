/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PC/SC transport against a pcscd of which every call may fail from the input, as may every
 * allocation. Handles are given back once each, waiting ends, and an answer that was lost is
 * never taken for one that arrived.
 *
 * Input: one byte for the allocation that fails (0: none), then one byte a call: below 192 it
 * succeeds, from there on it is one of the errors below; answers and states follow where needed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <reader.h>
#include <winscard.h>

#include <card/channel.h>
#include <card/pcsc.h>
#include <card/pin.h>
#include <card/token.h>

#include "fuzz.h"

static struct {
	struct fuzz_input in;
	uint64_t now_ms;
	int contexts, handles;
	unsigned calls;
	bool transaction;
} world;

static const LONG errors[] = {
	SCARD_E_NO_SERVICE,
	SCARD_E_NOT_TRANSACTED,
	SCARD_F_COMM_ERROR,
	SCARD_W_UNRESPONSIVE_CARD,
	SCARD_W_RESET_CARD,
	SCARD_W_REMOVED_CARD,
	SCARD_E_SHARING_VIOLATION,
	SCARD_E_READER_UNAVAILABLE,
	SCARD_E_INVALID_HANDLE,
	SCARD_E_UNKNOWN_READER,
	SCARD_E_NO_SMARTCARD,
	SCARD_W_SECURITY_VIOLATION,
	SCARD_E_TIMEOUT,
	SCARD_E_CANCELLED,
	SCARD_E_INSUFFICIENT_BUFFER,
	SCARD_F_INTERNAL_ERROR,
	SCARD_E_NO_MEMORY,
	SCARD_E_INVALID_PARAMETER,
	SCARD_E_NO_READERS_AVAILABLE,
	SCARD_W_UNPOWERED_CARD,
};

/* The verdict over one call. Time passes with each, so that every wait ends. */
static LONG verdict(void)
{
	uint8_t b = fuzz_byte(&world.in);

	world.now_ms += 1;
	fuzz_require(world.calls++ < 100000); /* no endless loop */
	return b < 192 ? SCARD_S_SUCCESS : errors[b % (sizeof(errors) / sizeof(errors[0]))];
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_nanosleep(const struct timespec *wait, struct timespec *left);

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	t->tv_sec = (time_t)(world.now_ms / 1000);
	t->tv_nsec = (long)(world.now_ms % 1000) * 1000000L;
	return 0;
}

int __wrap_nanosleep(const struct timespec *wait, struct timespec *left)
{
	(void)left;
	world.now_ms += (uint64_t)wait->tv_sec * 1000u + (uint64_t)wait->tv_nsec / 1000000u;
	return 0;
}

/* The thread that connects does its work at once: a run is the same every time. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*work)(void *),
			  void *arg);
int __wrap_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_detach(pthread_t thread);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*work)(void *),
			  void *arg)
{
	(void)attr;
	memset(thread, 0, sizeof(*thread));
	if (fuzz_byte(&world.in) == 0xFF)
		return EAGAIN;
	(void)work(arg);
	return 0;
}

int __wrap_pthread_join(pthread_t thread, void **result)
{
	(void)thread;
	(void)result;
	return 0;
}

int __wrap_pthread_detach(pthread_t thread)
{
	(void)thread;
	return 0;
}

LONG SCardEstablishContext(DWORD scope, LPCVOID r1, LPCVOID r2, LPSCARDCONTEXT context)
{
	LONG rv = verdict();

	(void)scope;
	(void)r1;
	(void)r2;
	if (rv == SCARD_S_SUCCESS) {
		world.contexts++;
		*context = 7;
	}
	return rv;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
	LONG rv = verdict();

	if (context == 0)
		return SCARD_E_INVALID_HANDLE;
	world.contexts--;
	return rv;
}

LONG SCardIsValidContext(SCARDCONTEXT context)
{
	(void)context;
	return verdict();
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR name, DWORD share, DWORD protocols,
		  LPSCARDHANDLE card, LPDWORD protocol)
{
	LONG rv = verdict();

	(void)context;
	(void)protocols;
	fuzz_require(name[0] != '\0' && share == SCARD_SHARE_SHARED);
	if (rv == SCARD_S_SUCCESS) {
		world.handles++;
		*card = 9;
		*protocol =
			(fuzz_byte(&world.in) & 1u) != 0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
	}
	return rv;
}

LONG SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD init, LPDWORD protocol)
{
	(void)card;
	(void)share;
	(void)protocols;
	(void)init;
	*protocol = SCARD_PROTOCOL_T1;
	return verdict();
}

LONG SCardDisconnect(SCARDHANDLE card, DWORD how)
{
	(void)how;
	fuzz_require(card == 9 && world.handles > 0);
	world.handles--;
	world.transaction = false;
	return verdict();
}

LONG SCardBeginTransaction(SCARDHANDLE card)
{
	LONG rv = verdict();

	fuzz_require(card == 9 && world.handles > 0);
	world.transaction = rv == SCARD_S_SUCCESS;
	return rv;
}

LONG SCardEndTransaction(SCARDHANDLE card, DWORD how)
{
	(void)how;
	fuzz_require(card == 9 && world.handles > 0 && world.transaction);
	world.transaction = false;
	return verdict();
}

LONG SCardStatus(SCARDHANDLE card, LPSTR name, LPDWORD name_len, LPDWORD state, LPDWORD protocol,
		 LPBYTE atr, LPDWORD atr_len)
{
	LONG rv = verdict();
	struct card_bytes b = fuzz_take(&world.in, fuzz_byte(&world.in) % (*atr_len + 1));

	(void)name;
	(void)name_len;
	fuzz_require(card == 9 && world.handles > 0);
	*state = SCARD_PRESENT;
	*protocol = SCARD_PROTOCOL_T1;
	if (rv == SCARD_S_SUCCESS && b.n > 0)
		memcpy(atr, b.p, b.n);
	*atr_len = b.n;
	return rv;
}

static const char *const lists[] = {"Reader A\0", "Reader A\0Reader B\0", "", "\xE8\xAA\xAD\0X\0"};
static const size_t list_sizes[] = {10, 19, 1, 7};

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR out, LPDWORD len)
{
	LONG rv = verdict();
	size_t which;
	char *list;

	(void)context;
	(void)groups;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	which = fuzz_byte(&world.in) % 4;
	list = malloc(list_sizes[which]);
	if (list == NULL)
		return SCARD_E_NO_MEMORY;
	memcpy(list, lists[which], list_sizes[which]);
	memcpy(out, &list, sizeof(list));
	*len = list_sizes[which];
	return SCARD_S_SUCCESS;
}

LONG SCardFreeMemory(SCARDCONTEXT context, LPCVOID memory)
{
	union {
		LPCVOID in;
		void *out;
	} p = {.in = memory};

	(void)context;
	free(p.out);
	return SCARD_S_SUCCESS;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states, DWORD n)
{
	LONG rv = verdict();

	(void)context;
	if (rv == SCARD_S_SUCCESS || rv == SCARD_E_TIMEOUT)
		world.now_ms += timeout;
	for (DWORD i = 0; i < n; i++) {
		states[i].dwEventState =
			(DWORD)fuzz_byte(&world.in) << 4 | (DWORD)fuzz_byte(&world.in) << 16;
		states[i].cbAtr = fuzz_byte(&world.in);
	}
	return rv;
}

LONG SCardCancel(SCARDCONTEXT context)
{
	(void)context;
	return verdict();
}

LONG SCardControl(SCARDHANDLE card, DWORD code, LPCVOID in, DWORD in_len, LPVOID out, DWORD out_cap,
		  LPDWORD out_len)
{
	LONG rv = verdict();
	struct card_bytes b;

	fuzz_require(card == 9 && world.handles > 0);
	fuzz_require(code == CM_IOCTL_GET_FEATURE_REQUEST || world.transaction);
	fuzz_touch(card_bytes(in, in_len));
	if (rv != SCARD_S_SUCCESS)
		return rv;
	b = fuzz_take(&world.in, fuzz_byte(&world.in));
	if (b.n > out_cap)
		b.n = out_cap;
	if (b.n > 0)
		memcpy(out, b.p, b.n);
	*out_len = b.n;
	return rv;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send_pci, LPCBYTE cmd, DWORD cmd_len,
		   SCARD_IO_REQUEST *recv_pci, LPBYTE resp, LPDWORD len)
{
	LONG rv = verdict();
	struct card_bytes b;

	(void)recv_pci;
	fuzz_require(card == 9 && world.handles > 0 && world.transaction && send_pci != NULL);
	fuzz_touch(card_bytes(cmd, cmd_len));
	if (rv != SCARD_S_SUCCESS)
		return rv;
	b = fuzz_take(&world.in, fuzz_byte(&world.in));
	fuzz_require(*len >= b.n);
	if (b.n > 0)
		memcpy(resp, b.p, b.n);
	*len = b.n;
	return rv;
}

static void use_card(card_channel_t *ch)
{
	struct card_status status;
	card_secret_t *pin = NULL;
	int tries = 0;

	if (fuzz_known(card_channel_begin(ch, 0)) == CARD_OK) {
		(void)fuzz_known(card_status_read(ch, &status));
		(void)fuzz_known(card_channel_end(ch));
	}
	if (card_secret_new(&pin) != CARD_OK)
		return;
	if (card_secret_set(pin, card_bytes("1234", 4)) == CARD_OK &&
	    fuzz_known(card_channel_begin(ch, 3000)) == CARD_OK) {
		(void)fuzz_known(card_pin_verify(ch, CARD_PIN_AUTH, pin, 0, &tries));
		(void)fuzz_known(
			card_pin_verify_pinpad(ch, CARD_PIN_TEXT, CARD_LANG_JA, 0, &tries));
		(void)fuzz_known(
			card_pin_change_pinpad(ch, CARD_PIN_JUKI, CARD_LANG_JA, 0, &tries));
		(void)fuzz_known(card_channel_end(ch));
	}
	card_secret_free(&pin);
}

static void use_service(card_pcsc_t *p)
{
	struct card_pcsc_reader list[CARD_PCSC_READERS_MAX], found;
	size_t n = CARD_PCSC_READERS_MAX;
	card_reader_t *r = NULL;
	card_channel_t *ch = NULL;

	if (fuzz_known(card_pcsc_list(p, list, &n)) != CARD_OK)
		n = 0;
	fuzz_require(n <= CARD_PCSC_READERS_MAX);
	(void)fuzz_known(card_pcsc_wait_change(p, list, n, 3000));
	if (fuzz_known(card_pcsc_wait_card(p, "Reader", 3000, &found)) != CARD_OK)
		memcpy(found.name, "Reader A", 9);
	if (fuzz_known(card_pcsc_open(p, found.name, 2500, &r)) == CARD_OK &&
	    card_channel_new(&ch, r) == CARD_OK)
		use_card(ch);
	card_channel_free(&ch);
	card_reader_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	card_pcsc_t *p = NULL;

	memset(&world, 0, sizeof(world));
	world.in = (struct fuzz_input){data, size};
	world.now_ms = 1000;
	fuzz_fail_allocation(fuzz_byte(&world.in));
	if (fuzz_known(card_pcsc_new(&p)) == CARD_OK)
		use_service(p);
	card_pcsc_free(&p);
	fuzz_fail_allocation(0);
	fuzz_require(world.contexts == 0 && world.handles == 0);
	return 0;
}
