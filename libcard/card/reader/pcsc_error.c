/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "log_internal.h"
#include "pcsc_internal.h"

enum card_error pcsc_error(LONG rv)
{
	switch (rv) {
	case SCARD_S_SUCCESS:
		return CARD_OK;
	case SCARD_E_NO_SERVICE:
	case SCARD_E_SERVICE_STOPPED:
	case SCARD_F_COMM_ERROR:
	case SCARD_E_INVALID_HANDLE:
		return CARD_ERR_NO_SERVICE;
	case SCARD_W_SECURITY_VIOLATION:
		return CARD_ERR_NOT_PERMITTED;
	case SCARD_E_NO_READERS_AVAILABLE:
	case SCARD_E_UNKNOWN_READER:
	case SCARD_E_READER_UNAVAILABLE:
		return CARD_ERR_NO_READER;
	case SCARD_E_NO_SMARTCARD:
		return CARD_ERR_NO_CARD;
	case SCARD_W_REMOVED_CARD:
	/* Radio lost or a bad contact look the same and mean the same: */
	case SCARD_E_NOT_TRANSACTED:
	case SCARD_E_COMM_DATA_LOST:
	case SCARD_W_UNRESPONSIVE_CARD:
	case SCARD_W_UNPOWERED_CARD:
		return CARD_ERR_REMOVED;
	case SCARD_W_RESET_CARD:
		return CARD_ERR_RESET;
	case SCARD_E_SHARING_VIOLATION:
		return CARD_ERR_READER_BUSY;
	case SCARD_E_CANCELLED:
		return CARD_ERR_CANCELLED;
	case SCARD_E_TIMEOUT:
		return CARD_ERR_TIMEOUT;
	case SCARD_E_INSUFFICIENT_BUFFER:
		return CARD_ERR_TOO_LONG;
	case SCARD_E_NO_MEMORY:
		return CARD_ERR_NO_MEMORY;
	default:
		return CARD_ERR_READER;
	}
}

bool pcsc_service_lost(LONG rv)
{
	return rv == SCARD_E_NO_SERVICE || rv == SCARD_E_SERVICE_STOPPED ||
	       rv == SCARD_F_COMM_ERROR || rv == SCARD_E_INVALID_HANDLE;
}

enum card_error pcsc_establish(SCARDCONTEXT *context)
{
	SCARDCONTEXT c = 0;
	LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &c);

	if (rv == SCARD_S_SUCCESS)
		*context = c;
	return pcsc_error(rv);
}

uint64_t pcsc_now_ms(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

void pcsc_sleep_ms(unsigned ms)
{
	struct timespec t = {.tv_sec = ms / 1000u, .tv_nsec = (long)(ms % 1000u) * 1000000L};

	(void)nanosleep(&t, NULL);
}

bool pcsc_report_wait(const struct wait_hook *hook, uint64_t start_ms, uint64_t *next_ms)
{
	uint64_t waited = pcsc_now_ms() - start_ms;

	if (*next_ms == 0)
		*next_ms = WAIT_REPORT_MS;
	if (waited < *next_ms)
		return true;
	*next_ms += WAIT_REPEAT_MS;
	return hook->fn == NULL || hook->fn(hook->ctx, (unsigned)waited);
}
