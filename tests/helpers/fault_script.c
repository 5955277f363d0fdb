/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FEE 200 /* of tests/kiosk/place.sh */
#define A   "sim:test-person"
#define PIN "1234\n"
#define ONE "--kind juminhyo --again yes "
#define TWO "--kind juminhyo --again yes --copies 2 "

const struct fault_script fault_scripts[] = {
	{"straight", ONE, A, PIN, false, true},
	{"again", ONE, A, PIN, true, false},
	{"not-again", "--kind juminhyo --again no", A, PIN, true, false},
	{"free", "--kind inkan --again yes", A, PIN, false, true},
	{"resume", TWO "--printer-sim jam:1 --on-fault resume", A, PIN PIN, false, true},
	{"refund", TWO "--printer-sim jam:1 --on-fault refund", A, PIN, false, true},
	{"silent", TWO "--printer-sim silent:1 --on-fault refund", A, PIN, false, false},
	{"lost-paper", ONE "--printer-sim lost-answer", A, PIN, false, false},
	{"declined", ONE "--payment-sim decline", A, PIN, false, false},
	{"lost-settled", ONE "--payment-sim lost-settled", A, PIN, false, false},
	{"lost-not", ONE "--payment-sim lost-not-settled", A, PIN, false, false},
	{"unknown", ONE "--payment-sim unknown", A, PIN, false, true},
	{"late", ONE "--payment-sim late", A, PIN, false, true},
	{"double", ONE "--payment-sim double", A, PIN, false, true},
	{"wrong-amount", ONE "--payment-sim wrong-amount", A, PIN, false, false},
	{"impossible", TWO "--printer-sim paper:0 --on-fault refund --refund-sim impossible", A,
	 PIN, false, false},
	{"card-left", ONE "--leave card", A, PIN, false, false},
	{"paper-left", ONE "--leave paper", A, PIN, false, false},
	{"empty", ONE "--printer-sim empty", A, PIN, false, false},
	{"wrong-pin", ONE, A, "9999\n" PIN, false, false},
	{"no-pin", ONE, A, "", false, false},
	{"revoked", ONE, "sim:revoked", PIN, false, false},
	{"elsewhere", ONE, "sim:long-names", PIN, false, false},
};
const size_t fault_script_count = sizeof fault_scripts / sizeof fault_scripts[0];

const struct fault_script *fault_script_of(const char *name)
{
	for (size_t i = 0; i < fault_script_count; i++)
		if (strcmp(fault_scripts[i].name, name) == 0)
			return &fault_scripts[i];
	return NULL;
}

static const struct {
	const char *name, *class;
} kinds[FAULT_KINDS_] = {
	[FAULT_CUT_REQUEST] = {"cut-request", "network cut"},
	[FAULT_CUT_ANSWER] = {"cut-answer", "network cut"},
	[FAULT_DEAD_REQUEST] = {"dead-request", "network cut"},
	[FAULT_DEAD_ANSWER] = {"dead-answer", "network cut"},
	[FAULT_SLOW_REQUEST] = {"slow-request", "network delayed"},
	[FAULT_SLOW_ANSWER] = {"slow-answer", "network delayed"},
	[FAULT_TWICE] = {"twice", "message repeated"},
	[FAULT_LATER] = {"later", "message repeated"},
	[FAULT_HALF_ANSWER] = {"half-answer", "message altered"},
	[FAULT_BENT_REQUEST] = {"bent-request", "message altered"},
	[FAULT_BENT_ANSWER] = {"bent-answer", "message altered"},
	[FAULT_OLD_ANSWER] = {"old-answer", "message altered"},
	[FAULT_CENTER_BEFORE] = {"center-before", "centre killed"},
	[FAULT_CENTER_AFTER] = {"center-after", "centre killed"},
	[FAULT_TERMINAL_BEFORE] = {"terminal-before", "terminal killed"},
	[FAULT_TERMINAL_AFTER] = {"terminal-after", "terminal killed"},
	[FAULT_BOTH_AFTER] = {"both-after", "terminal killed"},
	[FAULT_ISSUER_BEFORE] = {"issuer-before", "issuer killed"},
	[FAULT_STORE_BEFORE] = {"store-before", "store killed"},
	[FAULT_STORE_AFTER] = {"store-after", "store killed"},
	[FAULT_COMMIT_BEFORE] = {"commit-before", "store killed"},
	[FAULT_COMMIT_AFTER] = {"commit-after", "store killed"},
	[FAULT_GONE] = {"gone", "terminal never comes back"},
	[FAULT_STOPPED] = {"stopped", "emergency stop"},
};

const char *fault_kind_name(enum fault_kind kind)
{
	return kinds[kind].name;
}

const char *fault_kind_class(enum fault_kind kind)
{
	return kinds[kind].class;
}

/* Questions that change nothing and are asked before a transaction. */
static bool is_question(const struct fault_step *s)
{
	return strcmp(s->key, "service") == 0 || strcmp(s->key, "municipalities") == 0;
}

bool fault_possible(const struct fault_step *s, enum fault_kind kind, bool postgresql)
{
	const bool commit = kind == FAULT_COMMIT_BEFORE || kind == FAULT_COMMIT_AFTER;

	if (s->issuer) /* the terminal is not on this wire; the centre asks again by itself */
		return kind != FAULT_TERMINAL_BEFORE && kind != FAULT_TERMINAL_AFTER &&
		       kind != FAULT_GONE && kind != FAULT_STOPPED && kind != FAULT_BOTH_AFTER &&
		       !commit && kind != FAULT_STORE_BEFORE &&
		       (kind != FAULT_STORE_AFTER || postgresql);
	if (commit)
		return postgresql && !is_question(s);
	if (kind == FAULT_STORE_AFTER)
		return postgresql;
	return kind != FAULT_ISSUER_BEFORE || strcmp(s->key, "document") == 0;
}

/* ---- one run ---- */

static struct fault_plan plan = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct card_bytes body_of(const card_buf_t *http, size_t at)
{
	return at < http->n ? card_bytes(http->p + at, http->n - at) : card_bytes(NULL, 0);
}

/* The first line of a message is JSON. */
static json_t *json_of(struct card_bytes body)
{
	const uint8_t *end = body.n > 0 ? memchr(body.p, '\n', body.n) : NULL;

	return body.n == 0 ? NULL
			   : json_loadb((const char *)body.p,
					end != NULL ? (size_t)(end - body.p) : body.n, 0, NULL);
}

/* Last word of the path that is no id, then what tells it from others of its name. */
static void name_message(const struct wire_message *m, char out[40])
{
	static const char *const tells[] = {"result", "reason", "answer", "taken",
					    "paid",   "alarm",  "status"};
	const json_t *value = NULL;
	json_t *json = json_of(body_of(&m->request, m->request_body));
	char path[WIRE_PATH], *word = NULL, *rest = NULL;

	snprintf(path, sizeof path, "%s", m->path);
	for (char *w = strtok_r(path, "/", &rest); w != NULL; w = strtok_r(NULL, "/", &rest))
		if (strlen(w) != 32 && strspn(w, "0123456789") != strlen(w))
			word = w;
	snprintf(out, 24, "%s", word != NULL ? word : "?");
	for (size_t i = 0; i < sizeof tells / sizeof tells[0] && value == NULL; i++)
		value = json_object_get(json, tells[i]);
	if (json_is_string(value))
		snprintf(out + strlen(out), 16, ":%.14s", json_string_value(value));
	else if (json_is_boolean(value))
		snprintf(out + strlen(out), 16, ":%s", json_is_true(value) ? "yes" : "no");
	/* Another amount than the fee. */
	value = json_object_get(json, "amount");
	if (strncmp(out, "payment", 7) == 0 && json_integer_value(value) % FEE != 0)
		snprintf(out + strlen(out), 2, "!");
	json_decref(json);
}

static void note_state(const struct wire_message *m)
{
	json_t *json = json_of(body_of(&m->answer, m->answer_body));
	const char *state = json_string_value(json_object_get(json, "state"));

	if (state != NULL)
		snprintf(plan.state, sizeof plan.state, "%s", state);
	json_decref(json);
}

static void bend(card_buf_t *http, size_t body)
{
	/* Bit 7: no text any more, whatever it was. */
	if (body < http->n)
		http->p[body + (http->n - body) / 2] ^= 0x80;
}

/* SQLite: somebody holds the store, the centre waits for it and is killed. */
static void *hold_and_kill(void *ctx)
{
	struct fault_town *t = ctx;
	flow_store_t *db = NULL;

	if (flow_store_open(&db, t->store, 0, NULL) == CARD_OK && flow_store_begin(db) == CARD_OK) {
		usleep(300000);
		fault_kill_center(t);
		flow_store_rollback(db);
	}
	flow_store_close(&db);
	fault_keep(t, FAULT_CENTER, false);
	return NULL;
}

static void kill_store(struct fault_town *t)
{
	pthread_t thread;

	if (t->pg_wire != NULL) {
		fault_keep(t, FAULT_STORE, true);
	} else if (pthread_create(&thread, NULL, hold_and_kill, t) == 0) {
		pthread_detach(thread);
		usleep(50000);
	}
}

static void restart_center(struct fault_town *t)
{
	fault_kill_center(t);
	fault_keep(t, FAULT_CENTER, false);
}

/* One operator asks, another agrees. */
static void stop_or_resume(struct fault_town *t, const char *action)
{
	char body[200];
	card_buf_t answer = {0};
	const char *request;
	json_t *json;

	snprintf(body, sizeof body,
		 "{\"action\":\"%s\",\"scope\":\"terminal\",\"value\":\"%s\",\"reason\":\"test\"}",
		 action, t->terminal);
	(void)fault_ask(t, "operator-sato", "/v1/admin/ask", body, &answer);
	json = json_of(card_buf_bytes(&answer));
	request = json_string_value(json_object_get(json, "request"));
	snprintf(body, sizeof body, "{\"request\":\"%s\"}", request != NULL ? request : "");
	json_decref(json);
	if (fault_ask(t, "operator-ito", "/v1/admin/agree", body, &answer) != 200)
		fault_die("nobody can %s %s", action, t->terminal);
	card_buf_free(&answer);
}

static enum wire_act strike_request(struct fault_town *t, bool issuer, struct wire_message *m)
{
	switch (plan.kind) {
	case FAULT_DEAD_REQUEST:
		plan.dead[issuer] = true;
		return WIRE_CUT;
	case FAULT_CUT_REQUEST:
		return WIRE_CUT;
	case FAULT_SLOW_REQUEST:
		return WIRE_HOLD;
	case FAULT_TWICE:
		return WIRE_TWICE;
	case FAULT_LATER:
		card_buf_clear(&plan.kept);
		(void)card_buf_append(&plan.kept, card_buf_bytes(&m->request));
		snprintf(plan.kept_path, sizeof plan.kept_path, "%s", m->path);
		break;
	case FAULT_BENT_REQUEST:
		bend(&m->request, m->request_body);
		break;
	case FAULT_CENTER_BEFORE:
		restart_center(t);
		return WIRE_CUT;
	case FAULT_TERMINAL_BEFORE:
		fault_kill_kiosk(t);
		return WIRE_CUT;
	case FAULT_ISSUER_BEFORE:
		fault_kill_issuer(t);
		fault_keep(t, FAULT_ISSUER, false);
		return issuer ? WIRE_CUT : WIRE_PASS;
	case FAULT_STORE_BEFORE:
		kill_store(t);
		break;
	case FAULT_STOPPED:
		stop_or_resume(t, "stop");
		break;
	case FAULT_COMMIT_BEFORE:
		pg_wire_arm(t->pg_wire, PG_WIRE_BEFORE);
		break;
	case FAULT_COMMIT_AFTER:
		pg_wire_arm(t->pg_wire, PG_WIRE_AFTER);
		break;
	default:
		break;
	}
	return WIRE_PASS;
}

static enum wire_act strike_answer(struct fault_town *t, bool issuer, struct wire_message *m)
{
	switch (plan.kind) {
	case FAULT_DEAD_ANSWER:
	case FAULT_GONE:
		plan.dead[issuer] = true;
		return WIRE_CUT;
	case FAULT_CUT_ANSWER:
		return WIRE_CUT;
	case FAULT_SLOW_ANSWER:
		return WIRE_HOLD;
	case FAULT_HALF_ANSWER:
		return WIRE_HALF;
	case FAULT_BENT_ANSWER:
		bend(&m->answer, m->answer_body);
		break;
	case FAULT_OLD_ANSWER:
		if (plan.before.n == 0)
			return WIRE_CUT;
		card_buf_clear(&m->answer);
		(void)card_buf_append(&m->answer, card_buf_bytes(&plan.before));
		break;
	case FAULT_CENTER_AFTER:
		restart_center(t);
		return WIRE_CUT;
	case FAULT_TERMINAL_AFTER:
		fault_kill_kiosk(t);
		return WIRE_CUT;
	case FAULT_BOTH_AFTER:
		fault_kill_kiosk(t);
		restart_center(t);
		return WIRE_CUT;
	case FAULT_STORE_AFTER:
		kill_store(t);
		break;
	default:
		break;
	}
	return WIRE_PASS;
}

/* Under the lock: is this the message? What it is goes on the trail. */
static bool is_it(bool issuer, const struct wire_message *m)
{
	struct fault_step s = {.issuer = issuer};

	name_message(m, s.key);
	snprintf(s.state, sizeof s.state, "%s", issuer ? "-" : plan.state);
	if (plan.trails < FAULT_TRAIL)
		plan.trail[plan.trails++] = s;
	return plan.step != NULL && !plan.met && !plan.over && plan.step->issuer == issuer &&
	       strcmp(plan.step->key, s.key) == 0 && strcmp(plan.step->state, s.state) == 0;
}

enum wire_act fault_script_at(struct fault_town *t, bool issuer, enum wire_point point,
			      struct wire_message *m)
{
	static _Thread_local bool struck;
	enum wire_act act = WIRE_PASS;
	bool dead, repeat;

	pthread_mutex_lock(&plan.lock);
	dead = plan.dead[issuer] && !plan.over;
	if (point == WIRE_REQUEST && !dead)
		struck = is_it(issuer, m);
	plan.met |= struck;
	repeat =
		point == WIRE_ANSWER && !struck && plan.kept.n > 0 && !issuer == !plan.step->issuer;
	pthread_mutex_unlock(&plan.lock);
	if (dead)
		return WIRE_CUT;
	if (repeat) {
		plan.kept_status = wire_deliver(m->connection, card_buf_bytes(&plan.kept));
		card_buf_clear(&plan.kept);
	}
	if (struck)
		act = point == WIRE_REQUEST ? strike_request(t, issuer, m)
					    : strike_answer(t, issuer, m);
	if (point == WIRE_ANSWER) {
		pthread_mutex_lock(&plan.lock);
		if (!issuer && act == WIRE_PASS)
			note_state(m);
		if (!struck && plan.step != NULL && issuer == plan.step->issuer) {
			card_buf_clear(&plan.before);
			(void)card_buf_append(&plan.before, card_buf_bytes(&m->answer));
		}
		struck = false;
		pthread_mutex_unlock(&plan.lock);
	}
	return act;
}

void fault_plan_begin(const struct fault_step *step, enum fault_kind kind)
{
	pthread_mutex_lock(&plan.lock);
	plan.step = step;
	plan.kind = kind;
	plan.met = plan.over = plan.dead[0] = plan.dead[1] = false;
	plan.trails = 0;
	plan.kept_status = 0;
	card_buf_clear(&plan.kept);
	card_buf_clear(&plan.before);
	snprintf(plan.state, sizeof plan.state, "idle");
	pthread_mutex_unlock(&plan.lock);
}

bool fault_plan_met(void)
{
	bool met;

	pthread_mutex_lock(&plan.lock);
	met = plan.met;
	pthread_mutex_unlock(&plan.lock);
	return met;
}

struct fault_plan *fault_plan_end(struct fault_town *t)
{
	unsigned jobs = 0;

	pthread_mutex_lock(&plan.lock);
	plan.over = true;
	snprintf(plan.state, sizeof plan.state, "idle");
	pthread_mutex_unlock(&plan.lock);
	if (t->pg_wire != NULL)
		pg_wire_arm(t->pg_wire, PG_WIRE_NONE);
	fault_keep(t, 0, true);
	pthread_mutex_lock(&t->lock);
	jobs = (t->center_port == 0 ? FAULT_CENTER : 0u) |
	       (t->issuer_port == 0 ? FAULT_ISSUER : 0u);
	pthread_mutex_unlock(&t->lock);
	if (jobs != 0)
		fault_keep(t, jobs, true);
	if (plan.step != NULL && plan.met && plan.kind == FAULT_STOPPED)
		stop_or_resume(t, "resume");
	return &plan;
}
