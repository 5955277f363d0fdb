/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "output.h"
#include "place.h"

#define TRUST_FOLDER "/etc/kazasu/trust"
#define REPLY_MAX    ((size_t)1024 * 1024)

int kz_document_open(struct kz *kz, const char *path, flow_file_t **out)
{
	char message[KZ_PATH_MAX + 128];
	struct kz_failure f = {.exit = KZ_NO_INPUT, .message = message, .hint = ""};

	f.error = flow_file_open(out, path);
	if (f.error == CARD_OK)
		return KZ_GO;
	if (f.error == CARD_ERR_UNSUPPORTED)
		snprintf(message, sizeof message, _("%s is no regular file."), path);
	else
		snprintf(message, sizeof message, _("%s cannot be read: %s"), path, strerror(errno));
	return kz_fail(kz, &f);
}

int kz_document_trust(struct kz *kz, card_trust_t **out)
{
	char folder[KZ_PATH_MAX], path[KZ_PATH_MAX + 16];
	const char *dir = kz->opt.trust != NULL ? kz->opt.trust : TRUST_FOLDER;
	enum card_error err;

	err = card_trust_new(out, kz->opt.test_roots ? CARD_TRUST_TEST_ROOTS : 0);
	if (err == CARD_OK && (kz->opt.trust != NULL || access(dir, F_OK) == 0))
		err = card_trust_load(*out, dir, NULL, NULL);
	if (err == CARD_OK && kz->opt.test_roots && kz_place_fixtures(folder, sizeof folder)) {
		snprintf(path, sizeof path, "%s/trust", folder);
		err = card_trust_load(*out, path, NULL, NULL);
	}
	if (err == CARD_OK)
		return KZ_GO;
	card_trust_free(out);
	return kz_fail_error(kz, err);
}

int kz_tsa_trust(struct kz *kz, const char *path, flow_tsa_trust_t **out)
{
	char message[KZ_PATH_MAX + 128];
	struct kz_failure f = {.message = message, .hint = "", .exit = KZ_NO_INPUT};

	*out = NULL;
	if (path == NULL)
		return KZ_GO;
	f.error = flow_tsa_trust_new(out);
	if (f.error == CARD_OK)
		f.error = flow_tsa_trust_add_file(*out, path);
	if (f.error == CARD_OK)
		return KZ_GO;
	flow_tsa_trust_free(out);
	snprintf(message, sizeof message, _("There are no certificates in %s."), path);
	return kz_fail(kz, &f);
}

static size_t take(char *data, size_t size, size_t n, void *ctx)
{
	card_buf_t *reply = ctx;

	if (reply->n + size * n > REPLY_MAX ||
	    card_buf_append(reply, card_bytes(data, size * n)) != CARD_OK)
		return 0;
	return size * n;
}

enum card_error kz_fetch(void *ctx, const char *url, const char *content_type,
			 struct card_bytes request, card_buf_t *reply)
{
	struct curl_slist *headers = NULL;
	char type[128];
	long status = 0;
	CURL *c = curl_easy_init();
	CURLcode rc;

	(void)ctx;
	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	snprintf(type, sizeof type, "Content-Type: %s", content_type);
	headers = curl_slist_append(NULL, type);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 30L);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)request.p);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)request.n);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, reply);
	rc = curl_easy_perform(c);
	if (rc == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	if (rc == CURLE_OK && status == 200)
		return CARD_OK;
	return rc == CURLE_OPERATION_TIMEDOUT ? CARD_ERR_TIMEOUT : CARD_ERR_NO_SERVICE;
}
