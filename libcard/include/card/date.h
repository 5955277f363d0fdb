/* SPDX-License-Identifier: Apache-2.0 */
/*
 * date.h — calendar dates, Japanese eras and Japan time.
 *
 * Certificates are compared as UTC instants; the card's own dates (expiry,
 * birth) are calendar days in Japan time, UTC+9 without summer time
 * (design decision 5). No function reads TZ or the locale.
 */
#ifndef CARD_DATE_H
#define CARD_DATE_H

#include <stdint.h>

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A day of the proleptic Gregorian calendar; {0} means unknown. */
struct card_date {
	int16_t year;  /* 1..9999 */
	uint8_t month; /* 1..12 */
	uint8_t day;   /* 1..31 */
};

/* Eras that a holder can have been born in (card-spec 5.1); the day decides. */
enum card_era {
	CARD_ERA_NONE = 0, /* before 1868-01-25, or unknown */
	CARD_ERA_MEIJI = 1,
	CARD_ERA_TAISHO = 2,
	CARD_ERA_SHOWA = 3,
	CARD_ERA_HEISEI = 4,
	CARD_ERA_REIWA = 5
};

CARD_API bool card_date_valid(struct card_date d);

/* <0, 0, >0 as a is before, equal to, after b. */
CARD_API int card_date_compare(struct card_date a, struct card_date b);

/* "YYYYMMDD" (exactly 8 digits) or "YYYY-MM-DD". CARD_ERR_MALFORMED otherwise
 * or if there is no such day; *out is then {0}. */
CARD_API enum card_error card_date_parse(struct card_bytes text, struct card_date *out);

/* "YYYY-MM-DD" and NUL into out[11]; "" if d is not valid. */
CARD_API void card_date_format(struct card_date d, char out[11]);

/* Era of a day and the year in it (first year = 1); CARD_ERA_NONE and 0 before Meiji. */
CARD_API enum card_era card_date_era(struct card_date d, int *era_year);

/* "昭和", "Showa"; "" for CARD_ERA_NONE. */
CARD_API const char *card_era_name(enum card_era era, enum card_lang lang);

/* "昭和55年2月17日" (first year 元年), UTF-8 with NUL; "" if d is not valid.
 * CARD_ERR_BUFFER_TOO_SMALL below 40 bytes of room. */
CARD_API enum card_error card_date_format_era(struct card_date d, char *out, size_t cap);

/* The day in Japan at a UTC instant (seconds since 1970-01-01T00:00:00Z). */
CARD_API struct card_date card_date_in_japan(int64_t utc);

/* The UTC instant at which a day begins in Japan (00:00:00 JST). 0 if not valid. */
CARD_API int64_t card_date_start_in_japan(struct card_date d);

/* UTC instant from broken-down UTC time. CARD_ERR_MALFORMED: no such time
 * (leap seconds included). */
CARD_API enum card_error card_time_from_utc(struct card_date d, int hour, int minute, int second,
					    int64_t *out);

/* RFC 3339, e.g. "2026-01-02T03:04:05Z" or with "+09:00"; a bare date means
 * 00:00:00 Japan time. CARD_ERR_MALFORMED otherwise. */
CARD_API enum card_error card_time_parse(const char *text, int64_t *out);

/* "2026-01-02T12:04:05+09:00" (Japan time) and NUL into out[26]. */
CARD_API void card_time_format_japan(int64_t utc, char out[26]);

/* "2026-01-02T03:04:05Z" and NUL into out[21]. */
CARD_API void card_time_format_utc(int64_t utc, char out[21]);

#ifdef __cplusplus
}
#endif
#endif
