/* SPDX-License-Identifier: Apache-2.0 */
#include "made_document.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

void made_person(struct made_person *p, enum made_kind kind, void (*change)(struct made_cert *c))
{
	const bool sign = kind == MADE_SIGN || kind == MADE_SIGN_CA;
	struct made_cert ca = {.kind = sign ? MADE_SIGN_CA : MADE_AUTH_CA,
			       .serial = 7,
			       .not_before = MADE_NOW - 86400 * 400,
			       .not_after = MADE_NOW + 86400 * 400};
	struct made_cert own = {.kind = kind,
				.serial = 0x1234567,
				.not_before = MADE_NOW - 86400,
				.not_after = MADE_NOW + 86400 * 30};
	card_buf_t der = {0};

	memset(p, 0, sizeof(*p));
	made_rsa(&p->ca, 2048);
	made_rsa(&p->key, 2048);
	ca.key = ca.issuer = &p->ca;
	made_cert(&ca, &der);
	assert_ok(card_trust_new(&p->trust, 0));
	assert_ok(card_trust_add(p->trust, card_buf_bytes(&der)));
	card_buf_free(&der);
	own.key = &p->key;
	own.issuer = &p->ca;
	if (change != NULL)
		change(&own);
	made_cert(&own, &p->der);
	assert_ok(card_cert_new(&p->cert, card_buf_bytes(&p->der)));
}

void made_person_free(struct made_person *p)
{
	made_key_free(&p->ca);
	made_key_free(&p->key);
	card_buf_free(&p->der);
	card_cert_free(&p->cert);
	card_trust_free(&p->trust);
}

static enum card_error sign(void *ctx, enum card_hash hash, struct card_bytes digest,
			    card_buf_t *signature)
{
	struct made_person *p = ctx;

	if (p->refuse != CARD_OK)
		return p->refuse;
	p->signs++;
	made_sign_digest(&p->key, hash, false, digest, signature);
	return CARD_OK;
}

struct flow_signer made_signer(struct made_person *p)
{
	return (struct flow_signer){.cert = p->cert, .sign = sign, .ctx = p, .time = MADE_NOW};
}

enum card_error made_not_revoked(void *ctx, const card_cert_t *cert, const card_cert_t *issuer,
				 int64_t at, struct card_revocation_answer *out)
{
	(void)ctx, (void)cert, (void)issuer, (void)at;
	out->status = CARD_REVOCATION_GOOD;
	return CARD_OK;
}

enum card_error made_revoked(void *ctx, const card_cert_t *cert, const card_cert_t *issuer,
			     int64_t at, struct card_revocation_answer *out)
{
	(void)ctx, (void)cert, (void)issuer, (void)at;
	out->status = CARD_REVOCATION_REVOKED;
	out->reasons = card_reason_bit(CARD_REASON_CERT_REVOKED);
	return CARD_OK;
}

enum card_error made_no_answer(void *ctx, const card_cert_t *cert, const card_cert_t *issuer,
			       int64_t at, struct card_revocation_answer *out)
{
	(void)ctx, (void)cert, (void)issuer, (void)at, (void)out;
	return CARD_OK;
}

struct flow_verify made_verify(const struct made_person *p)
{
	return (struct flow_verify){
		.trust = p->trust, .at = MADE_NOW, .revocation = made_not_revoked};
}

void made_verify_bytes(const struct flow_verify *how, struct card_bytes file,
		       const struct card_bytes *content, struct flow_report *out)
{
	flow_file_t *f = NULL, *c = NULL;

	assert_ok(flow_file_of_memory(&f, file));
	if (content != NULL)
		assert_ok(flow_file_of_memory(&c, *content));
	assert_ok(flow_verify(f, c, how, out));
	flow_file_free(&f);
	flow_file_free(&c);
}

enum card_verdict made_verdict(const struct flow_verify *how, struct card_bytes file,
			       const struct card_bytes *content)
{
	struct flow_report r;
	enum card_verdict v;

	made_verify_bytes(how, file, content, &r);
	v = r.verdict;
	flow_report_free(&r);
	return v;
}

void made_mutations(const struct flow_verify *how, struct card_bytes file,
		    const struct card_bytes *content, size_t first, size_t last, size_t step)
{
	uint8_t *copy = malloc(file.n);

	assert_non_null(copy);
	memcpy(copy, file.p, file.n);
	assert_int_equal(made_verdict(how, file, content), CARD_VERDICT_VALID);
	for (size_t i = first; i < last; i += step) {
		const uint8_t tries[] = {(uint8_t)(1u << (i % 8)), 0x20, 0x01, 0xFF};

		for (size_t t = 0; t < sizeof tries; t++) {
			copy[i] = file.p[i] ^ tries[t];
			if (made_verdict(how, card_bytes(copy, file.n), content) ==
			    CARD_VERDICT_VALID)
				fail_msg("valid although byte %zu was changed from %02x to %02x", i,
					 file.p[i], copy[i]);
		}
		copy[i] = file.p[i];
	}
	free(copy);
}

void made_read_file(const char *path, card_buf_t *out)
{
	FILE *f = fopen(path, "rb");
	uint8_t piece[65536];
	size_t n;

	if (f == NULL)
		fail_msg("%s cannot be read", path);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		assert_ok(card_buf_append(out, card_bytes(piece, n)));
	fclose(f);
}
