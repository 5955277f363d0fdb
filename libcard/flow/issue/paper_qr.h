/* SPDX-License-Identifier: Apache-2.0 */
/* paper_qr.h — find the code on the scan of a back. */
#ifndef CARDFLOW_PAPER_QR_H
#define CARDFLOW_PAPER_QR_H

#include <cardflow/paper.h>

/* Its text, and the corners of the symbol in pixels of the scan: upper left, lower left, lower
 * right, upper right of the upright symbol. */
struct paper_qr {
	char text[FLOW_PAPER_TOKEN_MAX + 1];
	double corners[4][2];
};

/* CARD_ERR_NOT_FOUND: no code with a text of at most FLOW_PAPER_TOKEN_MAX bytes; CARD_ERR_NO_MEMORY;
 * CARD_ERR_UNSUPPORTED: libzbar is not installed. */
enum card_error paper_qr_find(const struct flow_grey *scan, struct paper_qr *out);

#endif
