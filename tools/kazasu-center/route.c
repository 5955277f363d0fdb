/* SPDX-License-Identifier: Apache-2.0 */
/* route.c — from a request to what answers it. */
#include "exchange.h"

#include <stdio.h>
#include <string.h>

struct noted {
	struct center *c;
	const char *id, *code;
};

static enum card_error add_note(void *ctx, flow_store_t *db)
{
	struct noted *n = ctx;

	return flow_issue_event_add(db, "", center_now(n->c), n->id, "security", n->code,
				    n->c->config.name);
}

/* PD-32: journaled with the identifier given. */
static void turn_away(struct center *c, const struct center_peer *peer, const char *code,
		      struct center_reply *reply)
{
	struct noted n = {c, peer->id, code};

	if (flow_issue_store_work(c->store, add_note, &n) != CARD_OK)
		center_reply_store(reply, c);
	else
		center_reply_error(reply, 403, code, NULL);
}

static bool transaction_id(const char *text, size_t n)
{
	return n == 32 && strspn(text, "0123456789abcdef") >= 32;
}

static void in_transaction(struct center *c, struct center_rules *rules, const char *terminal,
			   const char *path, const struct flow_issue_message *m,
			   struct card_bytes body, struct center_reply *reply)
{
	const struct exchange_message *message;
	struct exchange x;
	char id[33];

	if (!transaction_id(path, strcspn(path, "/")) || path[32] != '/') {
		center_reply_error(reply, 404, "UNKNOWN", NULL);
		return;
	}
	snprintf(id, sizeof id, "%.32s", path);
	message = exchange_message(path + 33);
	if (message == NULL) {
		center_reply_error(reply, 404, "UNKNOWN", NULL);
		return;
	}
	if (!exchange_begin(&x, c, rules, terminal, id, m, body, reply))
		return;
	x.any_session = message->any_session;
	message->handle(&x, reply);
}

static void post(struct center *c, struct center_rules *rules, const char *terminal,
		 const char *path, struct card_bytes body, struct center_reply *reply)
{
	struct flow_issue_message m;
	const enum card_error err = flow_issue_message_read(&m, body);

	if (err != CARD_OK) {
		center_reply_error(reply, err == CARD_ERR_TOO_LONG ? 413 : 400,
				   err == CARD_ERR_TOO_LONG ? "TOO_LONG" : "MALFORMED", NULL);
		return;
	}
	if (strcmp(path, "/v1/transactions") == 0)
		center_open_transaction(c, rules, terminal, &m, body, reply);
	else if (strcmp(path, "/v1/sessions") == 0)
		center_open_session(c, terminal, &m, reply);
	else if (strcmp(path, "/v1/events") == 0)
		center_event(c, terminal, &m, reply);
	else if (strncmp(path, "/v1/transactions/", 17) == 0)
		in_transaction(c, rules, terminal, path + 17, &m, body, reply);
	else
		center_reply_error(reply, 404, "UNKNOWN", NULL);
	flow_issue_message_free(&m);
}

static void get(struct center *c, struct center_rules *rules,
		const struct flow_issue_terminal *terminal, const char *path,
		struct center_reply *reply)
{
	if (strcmp(path, "/v1/service") == 0)
		center_service(c, terminal, reply);
	else if (strcmp(path, "/v1/municipalities") == 0)
		center_municipalities(c, rules, "", reply);
	else if (strncmp(path, "/v1/municipalities/", 19) == 0 && path[19] != '\0')
		center_municipalities(c, rules, path + 19, reply);
	else if (strncmp(path, "/v1/transactions/", 17) == 0 &&
		 transaction_id(path + 17, strlen(path + 17)))
		center_show(c, terminal->id, path + 17, reply);
	else
		center_reply_error(reply, 404, "UNKNOWN", NULL);
}

static void operate(struct center *c, const struct center_peer *peer, const char *method,
		    const char *path, const char *query, struct card_bytes body,
		    struct center_reply *reply)
{
	struct flow_issue_message m;

	if (strcmp(method, "GET") == 0) {
		center_admin(c, peer->id, path, query, NULL, reply);
	} else if (flow_issue_message_read(&m, body) != CARD_OK) {
		center_reply_error(reply, 400, "MALFORMED", NULL);
	} else {
		center_admin(c, peer->id, path, query, &m, reply);
		flow_issue_message_free(&m);
	}
}

void center_handle(struct center *c, const struct center_peer *peer, const char *method,
		   const char *path, const char *query, struct card_bytes body,
		   struct center_reply *reply)
{
	struct center_rules *rules;
	struct flow_issue_terminal terminal;

	memset(reply, 0, sizeof *reply);
	if (peer->role != ROLE_NONE && strcmp(path, "/v1/void-list") == 0 &&
	    strcmp(method, "GET") == 0) {
		center_void_list(c, reply);
		return;
	}
	if (strncmp(path, "/v1/admin/", 10) == 0) {
		if (peer->role == ROLE_OPERATOR)
			operate(c, peer, method, path + 10, query != NULL ? query : "", body,
				reply);
		else
			turn_away(c, peer, "ROLE", reply);
		return;
	}
	if (peer->role != ROLE_TERMINAL) {
		turn_away(c, peer, "ROLE", reply);
		return;
	}
	rules = center_rules_take(c);
	if (!flow_issue_catalogue_terminal(rules->catalogue, peer->id,
					   card_date_in_japan(center_now(c)), &terminal))
		turn_away(c, peer, "TERMINAL", reply);
	else if (strcmp(method, "POST") == 0)
		post(c, rules, peer->id, path, body, reply);
	else if (strcmp(method, "GET") == 0)
		get(c, rules, &terminal, path, reply);
	else
		center_reply_error(reply, 405, "MALFORMED", NULL);
	center_rules_give(c, rules);
}
