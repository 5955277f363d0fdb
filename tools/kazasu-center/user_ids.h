/* SPDX-License-Identifier: Apache-2.0 */
/* user_ids.h — the mapping of 変換方式 from a file (R4-19). */
#ifndef USER_IDS_H
#define USER_IDS_H

#include "center.h"

/* serial,authority,user_id, hexadecimal as in docs/issuance.md; all rows or none. The table keeps HMACs
 * under the municipality's secret, never the serial (PD-26). Returns an exit code. */
int user_ids_import(struct center *c, const char *municipality, const char *file);

#endif
