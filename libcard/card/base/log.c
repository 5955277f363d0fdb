/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "log_internal.h"

static struct {
	card_log_fn *fn;
	void *ctx;
	enum card_log_level least;
} sink;

static const struct {
	enum card_log_level level;
	const char *format; /* takes a and b as unsigned long */
} events[CARD_LOG_EVENT_COUNT_] = {
	[CARD_LOG_COMMAND] = {CARD_LOG_DEBUG, "command %08lX answered %04lX"},
	[CARD_LOG_SHORT_ID_REFUSED] =
		{CARD_LOG_INFO,
		 "short file id of %04lX refused with %04lX; selecting files from now on"},
	[CARD_LOG_FIRST_ANSWER_6F00] = {CARD_LOG_DEBUG,
					"first answer after power-up was 6F00; sent again"},
	[CARD_LOG_WAITING_FOR_READER] = {CARD_LOG_WARNING,
					 "another program holds the reader; waiting for %lu ms"},
	[CARD_LOG_CARD_RESET] = {CARD_LOG_INFO, "another program reset the card"},
	[CARD_LOG_SERVICE_RESTARTED] = {CARD_LOG_INFO, "the card service was restarted"},
	[CARD_LOG_OUTCOME_UNKNOWN] = {CARD_LOG_ERROR,
				      "the answer to instruction %02lX was lost; not repeated"},
	[CARD_LOG_STATUS_NOT_CLEARED] =
		{CARD_LOG_WARNING,
		 "the security status could not be cleared by SELECT; power was cut"},
	[CARD_LOG_LAST_TRY_USED] = {CARD_LOG_WARNING, "the last try of %04lX was used on request"},
};

void card_log_set(card_log_fn *fn, void *ctx, enum card_log_level least)
{
	sink.fn = fn;
	sink.ctx = ctx;
	sink.least = least;
}

void card_log_emit(enum card_log_event event, unsigned long a, unsigned long b)
{
	char text[128];

	if (sink.fn == NULL || event >= CARD_LOG_EVENT_COUNT_ || events[event].level < sink.least)
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
	(void)snprintf(text, sizeof(text), events[event].format, a, b);
#pragma GCC diagnostic pop
	sink.fn(sink.ctx, events[event].level, event, text);
}
