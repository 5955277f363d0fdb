/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_center.c — the centre, over HTTPS with certificates on both sides. */
#include "kiosk.h"

#include <curl/curl.h>
#include <malloc.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <card/secret.h>
#include <cardflow/issue_message.h>

#include "output.h"

#define ANSWER_MAX      ((size_t)17 * 1024 * 1024) /* docs/issuance.md: 16 MiB a message */
#define CONNECT_SECONDS 5L

struct kiosk_center {
	CURL *curl;
};

/* ---- no copy of a message stays in what libcurl gave back ---- */

static void wipe_and_free(void *p)
{
	if (p != NULL)
		card_wipe(p, malloc_usable_size(p));
	free(p);
}

static void *grow(void *p, size_t n)
{
	const size_t had = p != NULL ? malloc_usable_size(p) : 0;
	void *more = malloc(n);

	if (more != NULL && p != NULL) {
		memcpy(more, p, had < n ? had : n);
		wipe_and_free(p);
	}
	return more;
}

static char *copy(const char *text)
{
	return strdup(text);
}

static void *zeroed(size_t n, size_t size)
{
	return calloc(n, size);
}

/* ---- who it is ---- */

/* OU=center: another party of the same hierarchy is no centre. */
static bool is_center(X509 *certificate)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	const int at = X509_NAME_get_index_by_NID(name, NID_organizationalUnitName, -1);
	const ASN1_STRING *text;

	if (at < 0 || X509_NAME_get_index_by_NID(name, NID_organizationalUnitName, at) >= 0)
		return false;
	text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	return ASN1_STRING_length(text) == 6 &&
	       memcmp(ASN1_STRING_get0_data(text), "center", 6) == 0;
}

static int verify_peer(X509_STORE_CTX *ctx, void *arg)
{
	(void)arg;
	if (X509_verify_cert(ctx) != 1)
		return 0;
	if (is_center(X509_STORE_CTX_get0_cert(ctx)))
		return 1;
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_SUBJECT_ISSUER_MISMATCH);
	return 0;
}

static CURLcode set_context(CURL *curl, void *ssl, void *arg)
{
	(void)curl;
	SSL_CTX_set_cert_verify_callback(ssl, verify_peer, arg);
	SSL_CTX_set_options(ssl, SSL_OP_CLEANSE_PLAINTEXT);
	return CURLE_OK;
}

static CURL *connection(const struct kiosk *k)
{
	const struct kiosk_words *w = &k->words;
	CURL *c = curl_easy_init();

	if (c == NULL)
		return NULL;
	curl_easy_setopt(c, CURLOPT_CAINFO, w->ca);
	curl_easy_setopt(c, CURLOPT_SSLCERT, w->certificate);
	curl_easy_setopt(c, CURLOPT_SSLKEY, w->key);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, set_context);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)k->message_seconds);
	return c;
}

int kiosk_center_open(struct kiosk *k)
{
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_and_free, grow, copy, zeroed) !=
	    0)
		return kz_fail_error(k->kz, CARD_ERR_NO_MEMORY);
	k->center = calloc(1, sizeof *k->center);
	return k->center != NULL ? KZ_GO : kz_fail_error(k->kz, CARD_ERR_NO_MEMORY);
}

void kiosk_center_forget(struct kiosk *k)
{
	if (k->center == NULL)
		return;
	curl_easy_cleanup(k->center->curl);
	k->center->curl = NULL;
}

void kiosk_center_close(struct kiosk *k)
{
	kiosk_center_forget(k);
	free(k->center);
	k->center = NULL;
	curl_global_cleanup();
}

/* ---- one exchange ---- */

static size_t receive(char *data, size_t size, size_t n, void *ctx)
{
	card_buf_t *out = ctx;

	if (out->n + size * n > ANSWER_MAX ||
	    card_buf_append(out, card_bytes(data, size * n)) != CARD_OK)
		return 0;
	return size * n;
}

/* What the words of the end need, and what a test asks for. */
static void look_at(struct kiosk *k, const char *path, const card_buf_t *answer)
{
	struct flow_issue_message m;
	const char *state;

	if (answer->n == 0 || flow_issue_message_read(&m, card_buf_bytes(answer)) != CARD_OK)
		return;
	if (strncmp(path, "/v1/municipalities/", 19) == 0) {
		json_decref(k->window);
		k->window = json_incref(json_object_get(m.json, "window"));
	}
	if (strcmp(path, "/v1/service") == 0 &&
	    flow_issue_text(m.json, "place", sizeof k->place - 1) != NULL)
		snprintf(k->place, sizeof k->place, "%s",
			 flow_issue_text(m.json, "place", sizeof k->place - 1));
	state = flow_issue_text(m.json, "state", 16);
	if (state != NULL)
		snprintf(k->last_state, sizeof k->last_state, "%s", state);
	if (flow_issue_text(m.json, "code", 39) != NULL)
		snprintf(k->last_code, sizeof k->last_code, "%s",
			 flow_issue_text(m.json, "code", 39));
	if (state != NULL && k->words.power_cut != NULL && strcmp(state, k->words.power_cut) == 0)
		kill(getpid(), SIGKILL);
	if (m.parts > 0)
		kiosk_watch_document(k, card_buf_bytes(answer));
	flow_issue_message_free(&m);
}

static enum card_error perform(struct kiosk *k, const char *method, const char *url,
			       struct card_bytes body, card_buf_t *answer, int *status)
{
	CURL *c = k->center->curl;
	struct curl_slist *headers = NULL;
	CURLcode rc;
	long code = 0;

	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
	if (strcmp(method, "GET") == 0) {
		curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	} else {
		headers = curl_slist_append(NULL, "Content-Type: " FLOW_ISSUE_MESSAGE_TYPE);
		headers = curl_slist_append(headers, "Expect:");
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.n > 0 ? (const char *)body.p : "");
	}
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	rc = curl_easy_perform(c);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, (void *)NULL);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, (void *)NULL);
	curl_slist_free_all(headers);
	if (rc != CURLE_OK) {
		if (k->kz->opt.verbose)
			kz_note(k->kz, "%s: %s", url, curl_easy_strerror(rc));
		card_buf_clear(answer);
		kiosk_center_forget(k);
		return CARD_ERR_NO_SERVICE;
	}
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	*status = (int)code;
	return CARD_OK;
}

enum card_error kiosk_exchange(void *ctx, const char *method, const char *path,
			       struct card_bytes body, card_buf_t *answer, int *status)
{
	struct kiosk *k = ctx;
	char url[KZ_PATH_MAX];
	enum card_error err;
	const int n = snprintf(url, sizeof url, "%s%s", k->words.center, path);

	*status = 0;
	if (n < 0 || (size_t)n >= sizeof url)
		return CARD_ERR_TOO_LONG;
	if (k->center->curl == NULL)
		k->center->curl = connection(k);
	if (k->center->curl == NULL)
		return CARD_ERR_NO_MEMORY;
	err = perform(k, method, url, body, answer, status);
	if (err == CARD_OK)
		look_at(k, path, answer);
	return err;
}
