/* SPDX-License-Identifier: Apache-2.0 */
#include "user_ids.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct import {
	const char *municipality;
	const flow_table_t *table;
	card_buf_t secret;
	size_t row; /* of the trouble */
};

static enum card_error one(struct import *i, flow_store_t *db, size_t row)
{
	uint8_t serial[64], authority[32], key[32];
	card_buf_t s = card_buf_fixed(serial, sizeof serial),
		   a = card_buf_fixed(authority, sizeof authority);
	const char *user_id = flow_table_get(i->table, row, 2);
	char hex[65];
	enum card_error err = card_hex_decode(flow_table_get(i->table, row, 0), &s);

	if (err == CARD_OK)
		err = card_hex_decode(flow_table_get(i->table, row, 1), &a);
	if (err == CARD_OK && (a.n != 32 || user_id[0] == '\0' || strlen(user_id) > 64))
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = flow_issue_resident_key(card_buf_bytes(&i->secret), authority,
					      card_buf_bytes(&s), key);
	if (err != CARD_OK)
		return err;
	flow_issue_hex_text(key, sizeof key, hex);
	return flow_issue_user_id_put(db, i->municipality, hex, user_id);
}

static enum card_error all(void *ctx, flow_store_t *db)
{
	struct import *i = ctx;
	enum card_error err = CARD_OK;

	for (i->row = 0; i->row < flow_table_rows(i->table) && err == CARD_OK; i->row++)
		err = one(i, db, i->row);
	return err;
}

int user_ids_import(struct center *c, const char *municipality, const char *file)
{
	static const char *const columns[] = {"serial", "authority", "user_id", NULL};
	struct flow_problem p = {0};
	flow_table_t *table = NULL;
	struct import i = {municipality, NULL, {0}, 0};
	enum card_error err = center_secret(c, municipality, "conversion", &i.secret);

	if (err != CARD_OK) {
		fprintf(stderr, "kazasu-center: no secret %s.conversion of at least 32 bytes\n",
			municipality);
		return EX_CONFIG;
	}
	err = flow_table_read(&table, file, columns, &p);
	i.table = table;
	if (err == CARD_OK)
		err = flow_issue_store_work(c->store, all, &i);
	card_buf_free(&i.secret);
	if (err != CARD_OK)
		fprintf(stderr, "kazasu-center: %s:%u: %s\n", file,
			p.line > 0 ? p.line : flow_table_line(table, i.row > 0 ? i.row - 1 : 0),
			p.text[0] != '\0' ? p.text : card_strerror(err, CARD_LANG_EN));
	else
		printf("%zu\n", flow_table_rows(table));
	flow_table_free(&table);
	return err == CARD_OK ? EX_OK : EX_DATAERR;
}
