/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PDF files on their way to a signature: looked at, fields listed, options checked, the update
 * built. The key refuses, so nothing is ever appended; whatever is built begins with the file.
 */
#include <stdlib.h>

#include <card/trust.h>
#include <cardflow/sign.h>

#include "fuzz.h"

static enum card_error refuse(void *ctx, enum card_hash hash, struct card_bytes digest,
			      card_buf_t *signature)
{
	(void)ctx, (void)hash, (void)digest, (void)signature;
	return CARD_ERR_CANCELLED;
}

/* The only certificate that is needed: a test root. */
static card_cert_t *certificate(void)
{
	static card_cert_t *cert;
	card_trust_t *trust = NULL;

	if (cert != NULL)
		return cert;
	fuzz_require(card_trust_new(&trust, CARD_TRUST_TEST_ROOTS) == CARD_OK);
	(void)card_trust_load(trust, "build/fixtures/trust", NULL, NULL);
	fuzz_require(card_cert_new(&cert, card_cert_der(card_trust_anchor(trust, 0))) == CARD_OK);
	card_trust_free(&trust);
	return cert;
}

static void sign(const flow_file_t *file, const struct flow_pdf_options *opt)
{
	const struct flow_signer signer = {
		.cert = certificate(), .sign = refuse, .time = INT64_C(1780272000)};
	struct flow_pdf_fault fault;
	card_buf_t update = {0};

	(void)fuzz_known(flow_pdf_check(file, opt, &fault));
	fuzz_require(fuzz_known(flow_pdf_sign(file, opt, &signer, &update)) != CARD_OK);
	fuzz_require(update.n == 0);
	card_buf_free(&update);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct flow_pdf_visible place = {.page = 0, .placed = true, .x = 5, .y = 5};
	struct flow_pdf_options opt = {.name = NULL};
	struct flow_pdf_field *fields = NULL;
	enum flow_pdf_refusal why;
	flow_file_t *file = NULL;
	unsigned signatures = 0;
	uint64_t pages = 0;
	size_t n = 0;

	if (flow_file_of_memory(&file, card_bytes(data, size)) != CARD_OK)
		return 0;
	(void)fuzz_known(flow_pdf_look(file, &why, &pages, &signatures));
	sign(file, &opt);
	opt.visible = &place; /* the certificate has no name: refused before anything is drawn */
	sign(file, &opt);
	opt.visible = NULL;
	opt.blank = true;
	if (fuzz_known(flow_pdf_fields(file, &fields, &n)) == CARD_OK) {
		for (size_t i = 0; i < n && i < 4; i++) {
			opt.field = fields[i].name;
			sign(file, &opt);
		}
	}
	free(fields);
	flow_file_free(&file);
	return 0;
}
