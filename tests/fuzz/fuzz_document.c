/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed documents of every format. Without a word on revocation no signature is ever valid, so
 * whatever the input is, the verdict must not be.
 */
#include <card/trust.h>
#include <cardflow/verify_document.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static card_trust_t *trust;
	struct flow_verify how = {.at = 1800000000};
	struct flow_report report;
	flow_file_t *file = NULL, *content = NULL;

	if (trust == NULL) {
		fuzz_require(card_trust_new(&trust, CARD_TRUST_TEST_ROOTS) == CARD_OK);
		(void)card_trust_load(trust, "build/fixtures/trust", NULL, NULL);
	}
	how.trust = trust;
	fuzz_require(flow_file_of_memory(&content, card_bytes("content\n", 8)) == CARD_OK);
	if (flow_file_of_memory(&file, card_bytes(data, size)) == CARD_OK) {
		for (int with = 0; with < 2; with++) {
			if (fuzz_known(flow_verify(file, with ? content : NULL, &how, &report)) !=
			    CARD_OK)
				continue;
			fuzz_require(report.verdict != CARD_VERDICT_VALID);
			for (size_t i = 0; i < report.n; i++)
				fuzz_require(report.signatures[i].verdict != CARD_VERDICT_VALID);
			flow_report_free(&report);
		}
	}
	flow_file_free(&file);
	flow_file_free(&content);
	return 0;
}
