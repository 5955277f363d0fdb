/* SPDX-License-Identifier: Apache-2.0 */
/* user_ids.h — the mapping of 変換方式 from a file (R4-19). */
#ifndef USER_IDS_H
#define USER_IDS_H

#include "center.h"

/* serial,authority,user_id, hexadecimal as in docs/issuance.md; all rows or none, each wrong line
 * named on standard error. An empty user_id takes a mapping out; replace: the municipality's earlier
 * mappings go. The table keeps HMACs under the municipality's secret, never the serial (PD-26).
 * Returns an exit code. */
int user_ids_import(struct center *c, const char *municipality, const char *file, bool replace);

#endif
