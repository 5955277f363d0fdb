/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves, over HTTPS as it is served, that whoever replays, reorders, doubles or forges a message,
 * or sends it from another session, terminal or role, is refused with its own code (K11): in every state of
 * a transaction, with every message that there is; and that the transaction does not change by a
 * byte, and the attempt is journaled. Of the attacks every state and message meets one in three here,
 * each another third; KAZASU_ATTACKS=all runs all of them.
 */
#include "center_store.h"

#include <curl/curl.h>
#include <signal.h>

#include "kazasu-center/exchange.h"
#include "kazasu-center/server.h"

#define SENT 24

static struct server *server;
static char pki[128];
static unsigned tried, turn, every = 3;

/* Everything a terminal has sent, to be sent again. */
static struct sent {
	char path[100];
	card_buf_t body;
	long seq;
} sent[SENT];
static size_t sent_count;

/* ---- TLS ---- */

static size_t receive(char *data, size_t size, size_t n, void *ctx)
{
	return card_buf_append(ctx, card_bytes(data, size * n)) == CARD_OK ? size * n : 0;
}

/* One POST as a party of the test PKI ("terminal-T1"); NULL: without a certificate. */
static unsigned post_as(const char *who, const char *path, struct card_bytes body, card_buf_t *out)
{
	static CURL *curl;
	static char last[40];
	char url[200], ca[200], certificate[200], key[200];
	long status = 0;

	/* A connection is somebody's: another party begins its own. */
	if (curl != NULL && strcmp(last, who != NULL ? who : "") != 0) {
		curl_easy_cleanup(curl);
		curl = NULL;
	}
	if (curl == NULL)
		curl = curl_easy_init();
	assert_non_null(curl);
	snprintf(last, sizeof last, "%s", who != NULL ? who : "");
	snprintf(url, sizeof url, "https://127.0.0.1:%u%s", server_port(server), path);
	snprintf(ca, sizeof ca, "%s/ca.pem", pki);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
	if (who != NULL) {
		snprintf(certificate, sizeof certificate, "%s/%s.pem", pki, who);
		snprintf(key, sizeof key, "%s/%s.key", pki, who);
		curl_easy_setopt(curl, CURLOPT_SSLCERT, certificate);
		curl_easy_setopt(curl, CURLOPT_SSLKEY, key);
	}
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.n);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.p);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
	assert_int_equal(curl_easy_perform(curl), CURLE_OK);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return (unsigned)status;
}

static void over_tls(struct kiosk *t, struct center_reply *reply)
{
	char who[40];

	snprintf(who, sizeof who, "terminal-%s", t->terminal);
	reply->status = post_as(who, t->sent_path, card_buf_bytes(&t->sent), &reply->body);
	if (strcmp(t->terminal, "T1") != 0 || reply->status != 200 || sent_count == SENT)
		return;
	snprintf(sent[sent_count].path, sizeof sent[0].path, "%s", t->sent_path);
	card_buf_clear(&sent[sent_count].body);
	assert_ok(card_buf_append(&sent[sent_count].body, card_buf_bytes(&t->sent)));
	sent[sent_count++].seq = t->seq;
}

static void begin(struct kiosk *t, const char *terminal, const struct person *p)
{
	memset(t, 0, sizeof *t);
	t->k = &k;
	t->terminal = terminal;
	t->person = p;
	t->kind = "juminhyo";
	t->method = "new";
	t->copies = 1;
	t->send = over_tls;
	kiosk_session_reporting(t, json_array());
	if (strcmp(terminal, "T1") == 0)
		sent_count = 0; /* of the transaction only */
}

/* ---- what must not change ---- */

static enum card_error add_column(void *ctx, const char *const *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = c[i] != NULL ? c[i] : "-";

		EVP_DigestUpdate(ctx, text, strlen(text) + 1);
	}
	return CARD_OK;
}

struct digest_of {
	const char *id;
	uint8_t out[32];
};

static enum card_error digest_row(void *ctx, flow_store_t *db)
{
	static const char *const tables[] = {
		"SELECT * FROM issue_transaction WHERE id = $1",
		"SELECT * FROM issue_copy WHERE id = $1 ORDER BY number",
		"SELECT * FROM issue_refund WHERE id = $1 ORDER BY refund",
		"SELECT * FROM issue_document WHERE id = $1"};
	struct digest_of *d = ctx;
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	enum card_error err = CARD_OK;

	assert_int_equal(EVP_DigestInit_ex(sha, EVP_sha256(), NULL), 1);
	for (size_t i = 0; i < 4 && err == CARD_OK; i++)
		err = flow_store_run(db, tables[i], &d->id, 1, add_column, sha);
	EVP_DigestFinal_ex(sha, d->out, NULL);
	EVP_MD_CTX_free(sha);
	return err;
}
static struct digest_of digest(const char *id)
{
	struct digest_of d = {.id = id};

	assert_ok(flow_issue_store_read(k.c->store, digest_row, &d));
	return d;
}

/* Events of this kind, of all transactions and of none. */
static long journaled(const char *event)
{
	return case_count(&k, "SELECT COUNT(*) FROM issue_event WHERE event = $1", event);
}

/* ---- one attack ---- */

struct attack {
	const char *name, *who, *path;
	struct card_bytes body;
	unsigned status;
	const char *code, *event; /* event NULL: none is asked for */
};

static void strike(const char *id, const struct attack *a)
{
	const struct digest_of before = digest(id);
	const long events = a->event != NULL ? journaled(a->event) : 0;
	struct digest_of after;
	struct flow_issue_message m;
	card_buf_t out = {0};
	const unsigned status = post_as(a->who, a->path, a->body, &out);
	const char *code;

	assert_ok(flow_issue_message_read(&m, card_buf_bytes(&out)));
	code = flow_issue_text(json_object_get(m.json, "error"), "code", 40);
	if (status != a->status || code == NULL || strcmp(code, a->code) != 0)
		fail_msg("%s: %s: %u %s, wanted %u %s", a->name, a->path, status, code, a->status,
			 a->code);
	after = digest(id);
	if (memcmp(before.out, after.out, 32) != 0)
		fail_msg("%s: %s has changed the transaction", a->name, a->path);
	if (a->event != NULL && journaled(a->event) != events + 1)
		fail_msg("%s: %s was not journaled", a->name, a->path);
	flow_issue_message_free(&m);
	card_buf_free(&out);
	tried++;
}

/* ---- every message, well formed ---- */

static json_t *content(const struct kiosk *t, const char *name)
{
	static const char one[] = "11111111111111111111111111111111";
	const char *payment = *t->payment != '\0' ? t->payment : one;
	const char *permit = *t->permit != '\0' ? t->permit : one;

	if (strcmp(name, "apply") == 0)
		return kiosk_proof(t);
	if (strcmp(name, "again") == 0)
		return json_pack("{s:s}", "answer", "yes");
	if (strcmp(name, "document") == 0)
		return json_pack("{s:n}", "kind_pin");
	if (strcmp(name, "confirm") == 0)
		return json_pack("{s:b,s:o,s:b,s:i}", "card_gone", 1, "printer", kiosk_printer(),
				 "journal", 1, "amount", 300);
	if (strcmp(name, "payment") == 0)
		return json_pack("{s:s,s:s,s:i}", "payment", payment, "result", "settled", "amount",
				 300);
	if (strcmp(name, "permit") == 0)
		return json_pack("{s:i}", "counter", 100);
	if (strcmp(name, "printed") == 0)
		return json_pack("{s:s,s:s,s:n,s:i,s:o}", "permit", permit, "result", "complete",
				 "reason", "counter", 100, "copies", kiosk_copies(t, t->numbers));
	if (strcmp(name, "resume") == 0) {
		json_t *json = kiosk_proof(t);

		json_object_set_new(json, "printer", kiosk_printer());
		return json;
	}
	if (strcmp(name, "refunded") == 0)
		return json_pack("{s:s,s:b,s:s}", "refund", one, "paid", 1, "means", "cash");
	if (strcmp(name, "collected") == 0)
		return json_pack("{s:b}", "taken", 1);
	if (strcmp(name, "closed") == 0)
		return json_pack("{s:b}", "erased", 1);
	if (strcmp(name, "cancel") == 0)
		return json_pack("{s:s}", "reason", "cancelled");
	if (strcmp(name, "alarm") == 0)
		return json_pack("{s:s}", "alarm", "card_left");
	if (strcmp(name, "mutual") == 0)
		return json_pack("{s:{s:s,s:s}}", "card", "reference", "0011223344556677",
				 "challenge", one);
	if (strcmp(name, "refund") == 0 || strcmp(name, "challenge") == 0)
		return json_object();
	fail_msg("the message %s has no content here", name);
	return NULL;
}

static void make(const struct kiosk *t, const char *name, const char *session, long seq,
		 card_buf_t *out)
{
	json_t *json = content(t, name);

	json_object_set_new(json, "session", json_string(session));
	json_object_set_new(json, "seq", json_integer(seq));
	card_buf_clear(out);
	assert_ok(flow_issue_message_write(json, NULL, 0, out));
	json_decref(json);
}

/* ---- all attacks with one message ---- */

static const char *path_of(const char *id, const char *name, char out[100])
{
	snprintf(out, 100, "/v1/transactions/%s/%s", id, name);
	return out;
}

static void attack_with(const struct kiosk *t, const struct kiosk *other, const char *old_session,
			const char *name)
{
	static const char nobody[] = "ffffffffffffffffffffffffffffffff";
	char path[100], unknown[100];
	card_buf_t b = {0};
	struct attack a = {
		.path = path_of(t->id, name, path), .who = "terminal-T1", .event = "security"};

	(void)path_of(nobody, name, unknown);
#define STRIKE(what, ...)                                                                          \
	do {                                                                                       \
		a.name = what;                                                                     \
		__VA_ARGS__;                                                                       \
		a.body = card_buf_bytes(&b);                                                       \
		if (turn++ % every == 0)                                                           \
			strike(t->id, &a);                                                         \
	} while (0)
	a.status = 409;
	make(t, name, t->session, t->seq + 2, &b);
	STRIKE("reordered", a.code = "REORDERED");
	make(t, name, t->session, t->seq + 900, &b);
	STRIKE("far ahead", a.code = "REORDERED");
	if (t->seq > 1) {
		make(t, name, t->session, t->seq - 1, &b);
		STRIKE("a place that is taken", a.code = "REPLAYED");
	}
	if (t->seq > 0) {
		make(t, name, t->session, t->seq, &b);
		json_t *longer = content(t, name);

		json_object_set_new(longer, "session", json_string(t->session));
		json_object_set_new(longer, "seq", json_integer(t->seq));
		json_object_set_new(longer, "extra", json_true());
		card_buf_clear(&b);
		assert_ok(flow_issue_message_write(longer, NULL, 0, &b));
		json_decref(longer);
		STRIKE("the same place, other bytes", a.code = "CONFLICT");
	}
	make(t, name, old_session, t->seq + 1, &b);
	STRIKE("an earlier session", a.code = "SESSION");
	make(t, name, nobody, t->seq + 1, &b);
	STRIKE("a session of nobody", a.code = "SESSION");
	make(t, name, t->session, t->seq + 1, &b);
	a.who = "terminal-T2";
	a.status = 404;
	STRIKE("another terminal, the right session", a.code = "UNKNOWN");
	make(t, name, other->session, t->seq + 1, &b);
	STRIKE("another terminal, its own session", a.code = "UNKNOWN");
	a.who = "terminal-T1";
	a.path = unknown;
	make(t, name, t->session, t->seq + 1, &b);
	STRIKE("a transaction of nobody", a.code = "UNKNOWN");
	a.path = path;
	a.status = 403;
	a.who = "terminal-T9";
	STRIKE("a terminal that is not on the list", a.code = "TERMINAL");
	a.who = "municipality-13221";
	STRIKE("a municipality", a.code = "ROLE");
	a.who = "operator-sato";
	STRIKE("an operator", a.code = "ROLE");
	a.who = NULL;
	STRIKE("without a certificate", a.code = "ROLE");
	a.who = "terminal-T1";
	a.status = 400;
	a.event = NULL;
	b.p[b.n / 2] ^= 0x80;
	STRIKE("a byte altered", a.code = "MALFORMED");
	b.n = b.n / 2;
	STRIKE("half of it", a.code = "MALFORMED");
#undef STRIKE
	card_buf_free(&b);
}

/* Messages that a true terminal may send in a state; every other one has no row there. */
static const char *const true_messages[FLOW_ISSUE_STATES_] = {
	[FLOW_ISSUE_CARD_READ] = " apply cancel mutual ",
	[FLOW_ISSUE_APPLIED] = " again cancel ",
	[FLOW_ISSUE_VERIFIED] = " document cancel ",
	[FLOW_ISSUE_DELIVERED] = " confirm cancel alarm ",
	[FLOW_ISSUE_PAYING] = " payment cancel ",
	[FLOW_ISSUE_PAID] = " permit payment ",
	[FLOW_ISSUE_PRINTING] = " printed payment ",
	[FLOW_ISSUE_PRINT_FAILED] = " challenge resume refund payment mutual ",
	[FLOW_ISSUE_RESUMED] = " permit refund payment ",
	[FLOW_ISSUE_PRINTED] = " collected payment ",
	[FLOW_ISSUE_COLLECTED] = " closed payment ",
	[FLOW_ISSUE_CLOSED] = " payment ",
	[FLOW_ISSUE_REFUSED] = " payment ",
	[FLOW_ISSUE_CANCELLED] = " payment ",
	[FLOW_ISSUE_TIMED_OUT] = " payment ",
	[FLOW_ISSUE_REFUND_DUE] = " refunded payment ",
	[FLOW_ISSUE_REFUNDED] = " payment "};

static void out_of_place(const struct kiosk *t, enum flow_issue_state state, const char *name)
{
	char word[40], path[100];
	card_buf_t b = {0};
	struct attack a = {.name = "out of place",
			   .path = path_of(t->id, name, path),
			   .who = "terminal-T1",
			   .status = 409,
			   .code = "BAD_STATE",
			   .event = "refused"};

	snprintf(word, sizeof word, " %s ", name);
	/* Another payment id than the open one is a surplus before a payment, too (K31). */
	if (strstr(true_messages[state], word) != NULL || strcmp(name, "payment") == 0 ||
	    turn++ % every != 0)
		return;
	make(t, name, t->session, t->seq + 1, &b);
	a.body = card_buf_bytes(&b);
	strike(t->id, &a);
	card_buf_free(&b);
}

/* What was sent before, once more: all but the last is refused, and the last one is answered as it was. */
static void replay_all(const struct kiosk *t)
{
	for (size_t i = 0; i + 1 < sent_count; i++) {
		struct attack a = {.name = "replayed",
				   .path = sent[i].path,
				   .who = "terminal-T1",
				   .body = card_buf_bytes(&sent[i].body),
				   .status = 409,
				   .code = i == 0 ? "CONFLICT" : "REPLAYED",
				   .event = "security"};

		strike(t->id, &a);
	}
}

static void repeat_last(struct kiosk *t)
{
	const struct digest_of before = digest(t->id);
	struct digest_of after;
	json_t *answer = json_incref(t->answer);

	kiosk_repeat(t);
	sent_count--;
	after = digest(t->id);
	/* A document that was erased since is not there any more. */
	if (t->status == 200)
		assert_true(json_equal(answer, t->answer));
	assert_memory_equal(before.out, after.out, 32);
	json_decref(answer);
	tried++;
}

/* ---- every state ---- */

static void bring(struct kiosk *t, enum flow_issue_state state)
{
	switch (state) {
	case FLOW_ISSUE_APPLIED:
		kiosk_to(t, FLOW_ISSUE_VERIFIED);
		kiosk_open(t); /* the same person, a moment later (K16) */
		sent_count = 1;
		card_buf_free(&sent[0].body);
		sent[0] = sent[2];
		memset(&sent[2], 0, sizeof sent[2]);
		kiosk_apply(t);
		break;
	case FLOW_ISSUE_PRINT_FAILED:
	case FLOW_ISSUE_RESUMED:
	case FLOW_ISSUE_REFUND_DUE:
	case FLOW_ISSUE_REFUNDED:
		kiosk_to(t, FLOW_ISSUE_PRINTING);
		kiosk_printed(t, "fault", 0);
		if (state == FLOW_ISSUE_RESUMED)
			kiosk_resume(t);
		if (state == FLOW_ISSUE_REFUND_DUE || state == FLOW_ISSUE_REFUNDED)
			kiosk_say(t, "refund", json_object());
		if (state == FLOW_ISSUE_REFUNDED)
			kiosk_say(t, "refunded",
				  json_pack("{s:s,s:b,s:s}", "refund",
					    flow_issue_text(json_object_get(t->answer, "refund"),
							    "id", 32),
					    "paid", 1, "means", "cash"));
		break;
	case FLOW_ISSUE_PRINTED:
	case FLOW_ISSUE_COLLECTED:
	case FLOW_ISSUE_CLOSED:
		kiosk_to(t, FLOW_ISSUE_PRINTING);
		kiosk_printed(t, "complete", 1);
		if (state != FLOW_ISSUE_PRINTED)
			kiosk_say(t, "collected", json_pack("{s:b}", "taken", 1));
		if (state == FLOW_ISSUE_CLOSED)
			kiosk_say(t, "closed", json_pack("{s:b}", "erased", 1));
		break;
	case FLOW_ISSUE_REFUSED:
	case FLOW_ISSUE_CANCELLED:
	case FLOW_ISSUE_TIMED_OUT:
		kiosk_to(t, FLOW_ISSUE_CARD_READ);
		kiosk_say(t, "cancel",
			  json_pack("{s:s}", "reason",
				    state == FLOW_ISSUE_REFUSED     ? "locked"
				    : state == FLOW_ISSUE_CANCELLED ? "cancelled"
								    : "link"));
		break;
	default:
		kiosk_to(t, state);
	}
	if (strcmp(kiosk_text(t, "state"), flow_issue_state_name(state)) != 0)
		fail_msg("nobody knows the way to %s", flow_issue_state_name(state));
}

static void nothing_passes_in(enum flow_issue_state state)
{
	const struct exchange_message *m;
	char old_session[33];
	struct kiosk t, other;
	struct person p;

	person_make(&p, 0x9000 + (unsigned)state);
	begin(&other, "T1", &p);
	snprintf(old_session, sizeof old_session, "%s", other.session);
	kiosk_free(&other);
	begin(&other, "T2", &bob);
	begin(&t, "T1", &p);
	bring(&t, state);
	repeat_last(&t);
	replay_all(&t);
	for (size_t i = 0; (m = exchange_message_nth(i)) != NULL; i++) {
		attack_with(&t, &other, old_session, m->name);
		out_of_place(&t, state, m->name);
	}
	kiosk_free(&t);
	kiosk_free(&other);
	person_free(&p);
}

static void every_state_every_message_every_attack(void **unused)
{
	(void)unused;
	for (unsigned s = FLOW_ISSUE_CARD_READ; s < FLOW_ISSUE_STATES_; s++)
		nothing_passes_in((enum flow_issue_state)s);
	print_message("%u attacks refused\n", tried);
}

/* A proof that is not the card's, or of something else: refused for good, and nothing asked of anybody. */
static void a_forged_application_ends(void **unused)
{
	static const char *const what[] = {"signature of another text",
					   "audience of another centre",
					   "session of another terminal", "no signature"};

	(void)unused;
	for (size_t i = 0; i < sizeof what / sizeof what[0]; i++) {
		struct person p;
		struct kiosk t;
		json_t *json;
		const long before = journaled("forged");
		const unsigned asked = k.asked;

		person_make(&p, 0xA000 + (unsigned)i);
		begin(&t, "T1", &p);
		kiosk_open(&t);
		json = kiosk_proof(&t);
		if (i == 0)
			t.nonce[0] = t.nonce[0] == '0' ? '1' : '0';
		if (i == 0)
			json_object_set_new(json, "signature",
					    kiosk_signature(&t, "kazasu-center:test", t.session));
		if (i == 1)
			json_object_set_new(json, "signature",
					    kiosk_signature(&t, "somebody else", t.session));
		if (i == 2)
			json_object_set_new(json, "signature",
					    kiosk_signature(&t, "kazasu-center:test",
							    "00112233445566778899aabbccddeeff"));
		if (i == 3)
			json_object_set_new(json, "signature", json_string("AAAA"));
		kiosk_say(&t, "apply", json);
		if (strcmp(kiosk_text(&t, "state"), "refused") != 0 ||
		    strcmp(kiosk_text(&t, "code"), "protocol") != 0)
			fail_msg("%s: %s %s", what[i], kiosk_text(&t, "state"),
				 kiosk_text(&t, "code"));
		assert_int_equal(journaled("forged"), before + 1);
		assert_int_equal(k.asked, asked);
		nothing_is_left(&t);
		kiosk_free(&t);
		person_free(&p);
	}
}

/* ---- */

static int start_server(void **state)
{
	char *const parties[] = {(char[]){"center:center-1"}, (char[]){"municipality:13221"},
				 (char[]){"terminal:T1"},     (char[]){"terminal:T2"},
				 (char[]){"terminal:T9"},     (char[]){"operator:sato"}};

	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	every = 10;
#endif
	if (getenv("KAZASU_ATTACKS") != NULL && strcmp(getenv("KAZASU_ATTACKS"), "all") == 0)
		every = 1;
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	case_prepare(&k, NULL);
	snprintf(pki, sizeof pki, "%s/pki", k.folder);
	assert_int_equal(center_make_test_pki(pki, sizeof parties / sizeof parties[0], parties), 0);
	snprintf(k.config.tls_ca, sizeof k.config.tls_ca, "%s/ca.pem", pki);
	snprintf(k.config.tls_certificate, sizeof k.config.tls_certificate,
		 "%s/center-center-1.pem", pki);
	snprintf(k.config.tls_key, sizeof k.config.tls_key, "%s/center-center-1.key", pki);
	snprintf(k.config.address, sizeof k.config.address, "127.0.0.1");
	case_open(&k);
	assert_ok(server_start(&server, k.c, NULL));
	person_make(&alice, 0x1234);
	person_make(&bob, 0x1235);
	return 0;
}

static int stop_server(void **state)
{
	server_stop(&server);
	for (size_t i = 0; i < SENT; i++)
		card_buf_free(&sent[i].body);
	return stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_every_message_every_attack),
		cmocka_unit_test(a_forged_application_ends),
	};

	(void)start;
	(void)valid;
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
