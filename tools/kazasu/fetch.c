/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include <stdio.h>

#include <curl/curl.h>

#define ANSWER_MAX      65536u
#define CONNECT_SECONDS 5L
#define WHOLE_SECONDS   10L

struct receiving {
	card_buf_t *answer;
	enum card_error err;
};

static size_t receive(char *data, size_t size, size_t n, void *ctx)
{
	struct receiving *r = ctx;

	if (r->answer->n + size * n > ANSWER_MAX)
		r->err = CARD_ERR_TOO_LONG;
	else
		r->err = card_buf_append(r->answer, card_bytes(data, size * n));
	return r->err == CARD_OK ? size * n : 0;
}

static enum card_error result(CURL *curl, CURLcode rc, const struct receiving *r)
{
	long status = 0;

	if (r->err != CARD_OK)
		return r->err;
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return CARD_ERR_TIMEOUT;
	if (rc == CURLE_UNSUPPORTED_PROTOCOL)
		return CARD_ERR_DENIED;
	if (rc != CURLE_OK)
		return CARD_ERR_IO;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status == 200 ? CARD_OK : CARD_ERR_IO;
}

enum card_error kz_fetch(void *ctx, const char *url, const char *content_type,
			 struct card_bytes body, card_buf_t *answer)
{
	struct receiving r = {answer, CARD_OK};
	struct curl_slist *headers;
	char type[128];
	CURL *curl = curl_easy_init();
	CURLcode rc;
	enum card_error err;

	(void)ctx;
	if (curl == NULL)
		return CARD_ERR_NO_MEMORY;
	snprintf(type, sizeof type, "Content-Type: %s", content_type);
	headers = curl_slist_append(NULL, type);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, WHOLE_SECONDS);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.p);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &r);
	rc = curl_easy_perform(curl);
	err = result(curl, rc, &r);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return err;
}
