/* SPDX-License-Identifier: Apache-2.0 */
/* paper_verify.c — one report on a sheet of paper. */
#include "front_code.h"
#include "paper_compare.h"
#include "paper_layout.h"
#include "paper_qr.h"
#include "paper_token.h"

#include <cardflow/paper.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

/* Where the corners of the code are printed, in the order of paper_qr. */
static const double printed[4][2] = {
	{PAPER_QR_LEFT, PAPER_QR_TOP},
	{PAPER_QR_LEFT, PAPER_QR_TOP + PAPER_QR_SIDE},
	{PAPER_QR_LEFT + PAPER_QR_SIDE, PAPER_QR_TOP + PAPER_QR_SIDE},
	{PAPER_QR_LEFT + PAPER_QR_SIDE, PAPER_QR_TOP},
};

/* Get the coded front from the dots; front stays {0} where that fails. */
static enum card_error read_front(const struct flow_grey *back, const struct paper_qr *qr,
				  const uint8_t digest[PAPER_DIGEST], struct flow_paper_report *out)
{
	static const double near[2] = {PAPER_QR_LEFT + PAPER_QR_SIDE / 2.0, PAPER_DOTS_TOP};
	uint8_t seed[PAPER_DIGEST], got[PAPER_DIGEST];
	struct dots_map map;
	card_buf_t code = {0};
	size_t used;
	enum card_error e = dots_map_fit(printed, qr->corners, 4, &map);

	if (e == CARD_OK)
		e = paper_seed(&out->facts, seed);
	if (e == CARD_OK)
		e = dots_read(back, &map, near, PAPER_DOTS_LEFT, PAPER_DOTS_TOP, seed, &code,
			      &out->repaired);
	if (e == CARD_OK)
		e = front_decode(card_buf_bytes(&code), &out->front, &out->front_dpi, &used);
	if (e == CARD_OK && EVP_Digest(code.p, used, got, NULL, EVP_sha256(), NULL) != 1)
		e = CARD_ERR_CRYPTO;
	if (e == CARD_OK && CRYPTO_memcmp(got, digest, PAPER_DIGEST) != 0) {
		flow_grey_free(&out->front); /* dots of another sheet */
		e = CARD_ERR_SIGNATURE;
	}
	card_buf_free(&code);
	return e;
}

static enum card_check check_void(const flow_void_list_t *voids, const struct flow_paper_facts *f)
{
	if (voids == NULL)
		return CARD_CHECK_SKIPPED;
	if (flow_void_list_has(voids, f->copy))
		return CARD_CHECK_FAIL;
	return flow_void_list_until(voids) < (int64_t)time(NULL) ? CARD_CHECK_UNDETERMINED
								 : CARD_CHECK_PASS;
}

enum card_error flow_paper_verify(const struct flow_grey *back, const struct flow_grey *front,
				  double front_dpi, const flow_paper_trust_t *trust,
				  const flow_void_list_t *voids, struct flow_paper_report *out)
{
	uint8_t digest[PAPER_DIGEST];
	struct paper_qr qr;
	enum card_error e;

	if (back == NULL || back->pixels == NULL || out == NULL ||
	    (front != NULL && front->pixels == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	out->signature = CARD_CHECK_FAIL;
	e = paper_qr_find(back, &qr);
	if (e == CARD_ERR_NOT_FOUND ||
	    (e == CARD_OK && paper_token_read(qr.text, trust, &out->facts, digest, out->key_id,
					      &out->signature) != CARD_OK))
		return CARD_OK;
	if (e == CARD_OK)
		e = read_front(back, &qr, digest, out);
	if (e == CARD_ERR_NO_MEMORY || e == CARD_ERR_UNSUPPORTED)
		return e;
	out->front_code = e == CARD_OK ? CARD_CHECK_PASS : CARD_CHECK_FAIL;
	if (e == CARD_OK && front != NULL)
		e = paper_compare(&out->front, out->front_dpi, front, front_dpi, out);
	out->void_check = check_void(voids, &out->facts);
	return e == CARD_ERR_NO_MEMORY ? e : CARD_OK;
}

void flow_paper_report_free(struct flow_paper_report *r)
{
	if (r == NULL)
		return;
	flow_grey_free(&r->front);
	memset(r, 0, sizeof *r);
}
