/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands on a back side and what is kept about papers: the signed facts, the void list, the coded
 * front. The first byte says which; a signed one is signed here, so that what is behind the signature
 * is reached as well.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../libcard/flow/issue/front_code.h"
#include "../../libcard/flow/issue/paper_token.h"
#include "fuzz.h"

static flow_paper_key_t *key;
static flow_paper_trust_t *trust;
static char folder[] = "/tmp/fuzz-paper-XXXXXX", list[64];

static void clean(void)
{
	(void)unlink(list);
	(void)rmdir(folder);
	flow_paper_key_free(&key);
	flow_paper_trust_free(&trust);
}

static void start(void)
{
	char secret[64], open[64];

	fuzz_require(mkdtemp(folder) != NULL);
	(void)snprintf(secret, sizeof secret, "%s/key", folder);
	(void)snprintf(open, sizeof open, "%s/key.pub", folder);
	(void)snprintf(list, sizeof list, "%s/list", folder);
	fuzz_require(flow_paper_key_make(secret, open) == CARD_OK);
	fuzz_require(flow_paper_key_open(&key, secret) == CARD_OK);
	fuzz_require(flow_paper_trust_open(&trust, open) == CARD_OK);
	(void)unlink(secret);
	(void)unlink(open);
	(void)atexit(clean);
}

static void token(const char *text, bool ours)
{
	struct flow_paper_facts f;
	uint8_t front[PAPER_DIGEST];
	char id[17];
	enum card_check signature;

	if (fuzz_known(paper_token_read(text, trust, &f, front, id, &signature)) != CARD_OK)
		return;
	fuzz_require(paper_is_copy(f.copy) && f.page >= 1 && f.page <= f.pages);
	fuzz_require(!ours || signature == CARD_CHECK_PASS);
	(void)fuzz_known(paper_seed(&f, front));
}

static void signed_token(struct card_bytes payload)
{
	card_buf_t text = {0};
	uint8_t signature[PAPER_SIGNATURE];
	char header[80];

	(void)snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"kid\":\"%s\"}",
		       paper_key_id(key));
	if (paper_base64url(card_bytes(header, strlen(header)), &text) == CARD_OK &&
	    card_buf_append_byte(&text, '.') == CARD_OK &&
	    paper_base64url(payload, &text) == CARD_OK &&
	    paper_sign(key, card_buf_bytes(&text), signature) == CARD_OK &&
	    card_buf_append_byte(&text, '.') == CARD_OK &&
	    paper_base64url(card_bytes(signature, sizeof signature), &text) == CARD_OK &&
	    card_buf_append_byte(&text, '\0') == CARD_OK)
		token((const char *)text.p, true);
	card_buf_free(&text);
}

static void void_list(struct card_bytes text)
{
	flow_void_list_t *l = NULL;
	FILE *f = fopen(list, "wbe");

	fuzz_require(f != NULL);
	(void)fwrite(text.p, 1, text.n, f);
	(void)fclose(f);
	if (fuzz_known(flow_void_list_open(&l, list, trust)) == CARD_OK) {
		(void)flow_void_list_until(l);
		(void)flow_void_list_has(l, "7K3M-Q9TX-20AB");
	}
	flow_void_list_free(&l);
}

static void signed_list(struct card_bytes rows)
{
	uint8_t signature[PAPER_SIGNATURE];
	card_buf_t text = {0};
	char line[40];

	(void)snprintf(line, sizeof line, "signature %s ", paper_key_id(key));
	if (card_buf_append(&text, rows) == CARD_OK &&
	    paper_sign(key, rows, signature) == CARD_OK &&
	    card_buf_append(&text, card_bytes(line, strlen(line))) == CARD_OK &&
	    paper_base64url(card_bytes(signature, sizeof signature), &text) == CARD_OK &&
	    card_buf_append_byte(&text, '\n') == CARD_OK)
		void_list(card_buf_bytes(&text));
	card_buf_free(&text);
}

static void front(struct card_bytes in)
{
	struct flow_grey page = {0};
	uint32_t dpi = 0;
	size_t used = 0;

	if (fuzz_known(front_decode(in, &page, &dpi, &used)) == CARD_OK) {
		fuzz_require(used <= in.n && page.width > 0 && page.height > 0);
		fuzz_touch(card_bytes(page.pixels, (size_t)page.width * page.height));
	}
	flow_grey_free(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const unsigned what = fuzz_byte(&in) % 5;
	const struct card_bytes rest = fuzz_take(&in, in.n);
	char *text;

	if (key == NULL)
		start();
	switch (what) {
	case 0:
		text = malloc(rest.n + 1);
		fuzz_require(text != NULL);
		memcpy(text, rest.n > 0 ? (const char *)rest.p : "", rest.n);
		text[rest.n] = '\0';
		token(text, false);
		free(text);
		break;
	case 1:
		signed_token(rest);
		break;
	case 2:
		void_list(rest);
		break;
	case 3:
		signed_list(rest);
		break;
	default:
		front(rest);
	}
	return 0;
}
