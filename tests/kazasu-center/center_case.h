/* SPDX-License-Identifier: Apache-2.0 */
/*
 * center_case.h — a centre with tables, anchors and a revocation list of its own, a municipality
 * that answers as told, and terminals that speak to it; the clock is a variable.
 */
#ifndef CENTER_CASE_H
#define CENTER_CASE_H

#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cardflow/issue_signer.h>
#include <cardflow/paper.h>

#include "kazasu-center/center.h"
#include "made_crl.h"
#include "tree.h"

#define CASE_DAY  ((int64_t)86400)
#define CASE_NOON "2026-06-02T12:00:00+09:00" /* a Tuesday */

/* Keys are made once a program. */
static struct made_key case_ca, case_holder, case_signer[2];

/* Last running number of a terminal. */
static unsigned case_sequence;

struct center_case {
	char folder[64];
	struct center_config config;
	struct center *c;
	int64_t now;
	/* What the municipality does. */
	const char *refusal;
	long tries_left;
	enum card_error ask_error;
	unsigned asked;
	char asked_for[130]; /* serial or 利用者ID of the last message 3 */
	unsigned pages;
	struct card_bytes answer; /* instead of a front of its own */
	void (*while_asked)(struct center_case *k);
	bool back_fails, back_real, front_real;
};

static inline int64_t case_clock(void *ctx)
{
	return ((struct center_case *)ctx)->now;
}

static inline void case_at(struct center_case *k, const char *time)
{
	assert_ok(card_time_parse(time, &k->now));
}

static inline void case_file(const struct center_case *k, const char *name, const void *p, size_t n)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", k->folder, name);
	made_file(path, card_bytes(p, n));
	chmod(path, 0600);
}

static inline void case_text(const struct center_case *k, const char *name, const char *text)
{
	case_file(k, name, text, strlen(text));
}

/* A front that says whose it is. */
static inline enum card_error case_ask(struct center *c, const struct flow_issue_municipality *m,
				       const struct flow_issue_row *row, json_t *message,
				       struct center_document *out)
{
	struct center_case *k = c->clock_ctx;
	const json_t *resident = json_object_get(message, "resident");
	const char *serial = flow_issue_text(resident, "serial", 130);
	char front[300];

	__atomic_add_fetch(&k->asked, 1, __ATOMIC_RELAXED);
	if (serial == NULL)
		serial = flow_issue_text(resident, "user_id", 64);
	snprintf(k->asked_for, sizeof k->asked_for, "%s", serial != NULL ? serial : "");
	if (k->while_asked != NULL)
		k->while_asked(k);
	if (k->ask_error != CARD_OK)
		return k->ask_error;
	out->refusal = k->refusal;
	out->tries_left = k->tries_left;
	if (out->refusal != NULL || json_object_get(message, "only") != NULL)
		return CARD_OK;
	if (k->answer.n > 0) {
		out->pages = k->pages;
		return card_buf_append(&out->front, k->answer);
	}
	snprintf(front, sizeof front, "%%PDF-1.4 %s %s for %s at %s", m->code, row->kind, serial,
		 row->id);
	out->pages = k->pages;
	return card_buf_append(&out->front, card_bytes(front, strlen(front)));
}

/* The fronts of these cases are texts; test_center_front.c has real ones. */
static inline enum card_error case_front(struct center *c, struct center_rules *r,
					 const char *municipality, struct card_bytes pdf,
					 uint32_t pages, const char **why)
{
	struct center_case *k = c->clock_ctx;

	if (k->front_real)
		return center_front_check(c, r, municipality, pdf, pages, why);
	return CARD_OK;
}

static inline enum card_error case_back(struct center *c, const struct center_back *b,
					card_buf_t *pdf)
{
	struct center_case *k = c->clock_ctx;

	if (k->back_fails)
		return CARD_ERR_IO;
	if (k->back_real)
		return center_back_make(c, b, pdf);
	return card_buf_append(pdf, card_bytes(b->copy, strlen(b->copy)));
}

static inline void case_open(struct center_case *k)
{
	struct flow_problem p = {{0}, 0, {0}};

	if (center_open(&k->c, &k->config, &p) != CARD_OK)
		fail_msg("%s:%u: %s", p.file, p.line, p.text);
	k->c->clock = case_clock;
	k->c->clock_ctx = k;
	k->c->ask = case_ask;
	k->c->front = case_front;
	k->c->back = case_back;
}

static inline void case_list(const struct center_case *k, int64_t this_update, int64_t next_update)
{
	static const struct made_revoked entries[] = {{"0FA1", 1000000000, 4},
						      {"0FA2", 1000000000, 6}};
	struct made_crl list = {.key = &case_ca,
				.auth = true,
				.test = true,
				.this_update = this_update,
				.next_update = next_update,
				.number = (uint64_t)this_update,
				.city = "Kiyose-shi",
				.entry = entries,
				.entries = 2};
	char crl[128], path[128];
	card_buf_t der = {0};
	struct card_crl_report report;
	struct card_crl_import how = {.store = crl, .now = this_update + 1};
	card_trust_t *trust = NULL;
	int fd;

	snprintf(crl, sizeof crl, "%s/crl", k->folder);
	snprintf(path, sizeof path, "%s/trust", k->folder);
	assert_ok(card_trust_new(&trust, CARD_TRUST_TEST_ROOTS));
	assert_ok(card_trust_load(trust, path, NULL, NULL));
	how.trust = trust;
	made_crl(&list, &der);
	snprintf(path, sizeof path, "%s/list", k->folder);
	made_file(path, card_buf_bytes(&der));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_ok(card_crl_import(&how, fd, &report));
	close(fd);
	card_trust_free(&trust);
	card_buf_free(&der);
}

static inline void case_trust(const struct center_case *k)
{
	struct made_cert ca = {.kind = MADE_AUTH_CA,
			       .test = true,
			       .serial = 1,
			       .not_before = k->now - 3000 * CASE_DAY,
			       .not_after = k->now + 3000 * CASE_DAY,
			       .key = &case_ca,
			       .issuer = &case_ca};
	card_buf_t der = {0};
	char path[128];

	made_cert(&ca, &der);
	snprintf(path, sizeof path, "%s/trust/auth.pem", k->folder);
	made_pem_file(path, card_buf_bytes(&der));
	/* Whom the terminals would seal to: any certificate does here. */
	snprintf(path, sizeof path, "%s/rules/seal.pem", k->folder);
	made_pem_file(path, card_buf_bytes(&der));
	card_buf_free(&der);
}

/* Each municipality signs with a certificate of its own. */
static inline void case_signers(const struct center_case *k)
{
	static const char *const codes[] = {"13221", "13222"};

	for (size_t i = 0; i < 2; i++) {
		struct made_cert c = {.kind = MADE_SIGN_CA,
				      .test = true,
				      .serial = 100 + (unsigned)i,
				      .not_before = k->now - 100 * CASE_DAY,
				      .not_after = k->now + 1000 * CASE_DAY,
				      .key = &case_signer[i],
				      .issuer = &case_signer[i]};
		card_buf_t der = {0};
		char path[128];

		if (case_signer[i].pkey == NULL)
			made_rsa(&case_signer[i], 2048);
		made_cert(&c, &der);
		snprintf(path, sizeof path, "%s/rules/signers/%s.pem", k->folder, codes[i]);
		made_pem_file(path, card_buf_bytes(&der));
		card_buf_free(&der);
	}
}

/* What that municipality signs with. */
static inline void case_signer_open(const struct center_case *k, size_t i,
				    flow_issue_signer_t **out)
{
	char key[128], certificate[128];
	FILE *f;

	snprintf(key, sizeof key, "%s/signer.key", k->folder);
	snprintf(certificate, sizeof certificate, "%s/rules/signers/1322%zu.pem", k->folder, i + 1);
	f = fopen(key, "we");
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, case_signer[i].pkey, NULL, NULL, 0, NULL, NULL),
			 1);
	fclose(f);
	assert_ok(flow_issue_signer_open(out, key, certificate));
}

static inline void case_back_key(const struct center_case *k)
{
	char path[128], public_path[128];

	snprintf(path, sizeof path, "%s/back.key", k->folder);
	snprintf(public_path, sizeof public_path, "%s/back.pem", k->folder);
	assert_ok(flow_paper_key_make(path, public_path));
}

static inline void case_tables(const struct center_case *k, const char *issuer)
{
	char text[1024];

	snprintf(
		text, sizeof text,
		"code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal\n"
		"13221,清瀬市,東京都,2020-01-01,new;conversion;current,%s,yes,市民課,清瀬市役所,8:30-17:00,,seal.pem\n"
		"13222,東久留米市,東京都,2020-01-01,new,%s,no,,,,,\n",
		issuer, issuer);
	case_text(k, "rules/municipalities.csv", text);
	case_text(k, "rules/kinds.csv",
		  "municipality,kind,from,open,close,calendar\n"
		  "13221,juminhyo,2020-01-01,,,daily\n"
		  "13221,inkan,2020-01-01,,,daily\n"
		  "13221,tax,2020-01-01,,,daily\n"
		  "13221,koseki,2020-01-01,,,weekdays\n"
		  "13222,juminhyo,2020-01-01,07:00,21:00,daily\n");
	case_text(k, "rules/fees.csv",
		  "municipality,kind,channel,from,amount\n"
		  "13221,juminhyo,kiosk,2020-01-01,300\n"
		  "13221,inkan,kiosk,2020-01-01,0\n"
		  "13221,koseki,kiosk,2020-01-01,450\n"
		  "13222,juminhyo,kiosk,2020-01-01,200\n");
	case_text(k, "rules/ordinances.csv",
		  "municipality,ordinance,card_system\n"
		  "13221,清瀬市個人番号カードの利用に関する条例,yes\n");
	case_text(k, "rules/closures.csv", "municipality,kind,from,to,reason\n");
	case_text(k, "rules/terminals.csv",
		  "terminal,store,place,from,to\n"
		  "T1,Store 1,千代田区,2020-01-01,\n"
		  "T2,Store 2,大阪市,2020-01-01,\n");
}

/* Everything but the centre itself. */
static inline void case_prepare(struct center_case *k, const char *store)
{
	static const char *const folders[] = {"rules", "trust", "crl", "secrets", "rules/signers"};
	char path[128];
	uint8_t secret[32];

	memset(k, 0, sizeof *k);
	k->pages = 1;
	case_at(k, CASE_NOON);
	if (case_ca.pkey == NULL) {
		made_rsa(&case_ca, 2048);
		made_rsa(&case_holder, 2048);
	}
	tree_scratch(k->folder);
	for (size_t i = 0; i < 5; i++) {
		snprintf(path, sizeof path, "%s/%s", k->folder, folders[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	memset(secret, 7, sizeof secret);
	case_file(k, "master.key", secret, sizeof secret);
	case_file(k, "secrets/13221.conversion", secret, sizeof secret);
	case_file(k, "secrets/13221.current", secret, sizeof secret);
	case_back_key(k);
	case_trust(k);
	case_signers(k);
	case_list(k, k->now - CASE_DAY, k->now + 400 * CASE_DAY);
	case_tables(k, "https://127.0.0.1:1");
	snprintf(k->config.name, sizeof k->config.name, "center-1");
	snprintf(k->config.audience, sizeof k->config.audience, "kazasu-center:test");
	if (store != NULL)
		snprintf(k->config.store, sizeof k->config.store, "%s", store);
	else
		snprintf(k->config.store, sizeof k->config.store, "%s/store.db", k->folder);
	snprintf(k->config.rules, sizeof k->config.rules, "%s/rules", k->folder);
	snprintf(k->config.master_key, sizeof k->config.master_key, "%s/master.key", k->folder);
	snprintf(k->config.secrets, sizeof k->config.secrets, "%s/secrets", k->folder);
	snprintf(k->config.back_key, sizeof k->config.back_key, "%s/back.key", k->folder);
	snprintf(k->config.trust, sizeof k->config.trust, "%s/trust", k->folder);
	snprintf(k->config.crl, sizeof k->config.crl, "%s/crl", k->folder);
	k->config.connections = 4;
	k->config.test_roots = true;
	k->config.message_seconds = 30;
	k->config.idle_seconds = 120;
	k->config.clock_seconds = 30;
}

static inline void case_start(struct center_case *k, const char *store)
{
	case_prepare(k, store);
	case_open(k);
}

static inline void case_stop(struct center_case *k)
{
	center_close(&k->c);
	tree_scratch_remove(k->folder);
}

/* The process ends where it stands, and another begins. */
static inline void case_restart_center(struct center_case *k)
{
	center_close(&k->c);
	case_open(k);
}

/* ---- a person with a card ---- */

struct person {
	unsigned serial;
	card_buf_t certificate;
};

static inline void person_dated(struct person *p, unsigned serial, const char *city,
				int64_t not_before, int64_t not_after)
{
	struct made_cert c = {.kind = MADE_AUTH,
			      .test = true,
			      .serial = serial,
			      .not_before = not_before,
			      .not_after = not_after,
			      .key = &case_holder,
			      .issuer = &case_ca,
			      .city = city};

	memset(p, 0, sizeof *p);
	p->serial = serial;
	made_cert(&c, &p->certificate);
}

static inline void person_make(struct person *p, unsigned serial)
{
	int64_t noon;

	assert_ok(card_time_parse(CASE_NOON, &noon));
	person_dated(p, serial, NULL, noon - 100 * CASE_DAY, noon + 1000 * CASE_DAY);
}

static inline void person_free(struct person *p)
{
	card_buf_free(&p->certificate);
}

/* ---- a terminal ---- */

struct kiosk {
	struct center_case *k;
	const char *terminal;
	char session[33], id[33], inquiry[10], nonce[65], binding[65], payment[33], permit[33];
	const char *kind, *method;
	const struct person *person;
	unsigned copies;
	long seq;
	char copy[10][15];
	size_t numbers;
	card_buf_t sent; /* last body, to be sent again */
	char sent_path[100];
	unsigned status;
	json_t *answer; /* last */
	card_buf_t front;
	/* How a request goes to the centre; NULL: into this process. */
	void (*send)(struct kiosk *t, struct center_reply *reply);
	void *link;
};

static inline void kiosk_free(struct kiosk *t)
{
	json_decref(t->answer);
	card_buf_free(&t->sent);
	card_buf_free(&t->front);
	memset(t, 0, sizeof *t);
}

static inline const char *kiosk_text(const struct kiosk *t, const char *key)
{
	const char *text = flow_issue_text(t->answer, key, 500);

	return text != NULL ? text : "";
}

static inline const char *kiosk_error(const struct kiosk *t)
{
	const char *text = flow_issue_text(json_object_get(t->answer, "error"), "code", 40);

	return text != NULL ? text : "";
}

static inline void kiosk_take(struct kiosk *t, struct center_reply *reply)
{
	struct flow_issue_message m;
	struct card_bytes front;

	t->status = reply->status;
	assert_ok(flow_issue_message_read(&m, card_buf_bytes(&reply->body)));
	json_decref(t->answer);
	t->answer = json_incref(m.json);
	front = flow_issue_message_part(&m, "front");
	if (front.n > 0) {
		const json_t *copies = json_object_get(t->answer, "copies");

		card_buf_clear(&t->front);
		assert_ok(card_buf_append(&t->front, front));
		t->numbers = json_array_size(copies);
		for (size_t i = 0; i < t->numbers; i++) {
			const json_t *one = json_array_get(copies, i);

			snprintf(t->copy[i], sizeof t->copy[i], "%s",
				 flow_issue_text(one, "copy", 14));
			assert_true(
				flow_issue_message_part(&m, flow_issue_text(one, "back", 12)).n >
				8);
		}
	}
	flow_issue_message_free(&m);
}

static inline void kiosk_send(struct kiosk *t, struct center_reply *reply)
{
	struct center_peer who = {ROLE_TERMINAL, {0}};

	snprintf(who.id, sizeof who.id, "%s", t->terminal);
	center_handle(t->k->c, &who, "POST", t->sent_path, NULL, card_buf_bytes(&t->sent), reply);
}

/* What was sent last, once more. */
static inline void kiosk_repeat(struct kiosk *t)
{
	struct center_reply reply = {0};

	(t->send != NULL ? t->send : kiosk_send)(t, &reply);
	kiosk_take(t, &reply);
	center_reply_free(&reply);
}

static inline void kiosk_post(struct kiosk *t, const char *path, json_t *json)
{
	card_buf_clear(&t->sent);
	assert_non_null(json);
	assert_ok(flow_issue_message_write(json, NULL, 0, &t->sent));
	json_decref(json);
	snprintf(t->sent_path, sizeof t->sent_path, "%s", path);
	kiosk_repeat(t);
}

/* A message about the transaction; takes json. */
static inline void kiosk_say(struct kiosk *t, const char *message, json_t *json)
{
	char path[100];

	snprintf(path, sizeof path, "/v1/transactions/%s/%s", t->id, message);
	json_object_set_new(json, "session", json_string(t->session));
	json_object_set_new(json, "seq", json_integer(t->seq + 1));
	kiosk_post(t, path, json);
	if (t->status == 200)
		t->seq++;
}

static inline void kiosk_session_reporting(struct kiosk *t, json_t *open)
{
	assert_ok(flow_issue_random_hex(16, t->session));
	kiosk_post(t, "/v1/sessions",
		   json_pack("{s:s,s:s,s:s,s:o}", "session", t->session, "started", CASE_NOON,
			     "program", "test", "open", open));
	assert_int_equal(t->status, 200);
}

static inline void kiosk_start(struct kiosk *t, struct center_case *k, const char *terminal,
			       const struct person *p)
{
	memset(t, 0, sizeof *t);
	t->k = k;
	t->terminal = terminal;
	t->person = p;
	t->kind = "juminhyo";
	t->method = "new";
	t->copies = 1;
	kiosk_session_reporting(t, json_array());
}

static inline void kiosk_open_at(struct kiosk *t, const char *municipality)
{
	char application[60];

	snprintf(application, sizeof application, "%s-%09u", t->terminal,
		 __atomic_add_fetch(&case_sequence, 1, __ATOMIC_RELAXED) % 1000000000);
	kiosk_post(t, "/v1/transactions",
		   json_pack("{s:s,s:s,s:s,s:s,s:{},s:i,s:s,s:s,s:b,s:s}", "session", t->session,
			     "application", application, "municipality", municipality, "kind",
			     t->kind, "options", "copies", (int)t->copies, "method", t->method,
			     "consent", "1", "number_confirmed", 0, "language", "ja"));
	t->seq = 0;
	snprintf(t->id, sizeof t->id, "%s", kiosk_text(t, "transaction"));
	snprintf(t->inquiry, sizeof t->inquiry, "%s", kiosk_text(t, "inquiry"));
	snprintf(t->nonce, sizeof t->nonce, "%s", kiosk_text(t, "nonce"));
}

static inline void kiosk_open(struct kiosk *t)
{
	kiosk_open_at(t, "13221");
}

static inline void kiosk_raw(const char *hex, uint8_t *out, size_t n)
{
	card_buf_t b = card_buf_fixed(out, n);

	assert_ok(card_hex_decode(hex, &b));
	assert_int_equal(b.n, n);
}

/* What the card signs, with this key and these values. */
static inline json_t *kiosk_signature(const struct kiosk *t, const char *audience,
				      const char *session)
{
	uint8_t id[16], raw[16], nonce[32], digest[32];
	card_buf_t signature = {0};
	json_t *json;

	kiosk_raw(t->id, id, sizeof id);
	kiosk_raw(session, raw, sizeof raw);
	kiosk_raw(t->nonce, nonce, sizeof nonce);
	assert_ok(flow_issue_challenge(audience, id, raw, nonce, digest));
	made_sign_digest(&case_holder, CARD_HASH_SHA256, false, card_bytes(digest, 32), &signature);
	json = flow_issue_base64_new(card_buf_bytes(&signature));
	card_buf_free(&signature);
	return json;
}

static inline json_t *kiosk_proof(const struct kiosk *t)
{
	return json_pack("{s:s,s:o,s:o}", "method", t->method, "certificate",
			 flow_issue_base64_new(card_buf_bytes(&t->person->certificate)),
			 "signature", kiosk_signature(t, "kazasu-center:test", t->session));
}

static inline void kiosk_apply(struct kiosk *t)
{
	kiosk_say(t, "apply", kiosk_proof(t));
	snprintf(t->binding, sizeof t->binding, "%s", kiosk_text(t, "binding"));
}

static inline void kiosk_document(struct kiosk *t)
{
	kiosk_say(t, "document", json_pack("{s:n}", "kind_pin"));
}

static inline long kiosk_fee(const struct kiosk *t)
{
	return strcmp(t->kind, "inkan") == 0 ? 0 : strcmp(t->kind, "koseki") == 0 ? 450 : 300;
}

static inline json_t *kiosk_printer(void)
{
	return json_pack("{s:b,s:i,s:b,s:[]}", "idle", 1, "sheets", 500, "ready", 1, "reasons");
}

static inline void kiosk_confirm(struct kiosk *t)
{
	const json_t *payment;

	kiosk_say(t, "confirm",
		  json_pack("{s:b,s:o,s:b,s:I}", "card_gone", 1, "printer", kiosk_printer(),
			    "journal", 1, "amount", (json_int_t)(kiosk_fee(t) * (long)t->copies)));
	payment = json_object_get(t->answer, "payment");
	if (payment != NULL)
		snprintf(t->payment, sizeof t->payment, "%s", flow_issue_text(payment, "id", 32));
}

static inline void kiosk_pay(struct kiosk *t, const char *result)
{
	kiosk_say(t, "payment",
		  json_pack("{s:s,s:s,s:I}", "payment", t->payment, "result", result, "amount",
			    (json_int_t)(kiosk_fee(t) * (long)t->copies)));
}

static inline void kiosk_permit(struct kiosk *t)
{
	kiosk_say(t, "permit", json_pack("{s:i}", "counter", 100));
	snprintf(t->permit, sizeof t->permit, "%s", kiosk_text(t, "permit"));
}

/* The first `complete` copies in work came out whole. */
static inline json_t *kiosk_copies(const struct kiosk *t, size_t complete)
{
	json_t *copies = json_array();

	for (size_t i = 0; i < t->numbers; i++)
		json_array_append_new(copies,
				      json_pack("{s:s,s:i,s:b}", "copy", t->copy[i], "sheets",
						i < complete ? (int)t->k->pages : 0, "complete",
						i < complete));
	return copies;
}

static inline void kiosk_printed(struct kiosk *t, const char *result, size_t complete)
{
	kiosk_say(t, "printed",
		  json_pack("{s:s,s:s,s:n,s:i,s:o}", "permit", t->permit, "result", result,
			    "reason", "counter", 100, "copies", kiosk_copies(t, complete)));
}

static inline void kiosk_resume(struct kiosk *t)
{
	json_t *json;

	kiosk_say(t, "challenge", json_object());
	assert_int_equal(t->status, 200);
	snprintf(t->nonce, sizeof t->nonce, "%s", kiosk_text(t, "nonce"));
	json = kiosk_proof(t);
	json_object_set_new(json, "printer", kiosk_printer());
	kiosk_say(t, "resume", json);
}

static inline void kiosk_is(const struct kiosk *t, const char *state, const char *row,
			    const char *code)
{
	if (t->status != 200 || strcmp(kiosk_text(t, "state"), state) != 0 ||
	    strcmp(kiosk_text(t, "row"), row) != 0 || strcmp(kiosk_text(t, "code"), code) != 0) {
		char *text = json_dumps(t->answer, JSON_COMPACT);

		fail_msg("%u %s, wanted %s %s %s", t->status, text, state, row, code);
	}
}

static inline void kiosk_refused(const struct kiosk *t, unsigned status, const char *code)
{
	if (t->status != status || strcmp(kiosk_error(t), code) != 0) {
		char *text = json_dumps(t->answer, JSON_COMPACT);

		fail_msg("%u %s, wanted %u %s", t->status, text, status, code);
	}
}

/* From the beginning to a state on the straight way. */
static inline void kiosk_to(struct kiosk *t, enum flow_issue_state state)
{
	kiosk_open(t);
	kiosk_is(t, "card_read", "K05", "");
	if (state >= FLOW_ISSUE_VERIFIED) {
		kiosk_apply(t);
		kiosk_is(t, "verified", "K13", "");
	}
	if (state >= FLOW_ISSUE_DELIVERED) {
		kiosk_document(t);
		kiosk_is(t, "delivered", "K18", "");
	}
	if (state >= FLOW_ISSUE_PAYING && kiosk_fee(t) > 0) {
		kiosk_confirm(t);
		kiosk_is(t, "paying", "K24", "");
	}
	if (state >= FLOW_ISSUE_PAID) {
		if (kiosk_fee(t) > 0)
			kiosk_pay(t, "settled");
		else
			kiosk_confirm(t);
		kiosk_is(t, "paid", kiosk_fee(t) > 0 ? "K28" : "K25", "");
	}
	if (state >= FLOW_ISSUE_PRINTING) {
		kiosk_permit(t);
		kiosk_is(t, "printing", "K32", "");
	}
}

/* ---- what the store says ---- */

struct case_sum {
	size_t rows;
	long value[10];
};

static inline enum card_error case_add(void *ctx, const char *const *c, size_t n)
{
	struct case_sum *s = ctx;

	s->rows++;
	for (size_t i = 0; i < n && i < 10; i++)
		s->value[i] += c[i] != NULL ? strtol(c[i], NULL, 10) : 0;
	return CARD_OK;
}

struct case_query {
	const char *sql, *param;
	struct case_sum sum;
};

static inline enum card_error case_run(void *ctx, flow_store_t *db)
{
	struct case_query *q = ctx;

	memset(&q->sum, 0, sizeof q->sum);
	return flow_store_run(db, q->sql, &q->param, q->param != NULL ? 1 : 0, case_add, &q->sum);
}

/* First column, added up over all rows. */
static inline long case_count(struct center_case *k, const char *sql, const char *param)
{
	struct case_query q = {sql, param, {0, {0}}};

	assert_ok(flow_issue_store_read(k->c->store, case_run, &q));
	return q.sum.value[0];
}

/* What the card administration says of a person's card, from now on. */
static inline void card_is(struct center_case *k, const struct person *p, const char *state)
{
	const struct center_peer operator= {ROLE_OPERATOR, "sato"};
	struct center_reply reply;
	json_t *json =
		json_pack("{s:o,s:s}", "certificate",
			  flow_issue_base64_new(card_buf_bytes(&p->certificate)), "state", state);
	char *text = json_dumps(json, JSON_COMPACT);

	center_handle(k->c, &operator, "POST", "/v1/admin/card", NULL,
		      card_bytes(text, strlen(text)), &reply);
	assert_int_equal(reply.status, 200);
	center_reply_free(&reply);
	free(text);
	json_decref(json);
}

#endif
