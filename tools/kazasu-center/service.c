/* SPDX-License-Identifier: Apache-2.0 */
/* service.c — what is offered, and which papers do not count (K01–K04). */
#include "exchange.h"

#include <cardflow/paper.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"juminhyo", "kisai", "inkan", "tax", "koseki", "fuhyo"};

/* An instant as text, or JSON null. */
static json_t *time_json(int64_t at)
{
	char text[26];

	if (at == 0)
		return json_null();
	card_time_format_japan(at, text);
	return json_string(text);
}

struct stop {
	const char *terminal;
	bool stopped;
};

static enum card_error look_stop(void *ctx, flow_store_t *db)
{
	struct stop *s = ctx;

	return flow_issue_stopped(db, "", "", s->terminal, &s->stopped);
}

void center_service(struct center *c, const struct flow_issue_terminal *terminal,
		    struct center_reply *reply)
{
	struct stop s = {terminal->id, false};
	const int64_t now = center_now(c);
	const char *service = "open", *reason = NULL;

	if (flow_issue_store_read(c->store, look_stop, &s) != CARD_OK) {
		center_reply_store(reply, c);
		return;
	}
	if (s.stopped)
		service = reason = "stopped";
	/* K02: nothing could be recorded. */
	else if (!flow_issue_store_journal_good(c->store)) {
		service = "closed";
		reason = "journal";
	}
	center_reply_json(reply, 200,
			  json_pack("{s:s,s:n,s:s?,s:o,s:s,s:s,s:s}", "service", service, "until",
				    "reason", reason, "time", time_json(now), "center",
				    c->config.name, "audience", c->config.audience, "place",
				    terminal->place));
}

static json_t *file_text(const char *path)
{
	char text[16384];
	FILE *f = path[0] != '\0' ? fopen(path, "re") : NULL;
	size_t n;

	if (f == NULL)
		return json_null();
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	return json_stringn(text, n);
}

static json_t *clock_text(unsigned seconds)
{
	char text[8];

	snprintf(text, sizeof text, "%02u:%02u", seconds / 3600 % 24, seconds / 60 % 60);
	return json_string(text);
}

static json_t *kind_json(const struct center_rules *rules, const struct flow_issue_municipality *m,
			 const char *kind, int64_t now)
{
	static const char *const resident[] = {"scope", "domicile", "relation", "number"};
	const bool of_resident = strcmp(kind, "juminhyo") == 0 || strcmp(kind, "kisai") == 0;
	struct flow_issue_offer o;
	json_t *options = json_array();

	flow_issue_catalogue_offer(rules->catalogue, m->code, kind, now, &o);
	for (size_t i = 0; of_resident && i < (m->number ? 4u : 3u); i++)
		json_array_append_new(options, json_string(resident[i]));
	if (strcmp(kind, "koseki") == 0)
		json_array_append_new(options, json_string("scope"));
	if (strcmp(kind, "fuhyo") == 0)
		json_array_append_new(options, json_string("domicile"));
	if (strcmp(kind, "tax") == 0) {
		json_array_append_new(options, json_string("tax"));
		json_array_append_new(options, json_string("year"));
	}
	return json_pack("{s:s,s:b,s:o,s:o,s:b,s:o,s:o,s:o,s:s?}", "kind", kind, "enabled",
			 o.enabled, "open", o.enabled ? clock_text(o.open) : json_null(), "close",
			 o.enabled ? clock_text(o.close) : json_null(), "open_now", o.code == NULL,
			 "opens_at", time_json(o.opens_at), "fee",
			 o.fee >= 0 ? json_integer(o.fee) : json_null(), "options", options, "code",
			 o.code);
}

static json_t *methods_json(const char *list)
{
	json_t *out = json_array();
	struct card_bytes item;

	while ((item = flow_list_next(&list)).n > 0)
		json_array_append_new(out, json_stringn((const char *)item.p, item.n));
	return out;
}

static void one_municipality(struct center *c, struct center_rules *rules, const char *code,
			     struct center_reply *reply)
{
	const int64_t now = center_now(c);
	struct flow_issue_municipality m;
	char seal[2 * CENTER_PATH];
	json_t *offers = json_array();

	if (!flow_issue_catalogue_municipality(rules->catalogue, code, card_date_in_japan(now),
					       &m)) {
		json_decref(offers);
		center_reply_error(reply, 404, "UNKNOWN", NULL);
		return;
	}
	seal[0] = '\0';
	if (m.seal[0] != '\0')
		snprintf(seal, sizeof seal, "%s/%s", rules->folder, m.seal);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		json_array_append_new(offers, kind_json(rules, &m, kinds[i], now));
	center_reply_json(reply, 200,
			  json_pack("{s:s,s:s,s:o,s:{s:s,s:s,s:s,s:s},s:o,s:o}", "code", m.code,
				    "name", m.name, "methods", methods_json(m.methods), "window",
				    "name", m.window, "place", m.place, "hours", m.hours, "phone",
				    m.phone, "seal_certificate", file_text(seal), "kinds", offers));
}

void center_municipalities(struct center *c, struct center_rules *rules, const char *code,
			   struct center_reply *reply)
{
	const struct card_date today = card_date_in_japan(center_now(c));
	struct flow_issue_municipality m;
	json_t *list;

	if (code[0] != '\0') {
		one_municipality(c, rules, code, reply);
		return;
	}
	list = json_array();
	for (size_t i = 0; flow_issue_catalogue_nth(rules->catalogue, i, today, &m); i++)
		json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "code", m.code, "name",
						      m.name, "prefecture", m.prefecture));
	center_reply_json(reply, 200, json_pack("{s:o}", "municipalities", list));
}

static enum card_error add_number(void *ctx, const char *const *column, size_t n)
{
	card_buf_t *out = ctx;
	const enum card_error err = card_buf_append(out, card_bytes(column[0], strlen(column[0])));

	(void)n;
	return err != CARD_OK ? err : card_buf_append_byte(out, '\n');
}

static enum card_error list_void(void *ctx, flow_store_t *db)
{
	return flow_issue_void_list(db, add_number, ctx);
}

/* Signed, and good for a day: an older one proves nothing about younger copies. */
#define VOID_LIST_SECONDS 86400

void center_void_list(struct center *c, struct center_reply *reply)
{
	const int64_t now = center_now(c);
	card_buf_t rows = {0};

	if (flow_issue_store_read(c->store, list_void, &rows) != CARD_OK ||
	    flow_void_list_make(card_buf_bytes(&rows), now, now + VOID_LIST_SECONDS, c->back_key,
				&reply->body) != CARD_OK) {
		center_reply_store(reply, c);
	} else {
		reply->status = 200;
		reply->type = "text/plain; charset=utf-8";
	}
	card_buf_free(&rows);
}
