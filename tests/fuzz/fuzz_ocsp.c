/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of an OCSP responder about a certificate of the test hierarchy. */
#include <card/ocsp.h>
#include <card/trust.h>

#include "fuzz.h"

static card_cert_t *cert, *issuer;

/* The certificate and whichever anchor issued it. */
static void start(void)
{
	card_trust_t *trust = NULL;
	card_buf_t der = {0};

	fuzz_require(card_cert_read_file("build/fixtures/certs/test-person-auth.pem", &der) ==
		     CARD_OK);
	fuzz_require(card_cert_new(&cert, card_buf_bytes(&der)) == CARD_OK);
	fuzz_require(card_trust_new(&trust, CARD_TRUST_TEST_ROOTS) == CARD_OK);
	(void)card_trust_load(trust, "build/fixtures/trust", NULL, NULL);
	for (size_t i = 0; i < card_trust_count(trust) && issuer == NULL; i++)
		if (card_cert_verify_issued(cert, card_trust_anchor(trust, i)) == CARD_OK)
			fuzz_require(card_cert_new(&issuer, card_cert_der(card_trust_anchor(
								    trust, i))) == CARD_OK);
	fuzz_require(issuer != NULL);
	card_trust_free(&trust);
	card_buf_free(&der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t nonce[16] = {1};
	struct card_ocsp_answer out;

	if (cert == NULL)
		start();
	if (size == 0)
		return 0;
	(void)fuzz_known(card_ocsp_check(card_bytes(data, size), cert, issuer, card_bytes(NULL, 0),
					 card_cert_not_before(cert) + 1, &out));
	/* Nobody has signed an answer to this nonce. */
	fuzz_require(fuzz_known(card_ocsp_check(card_bytes(data, size), cert, issuer,
						card_bytes(nonce, sizeof(nonce)),
						card_cert_not_before(cert) + 1, &out)) != CARD_OK ||
		     !out.nonce);
	return 0;
}
