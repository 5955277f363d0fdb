/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c — answers. */
#include "center.h"

#include <string.h>

void center_reply_free(struct center_reply *r)
{
	card_buf_free(&r->body);
	memset(r, 0, sizeof *r);
}

void center_reply_json(struct center_reply *r, unsigned status, json_t *json)
{
	r->status = status;
	r->type = FLOW_ISSUE_MESSAGE_TYPE;
	card_buf_free(&r->body);
	if (json == NULL || flow_issue_message_write(json, NULL, 0, &r->body) != CARD_OK)
		r->status = 500;
	json_decref(json);
}

void center_reply_store(struct center_reply *r, const struct center *c)
{
	center_reply_error(r, 503, flow_issue_store_journal_good(c->store) ? "STORE" : "JOURNAL",
			   NULL);
}

void center_reply_text(struct center_reply *r, const char *json)
{
	card_buf_free(&r->body);
	r->status = 200;
	r->type = FLOW_ISSUE_MESSAGE_TYPE;
	if (card_buf_append(&r->body, card_bytes(json, strlen(json))) != CARD_OK ||
	    card_buf_append_byte(&r->body, '\n') != CARD_OK)
		r->status = 500;
}

void center_reply_error(struct center_reply *r, unsigned status, const char *code,
			const char *state)
{
	json_t *error = json_pack("{s:s}", "code", code);

	if (state != NULL)
		json_object_set_new(error, "state", json_string(state));
	center_reply_json(r, status, json_pack("{s:o}", "error", error));
}
