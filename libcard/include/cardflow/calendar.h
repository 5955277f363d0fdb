/* SPDX-License-Identifier: Apache-2.0 */
/* calendar.h — months, birthdays, periods and opening days (rules PD-06…PD-09, PD-13). */
#ifndef CARDFLOW_CALENDAR_H
#define CARDFLOW_CALENDAR_H

#include <cardflow/table.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calendar months later (or earlier), clamped to the last day of that month (PD-09);
 * {0} if d is no date or the result leaves the years 1..9999. */
CARD_API struct card_date flow_months_add(struct card_date d, int months);

/* Days later (or earlier); {0} as above. */
CARD_API struct card_date flow_days_add(struct card_date d, int days);

/* 0 = Sunday … 6 = Saturday; -1 if d is no date. */
CARD_API int flow_weekday(struct card_date d);

/* The birthday in a year: 29 February counts as 28 February in common years (PD-08). */
CARD_API struct card_date flow_birthday(struct card_date birth, int year);

/* Completed years on a day: reached on the birthday itself. -1 before birth or without dates. */
CARD_API int flow_age(struct card_date birth, struct card_date day);

/* True if day is in [from, to]; an end that is {0} is open. */
CARD_API bool flow_in_period(struct card_date day, struct card_date from, struct card_date to);

/*
 * Opening days of an organ: Monday to Friday unless a table says otherwise. Table columns
 * `organ,date,open,note`; an organ of "*" holds for all; open is yes or no.
 */
typedef struct flow_calendar flow_calendar_t;

/* path NULL: weekdays only. Errors of flow_table_read. */
CARD_API enum card_error flow_calendar_read(flow_calendar_t **out, const char *path,
					    struct flow_problem *problem);
CARD_API void flow_calendar_free(flow_calendar_t **c);
CARD_API bool flow_calendar_open(const flow_calendar_t *c, const char *organ, struct card_date d);

/* The first opening day after d; {0} if there is none within a year. */
CARD_API struct card_date flow_calendar_next(const flow_calendar_t *c, const char *organ,
					     struct card_date d);

#ifdef __cplusplus
}
#endif
#endif
