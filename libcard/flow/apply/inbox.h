/* SPDX-License-Identifier: Apache-2.0 */
/* inbox.h — the index of an inbox: rows by id and version. */
#ifndef APPLY_INBOX_H
#define APPLY_INBOX_H

#include <sqlite3.h>

#include <cardflow/apply.h>

struct flow_inbox {
	sqlite3 *db;
	char folder[3800];
};

/* One version; CARD_ERR_NOT_FOUND. version 0: the newest. */
enum card_error inbox_find(flow_inbox_t *b, const char *id, unsigned version,
			   struct flow_inbox_row *out);

/* The newest one below a version; CARD_ERR_NOT_FOUND. */
enum card_error inbox_before(flow_inbox_t *b, const char *id, unsigned version,
			     struct flow_inbox_row *out);

/* Add a row, or write its verdict and state again; one durable transaction. */
enum card_error inbox_put(flow_inbox_t *b, const struct flow_inbox_row *row, bool fresh);

/* Every older version that is not erased becomes superseded at this instant. */
enum card_error inbox_supersede(flow_inbox_t *b, const char *id, unsigned below, int64_t at);

/* The sealed package of a version. */
enum card_error inbox_payload_write(flow_inbox_t *b, const struct flow_inbox_row *row,
				    struct card_bytes package);
enum card_error inbox_payload_read(flow_inbox_t *b, const struct flow_inbox_row *row,
				   card_buf_t *out);
enum card_error inbox_payload_erase(flow_inbox_t *b, const struct flow_inbox_row *row);

#endif
