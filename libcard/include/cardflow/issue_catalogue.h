/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_catalogue.h — who offers which certificate when and for how much (rules PD-16, PD-21,
 * R4-12, R4-13, R4-26, R4-28, R4-32): tables of a folder, read once and then only looked at.
 *
 *   municipalities.csv  code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal
 *                       methods: new, conversion, current joined by `;`. issuer: URL. number: yes if
 *                       住民票 with 個人番号 is offered. seal: PEM file for kind PINs, or empty.
 *   kinds.csv           municipality,kind,from,open,close,calendar
 *                       open, close: HH:MM inside 06:30–23:00, empty = those. calendar: daily (not
 *                       12/29–1/3), weekdays (opening days of opening-days.csv, not 12/29–1/3), always.
 *   fees.csv            municipality,kind,channel,from,amount   channel: kiosk, counter; 0 is a fee
 *   closures.csv        municipality,kind,from,to,reason        RFC 3339, half-open; `*` = every
 *   terminals.csv       terminal,store,place,from,to            the allow-list (PD-32)
 *   ordinances.csv      municipality,ordinance,card_system      a row for each municipality with the
 *                       method current: which ordinance lets the card be used so (R1-25), and yes:
 *                       it has an ICカード標準システム (R4-24). May be missing if none has
 *   opening-days.csv    as flow_calendar_read, organ = municipality; may be missing
 */
#ifndef CARDFLOW_ISSUE_CATALOGUE_H
#define CARDFLOW_ISSUE_CATALOGUE_H

#include <cardflow/calendar.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct flow_issue_catalogue flow_issue_catalogue_t;

/* Names of kinds and methods (docs/issuance.md). */
CARD_API bool flow_issue_kind_known(const char *kind);
CARD_API bool flow_issue_method_known(const char *method);

/* What is odd but not wrong: a kiosk fee above the counter fee (PD-21). */
typedef void (*flow_issue_warning_fn)(void *ctx, const char *text);

/* CARD_ERR_IO, CARD_ERR_MALFORMED with *problem (may be NULL): a table, hours outside 06:30–23:00
 * or not start before end, an unknown municipality, kind, method, a row twice. */
CARD_API enum card_error flow_issue_catalogue_read(flow_issue_catalogue_t **out, const char *folder,
						   flow_issue_warning_fn warn, void *ctx,
						   struct flow_problem *problem);
CARD_API void flow_issue_catalogue_free(flow_issue_catalogue_t **c);

struct flow_issue_municipality {
	const char *code, *name, *prefecture, *methods, *issuer, *window, *place, *hours, *phone,
		*seal; /* "" if none */
	bool number;
};

/* The nth that takes part on a day; false beyond. By code: false if it does not take part. */
CARD_API bool flow_issue_catalogue_nth(const flow_issue_catalogue_t *c, size_t nth,
				       struct card_date day, struct flow_issue_municipality *out);
CARD_API bool flow_issue_catalogue_municipality(const flow_issue_catalogue_t *c, const char *code,
						struct card_date day,
						struct flow_issue_municipality *out);

struct flow_issue_offer {
	const char *code; /* NULL: open now; else not_participating, kind_disabled, outside_hours,
			     fee_unknown (K04, in this order) */
	bool enabled;
	long fee;             /* yen a copy; -1: unknown */
	unsigned open, close; /* seconds of the day, half-open; 0 if not enabled */
	int64_t opens_at;     /* if outside hours: when it opens within 14 days, else 0 */
};

/* What is offered at an instant (the centre's clock at receipt, PD-16). */
CARD_API void flow_issue_catalogue_offer(const flow_issue_catalogue_t *c, const char *municipality,
					 const char *kind, int64_t at,
					 struct flow_issue_offer *out);

struct flow_issue_terminal {
	const char *id, *store, *place;
};
/* false: not on the list on that day. */
CARD_API bool flow_issue_catalogue_terminal(const flow_issue_catalogue_t *c, const char *id,
					    struct card_date day, struct flow_issue_terminal *out);

#ifdef __cplusplus
}
#endif
#endif
