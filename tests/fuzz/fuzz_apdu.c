/* SPDX-License-Identifier: Apache-2.0 */
/* Command and response APDUs: what decodes encodes to the same bytes again. */
#include <string.h>

#include <card/apdu.h>
#include <card/sw.h>

#include "fuzz.h"

/* Le 00 in a case 2 or 4 command is 256 or 65536; both decode and encode alike. */
static void round_trip(struct card_bytes in)
{
	static uint8_t out[70000];
	struct card_apdu cmd;
	size_t n = 0;

	if (fuzz_known(card_apdu_decode(in, &cmd)) != CARD_OK)
		return;
	fuzz_require(fuzz_inside(cmd.data, in) && cmd.le <= 65536);
	(void)card_apdu_is_secret(&cmd);
	(void)card_apdu_counts(&cmd);
	fuzz_require(card_apdu_encode(&cmd, out, sizeof(out), &n) == CARD_OK);
	fuzz_require(card_bytes_equal(card_bytes(out, n), in));
	for (size_t cap = 0; cap < n && cap < 8; cap++)
		fuzz_require(card_apdu_encode(&cmd, out, cap, &(size_t){0}) ==
			     CARD_ERR_BUFFER_TOO_SMALL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct card_bytes in = card_bytes(data, size);
	struct card_rapdu answer;

	if (size > 65544)
		return 0;
	round_trip(in);
	if (fuzz_known(card_rapdu_decode(in, &answer)) == CARD_OK) {
		fuzz_require(answer.data.n == size - 2);
		(void)fuzz_known(card_sw_error(answer.sw));
		fuzz_require(card_sw_meaning(answer.sw, CARD_LANG_JA) != NULL);
		fuzz_require(card_sw_tries(answer.sw) <= 15);
	}
	return 0;
}
