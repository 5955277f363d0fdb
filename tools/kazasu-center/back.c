/* SPDX-License-Identifier: Apache-2.0 */
/*
 * back.c — the back side of a paper (うら面, R4-08): the place where anti-forgery data is made.
 *
 * What stands there now is the signed facts as text, one page a sheet. The picture (QR code and the
 * scrambled image of the front) is drawn from the same facts by cardflow/issue_paper.h when that is
 * in the library; only center_back_make changes then.
 */
#include "center.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum card_error center_back_open(struct center *c, struct flow_problem *problem)
{
	FILE *f = fopen(c->config.back_key, "re");
	EVP_PKEY *key = f != NULL ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;

	if (f != NULL)
		fclose(f);
	if (key == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(key);
		flow_problem_set(problem, c->config.back_key, 0, "no Ed25519 key");
		return f == NULL ? CARD_ERR_IO : CARD_ERR_MALFORMED;
	}
	c->back_key = key;
	return CARD_OK;
}

void center_back_close(struct center *c)
{
	EVP_PKEY_free(c->back_key);
	c->back_key = NULL;
}

static bool sign(struct center *c, const char *text, uint8_t out[64])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t n = 64;
	const bool good = md != NULL &&
			  EVP_DigestSignInit(md, NULL, NULL, NULL, c->back_key) == 1 &&
			  EVP_DigestSign(md, out, &n, (const uint8_t *)text, strlen(text)) == 1;

	EVP_MD_CTX_free(md);
	return good;
}

struct pdf {
	card_buf_t *out;
	size_t at[256];
	unsigned objects;
	enum card_error err;
};

static void put(struct pdf *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct pdf *p, const char *format, ...)
{
	char text[2048];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (p->err == CARD_OK)
		p->err = n >= 0 && (size_t)n < sizeof text
				 ? card_buf_append(p->out, card_bytes(text, (size_t)n))
				 : CARD_ERR_TOO_LONG;
}

static void object(struct pdf *p, size_t start, unsigned number)
{
	p->at[number] = p->out->n - start;
	p->objects = number > p->objects ? number : p->objects;
	put(p, "%u 0 obj\n", number);
}

/* Objects: 1 catalogue, 2 pages, 3 font, then a page and its content for each sheet. */
static enum card_error write_pdf(const struct center_back *b, const char *lines[], size_t n,
				 card_buf_t *out)
{
	struct pdf p = {.out = out, .err = CARD_OK};
	const size_t start = out->n;
	size_t xref;

	put(&p, "%%PDF-1.4\n");
	object(&p, start, 1);
	put(&p, "<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
	object(&p, start, 2);
	put(&p, "<</Type/Pages/Count %u/Kids[", b->pages);
	for (unsigned i = 0; i < b->pages; i++)
		put(&p, "%u 0 R ", 4 + 2 * i);
	put(&p, "]>>\nendobj\n");
	object(&p, start, 3);
	put(&p, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>\nendobj\n");
	for (unsigned i = 0; i < b->pages; i++) {
		char text[1600];
		size_t used = 0;

		used += (size_t)snprintf(text, sizeof text, "BT /F 9 Tf 40 780 Td 14 TL (%u/%u) Tj",
					 i + 1, b->pages);
		for (size_t l = 0; l < n && used < sizeof text; l++)
			used += (size_t)snprintf(text + used, sizeof text - used, " T* (%s) Tj",
						 lines[l]);
		if (used + 4 >= sizeof text)
			return CARD_ERR_TOO_LONG;
		used += (size_t)snprintf(text + used, sizeof text - used, " ET");
		object(&p, start, 4 + 2 * i);
		put(&p,
		    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
		    "/Contents %u 0 R>>\nendobj\n",
		    5 + 2 * i);
		object(&p, start, 5 + 2 * i);
		put(&p, "<</Length %zu>>\nstream\n", used);
		put(&p, "%s\nendstream\nendobj\n", text);
	}
	xref = out->n - start;
	put(&p, "xref\n0 %u\n0000000000 65535 f \n", p.objects + 1);
	for (unsigned i = 1; i <= p.objects; i++)
		put(&p, "%010zu 00000 n \n", p.at[i]);
	put(&p, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", p.objects + 1, xref);
	return p.err;
}

enum card_error center_back_make(struct center *c, const struct center_back *b, card_buf_t *pdf)
{
	char facts[6][120], joined[800], signature[129];
	const char *lines[8];
	uint8_t raw[64];
	size_t used = 0;

	if (b->pages < 1 || b->pages > 100)
		return CARD_ERR_INVALID_ARGUMENT;
	snprintf(facts[0], sizeof facts[0], "copy %s", b->copy);
	snprintf(facts[1], sizeof facts[1], "transaction %s", b->transaction);
	snprintf(facts[2], sizeof facts[2], "municipality %s kind %s pages %u", b->municipality,
		 b->kind, b->pages);
	snprintf(facts[3], sizeof facts[3], "issued %s center %s", b->issued, c->config.name);
	snprintf(facts[4], sizeof facts[4], "front %s", b->front_sha256);
	snprintf(facts[5], sizeof facts[5], "binding %s", b->binding);
	for (size_t i = 0; i < 6; i++) {
		lines[i] = facts[i];
		used += (size_t)snprintf(joined + used, sizeof joined - used, "%s\n", facts[i]);
	}
	if (!sign(c, joined, raw))
		return CARD_ERR_CRYPTO;
	flow_issue_hex_text(raw, sizeof raw, signature);
	snprintf(joined, sizeof joined, "signature %.64s", signature);
	lines[6] = joined;
	lines[7] = signature + 64;
	return write_pdf(b, lines, 8, pdf);
}
