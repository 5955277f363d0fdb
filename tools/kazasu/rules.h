/* SPDX-License-Identifier: Apache-2.0 */
/* rules.h — the tables of rules that a run uses. */
#ifndef KAZASU_RULES_H
#define KAZASU_RULES_H

#include "kazasu.h"

#include <cardflow/rules.h>

/*
 * Read the tables of a folder; NULL: share/kazasu/rules beside the folder of the program, else
 * DATADIR/kazasu/rules. A wrong table is reported with file and line (exit 65), a missing one with
 * exit 66. KZ_GO, or the exit code; *out is to be freed with flow_rules_free in any case.
 */
int kz_rules_open(struct kz *kz, const char *folder, struct flow_rules *out);

/* Report what a reader of tables said. */
int kz_rules_fail(struct kz *kz, enum card_error err, const struct flow_problem *problem);

/* Today in Japan, or the day of --at. */
struct card_date kz_today(const struct kz *kz);

/* A date on the command line; text NULL leaves *out alone. KZ_GO or exit 64. */
int kz_date_option(struct kz *kz, const char *option, const char *text, struct card_date *out);

/* A date as JSON: null if it is none. */
json_t *kz_date_json(struct card_date d);

/* A list joined by `;` as a JSON array. */
json_t *kz_list_json(const char *list);

#endif
