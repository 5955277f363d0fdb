/* SPDX-License-Identifier: Apache-2.0 */
/* Card-verifiable certificates and public key objects. */
#include <card/cvc.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static card_cvca_t *cas;
	struct card_bytes in = card_bytes(data, size);
	struct card_cvc cvc;
	struct card_rsa_key key;

	if (cas == NULL)
		fuzz_require(card_cvca_new(&cas, true) == CARD_OK);
	if (fuzz_known(card_rsa_key_parse(in, &key)) == CARD_OK)
		fuzz_require(key.modulus.n > 0 && fuzz_inside(key.modulus, in) &&
			     key.exponent.n > 0 && fuzz_inside(key.exponent, in));
	if (size == 0 || fuzz_known(card_cvc_parse(in, &cvc)) != CARD_OK)
		return 0;
	fuzz_require(cvc.issuer.n == CARD_KEY_ID_LENGTH && cvc.subject.n == CARD_KEY_ID_LENGTH);
	fuzz_require(fuzz_inside(cvc.signed_part, in) && fuzz_inside(cvc.signature, in));
	fuzz_require(fuzz_inside(cvc.key.modulus, cvc.signed_part));
	(void)card_key_id_is_test(cvc.issuer);
	(void)fuzz_known(card_cvc_verify(&cvc, &cvc.key));
	if (card_cvca_find(cas, cvc.issuer, &key) == CARD_OK)
		(void)fuzz_known(card_cvc_verify(&cvc, &key));
	return 0;
}
