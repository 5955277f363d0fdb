/* SPDX-License-Identifier: Apache-2.0 */
/* issuer.c — the centre as a client of municipalities: HTTPS with certificates on both sides, where
 * the other side must be the very municipality that is meant. */
#include "center.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define HANDLES    64u
#define ANSWER_MAX ((size_t)16 * 1024 * 1024)

/* One connection, kept open for the next request to the same municipality. */
struct handle {
	CURL *curl;
	bool busy;
	char code[6];
	unsigned version; /* of the TLS files it was made with */
	int64_t other;    /* the municipality's clock as its last answer told it; 0: not told */
	bool differs;     /* it was noted that they differ */
};

struct center_issuers {
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct handle handle[HANDLES];
	char ca[CENTER_PATH], certificate[CENTER_PATH], key[CENTER_PATH]; /* TLS files */
	unsigned version;                                                 /* of them */
};

/* OU=municipality, CN=code, each once. */
static bool subject_is(X509_NAME *name, int nid, const char *wanted)
{
	const int at = X509_NAME_get_index_by_NID(name, nid, -1);
	const ASN1_STRING *text;

	if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0)
		return false;
	text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	return (size_t)ASN1_STRING_length(text) == strlen(wanted) &&
	       memcmp(ASN1_STRING_get0_data(text), wanted, strlen(wanted)) == 0;
}

static int verify_peer(X509_STORE_CTX *ctx, void *arg)
{
	const struct handle *h = arg;
	X509_NAME *name;

	if (X509_verify_cert(ctx) != 1)
		return 0;
	name = X509_get_subject_name(X509_STORE_CTX_get0_cert(ctx));
	if (subject_is(name, NID_organizationalUnitName, "municipality") &&
	    subject_is(name, NID_commonName, h->code))
		return 1;
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_SUBJECT_ISSUER_MISMATCH);
	return 0;
}

static CURLcode set_context(CURL *curl, void *ssl, void *arg)
{
	(void)curl;
	SSL_CTX_set_cert_verify_callback(ssl, verify_peer, arg);
	return CURLE_OK;
}

/* Under the lock of s: the files may be replaced at any time. */
static void set_up(const struct center_issuers *s, struct handle *h)
{
	h->curl = curl_easy_init();
	h->version = s->version;
	if (h->curl == NULL)
		return;
	curl_easy_setopt(h->curl, CURLOPT_CAINFO, s->ca);
	curl_easy_setopt(h->curl, CURLOPT_SSLCERT, s->certificate);
	curl_easy_setopt(h->curl, CURLOPT_SSLKEY, s->key);
	curl_easy_setopt(h->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h->curl, CURLOPT_SSL_CTX_FUNCTION, set_context);
	curl_easy_setopt(h->curl, CURLOPT_SSL_CTX_DATA, h);
	curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT, 5L);
}

enum card_error center_issuers_open(struct center *c, struct flow_problem *problem)
{
	(void)problem;
	c->issuers = calloc(1, sizeof *c->issuers);
	if (c->issuers == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return CARD_ERR_NO_MEMORY;
	pthread_mutex_init(&c->issuers->lock, NULL);
	pthread_cond_init(&c->issuers->change, NULL);
	center_issuers_use(c, &c->config);
	return CARD_OK;
}

void center_issuers_use(struct center *c, const struct center_config *fresh)
{
	struct center_issuers *s = c->issuers;

	pthread_mutex_lock(&s->lock);
	memcpy(s->ca, fresh->tls_ca, sizeof s->ca);
	memcpy(s->certificate, fresh->tls_certificate, sizeof s->certificate);
	memcpy(s->key, fresh->tls_key, sizeof s->key);
	s->version++;
	pthread_mutex_unlock(&s->lock);
}

void center_issuers_close(struct center *c)
{
	if (c->issuers == NULL)
		return;
	for (size_t i = 0; i < HANDLES; i++)
		curl_easy_cleanup(c->issuers->handle[i].curl);
	pthread_cond_destroy(&c->issuers->change);
	pthread_mutex_destroy(&c->issuers->lock);
	free(c->issuers);
	c->issuers = NULL;
	curl_global_cleanup();
}

/* A handle for this municipality: one that has spoken to it, else an unused one, else any. */
static struct handle *pick(struct center_issuers *s, const char *code)
{
	struct handle *best = NULL;

	for (size_t i = 0; i < HANDLES; i++) {
		struct handle *h = &s->handle[i];

		if (h->busy)
			continue;
		if (strcmp(h->code, code) == 0)
			return h;
		if (best == NULL || h->code[0] == '\0')
			best = h;
	}
	return best;
}

static struct handle *take(struct center_issuers *s, const char *code)
{
	struct handle *h;

	pthread_mutex_lock(&s->lock);
	while ((h = pick(s, code)) == NULL)
		pthread_cond_wait(&s->change, &s->lock);
	h->busy = true;
	/* Another municipality or other keys: nothing of the old connection may be used. */
	if (strcmp(h->code, code) != 0 || h->curl == NULL || h->version != s->version) {
		curl_easy_cleanup(h->curl);
		h->differs = strcmp(h->code, code) == 0 && h->differs;
		snprintf(h->code, sizeof h->code, "%s", code);
		set_up(s, h);
	}
	pthread_mutex_unlock(&s->lock);
	return h;
}

static void give(struct center_issuers *s, struct handle *h)
{
	pthread_mutex_lock(&s->lock);
	h->busy = false;
	pthread_cond_signal(&s->change);
	pthread_mutex_unlock(&s->lock);
}

static size_t receive(char *data, size_t size, size_t n, void *ctx)
{
	card_buf_t *out = ctx;

	if (out->n + size * n > ANSWER_MAX ||
	    card_buf_append(out, card_bytes(data, size * n)) != CARD_OK)
		return 0;
	return size * n;
}

/* ---- clocks ---- */

/* The line "Kazasu-Time: 2026-06-02T12:00:00+09:00". */
static size_t take_time(char *data, size_t size, size_t n, void *ctx)
{
	static const char name[] = "kazasu-time:";
	struct handle *h = ctx;
	const size_t length = size * n;
	char text[40];

	if (length > sizeof name && length < sizeof name + sizeof text &&
	    strncasecmp(data, name, sizeof name - 1) == 0) {
		snprintf(text, sizeof text, "%.*s", (int)(length - sizeof name + 1),
			 data + sizeof name - 1 + (data[sizeof name - 1] == ' '));
		text[strcspn(text, "\r\n")] = '\0';
		if (card_time_parse(text, &h->other) != CARD_OK)
			h->other = 0;
	}
	return length;
}

struct apart {
	struct center *c;
	const char *code;
	char seconds[24];
};

static enum card_error note_apart(void *ctx, flow_store_t *db)
{
	struct apart *a = ctx;

	return flow_issue_event_add(db, "", center_now(a->c), a->code, "clock-differs", a->seconds,
				    a->c->config.name);
}

/* One event when they come apart, none while they stay so. */
static void compare_clocks(struct center *c, struct handle *h)
{
	const int64_t apart = h->other - center_now(c), most = atomic_load(&c->clock_seconds);
	const bool differs = h->other != 0 && (apart > most || -apart > most);
	struct apart a = {c, h->code, ""};
	bool noted = false;

	pthread_mutex_lock(&c->issuers->lock);
	for (size_t i = 0; i < HANDLES; i++) {
		struct handle *other = &c->issuers->handle[i];

		if (strcmp(other->code, h->code) == 0) {
			noted = noted || other->differs;
			other->differs = differs;
		}
	}
	pthread_mutex_unlock(&c->issuers->lock);
	snprintf(a.seconds, sizeof a.seconds, "%+lld", (long long)apart);
	if (differs && !noted)
		(void)flow_issue_store_work(c->store, note_apart, &a);
}

/* ---- messages ---- */

/* One POST. CARD_ERR_NO_SERVICE: worth repeating; CARD_ERR_DENIED: refused for good. */
static enum card_error post(struct center *c, const char *code, const char *url,
			    struct card_bytes body, long milliseconds, card_buf_t *answer)
{
	struct handle *h = take(c->issuers, code);
	struct curl_slist *headers =
		curl_slist_append(NULL, "Content-Type: " FLOW_ISSUE_MESSAGE_TYPE);
	enum card_error err = CARD_ERR_NO_SERVICE;
	char time[48];
	long status = 0;

	headers = curl_slist_append(headers, "Expect:");
	snprintf(time, sizeof time, "Kazasu-Time: ");
	card_time_format_japan(center_now(c), time + strlen(time));
	headers = curl_slist_append(headers, time);
	h->other = 0;
	card_buf_clear(answer);
	if (h->curl != NULL) {
		curl_easy_setopt(h->curl, CURLOPT_URL, url);
		curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE, (long)body.n);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, body.p);
		curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, receive);
		curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, answer);
		curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, take_time);
		curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, h);
		curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, milliseconds);
		if (curl_easy_perform(h->curl) == CURLE_OK)
			curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, (struct curl_slist *)NULL);
	}
	curl_slist_free_all(headers);
	if (status != 0)
		compare_clocks(c, h);
	give(c->issuers, h);
	if (status == 200)
		err = CARD_OK;
	else if (status >= 400 && status < 500)
		err = CARD_ERR_DENIED;
	return err;
}

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Message 4 is taken only if it is the answer to this message 3 (K18, K21). */
static enum card_error check(const struct flow_issue_row *row, const json_t *asked,
			     const struct flow_issue_message *m, struct center_document *out)
{
	static const char *const same[] = {"transaction", "binding"};
	static const char *const codes[] = {"no_seal_registration", "under_age",
					    "no_use_registration",  "not_available_here",
					    "document_error",       "kind_pin_wrong",
					    "kind_pin_locked"};
	const char *outcome = flow_issue_text(m->json, "outcome", 10);
	const char *code = flow_issue_text(m->json, "code", 40);
	const char *kind = flow_issue_text(m->json, "kind", 16);
	const struct card_bytes front = flow_issue_message_part(m, "front");
	json_int_t pages, tries;

	for (size_t i = 0; i < 2; i++) {
		if (!json_equal(json_object_get(m->json, same[i]), json_object_get(asked, same[i])))
			return CARD_ERR_MALFORMED;
	}
	if (!json_equal(json_object_get(m->json, "attempt"), json_object_get(asked, "attempt")) ||
	    outcome == NULL)
		return CARD_ERR_MALFORMED;
	/* Only asked whether the PIN of the kind is right (K37). */
	if (json_object_get(asked, "only") != NULL && strcmp(outcome, "right") == 0)
		return CARD_OK;
	if (strcmp(outcome, "refused") == 0) {
		for (size_t i = 0; code != NULL && i < sizeof codes / sizeof codes[0]; i++) {
			if (strcmp(codes[i], code) == 0)
				out->refusal = codes[i];
		}
		tries = json_integer_value(json_object_get(m->json, "tries_left"));
		out->tries_left = (long)tries;
		return out->refusal != NULL ? CARD_OK : CARD_ERR_MALFORMED;
	}
	pages = json_integer_value(json_object_get(m->json, "pages"));
	if (json_object_get(asked, "only") != NULL || strcmp(outcome, "made") != 0 ||
	    kind == NULL || strcmp(kind, row->kind) != 0 || pages < 1 || pages > 100 ||
	    front.n < 8 || memcmp(front.p, "%PDF-", 5) != 0)
		return CARD_ERR_MALFORMED;
	out->pages = (unsigned)pages;
	return card_buf_append(&out->front, front);
}

enum card_error center_ask(struct center *c, const struct flow_issue_municipality *m,
			   const struct flow_issue_row *row, json_t *message,
			   struct center_document *out)
{
	const int64_t until = milliseconds() + 1000 * (int64_t)atomic_load(&c->message_seconds);
	struct flow_issue_message answer = {0};
	card_buf_t body = {0}, got = {0};
	char url[CENTER_PATH];
	enum card_error err = flow_issue_message_write(message, NULL, 0, &body);

	snprintf(url, sizeof url, "%s/v1/certificates", m->issuer);
	/* The same bytes until 30 s are over (K22). */
	while (err == CARD_OK) {
		const int64_t left = until - milliseconds();

		if (left <= 0) {
			err = CARD_ERR_TIMEOUT;
			break;
		}
		err = post(c, m->code, url, card_buf_bytes(&body), (long)left, &got);
		if (err != CARD_ERR_NO_SERVICE)
			break;
		usleep(100000);
		err = CARD_OK;
	}
	if (err == CARD_OK)
		err = flow_issue_message_read(&answer, card_buf_bytes(&got));
	if (err == CARD_OK)
		err = check(row, message, &answer, out);
	flow_issue_message_free(&answer);
	card_buf_free(&body);
	card_buf_free(&got);
	return err;
}

enum card_error center_tell(struct center *c, const struct flow_issue_municipality *m,
			    const char *id, const char *body)
{
	card_buf_t answer = {0};
	char url[CENTER_PATH + 80];
	enum card_error err;

	snprintf(url, sizeof url, "%s/v1/certificates/%s/status", m->issuer, id);
	err = post(c, m->code, url, card_bytes(body, strlen(body)),
		   1000L * atomic_load(&c->message_seconds), &answer);
	card_buf_free(&answer);
	return err;
}

enum card_error center_fetch(void *ctx, const char *url, const char *type, struct card_bytes body,
			     card_buf_t *answer)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers;
	char line[128];
	long status = 0;
	CURLcode rc;

	(void)ctx;
	if (curl == NULL)
		return CARD_ERR_NO_MEMORY;
	snprintf(line, sizeof line, "Content-Type: %s", type);
	headers = curl_slist_append(NULL, line);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.n);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.p);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
	rc = curl_easy_perform(curl);
	if (rc == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return CARD_ERR_TIMEOUT;
	return rc == CURLE_OK && status == 200 ? CARD_OK : CARD_ERR_IO;
}
