/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue.h — the tables behind issue_catalogue.h. */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#include <cardflow/issue_catalogue.h>

struct flow_issue_catalogue {
	flow_table_t *municipalities, *kinds, *fees, *closures, *terminals;
	flow_table_t *ordinances; /* NULL: there is no such file */
	flow_calendar_t *days;
};

enum {
	M_CODE,
	M_NAME,
	M_PREFECTURE,
	M_FROM,
	M_METHODS,
	M_ISSUER,
	M_NUMBER,
	M_WINDOW,
	M_PLACE,
	M_HOURS,
	M_PHONE,
	M_SEAL
};
enum { K_MUNICIPALITY, K_KIND, K_FROM, K_OPEN, K_CLOSE, K_CALENDAR };
enum { F_MUNICIPALITY, F_KIND, F_CHANNEL, F_FROM, F_AMOUNT };
enum { C_MUNICIPALITY, C_KIND, C_FROM, C_TO, C_REASON };
enum { O_MUNICIPALITY, O_ORDINANCE, O_CARD_SYSTEM };
enum { T_TERMINAL, T_STORE, T_PLACE, T_FROM, T_TO };

/* Kiosk hours, half-open (PD-16). */
#define DAY_OPEN  (6u * 3600 + 30 * 60)
#define DAY_CLOSE (23u * 3600)

/* "HH:MM" as seconds of the day; empty: fallback. false: no such time. */
bool catalogue_time(const char *text, unsigned fallback, unsigned *out);

/* A cell as a date; cells were checked when the tables were read. */
struct card_date catalogue_date(const flow_table_t *t, size_t row, size_t column);

enum card_error catalogue_check(const struct flow_issue_catalogue *c, flow_issue_warning_fn warn,
				void *ctx, struct flow_problem *problem);

#endif
