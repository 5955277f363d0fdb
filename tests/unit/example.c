/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else's: needs the installed headers and libcard.so only. */
#include <stdio.h>

#include <card/card.h>

int main(void)
{
	struct card_date d = {0};
	char era[40];
	card_buf_t b = {0};

	if (card_date_parse(card_bytes("19800217", 8), &d) != CARD_OK ||
	    card_date_format_era(d, era, sizeof(era)) != CARD_OK ||
	    card_hex_decode("9000", &b) != CARD_OK || b.n != 2)
		return 1;
	card_buf_free(&b);
	printf("%s %s\n", era, card_strerror(CARD_ERR_PIN_WRONG, CARD_LANG_EN));
	return 0;
}
