/* SPDX-License-Identifier: Apache-2.0 */
/* paper_layout.h — where things stand on a back, in pixels at 300 dpi from the upper left. */
#ifndef CARDFLOW_PAPER_LAYOUT_H
#define CARDFLOW_PAPER_LAYOUT_H

#include "dots.h"

#include <cardflow/paper.h>

/* The field of dots: 104 px (8.8 mm) from the left, 96 px (8.1 mm) from the bottom. */
#define PAPER_DOTS_LEFT ((FLOW_PAPER_WIDTH - DOTS_COLUMNS * DOTS_CELL) / 2)
#define PAPER_DOTS_TOP	(FLOW_PAPER_HEIGHT - 96u - DOTS_ROWS * DOTS_CELL)

/* The QR code: its modules (without the white edge of 4) fill a square of this size, so that its
 * corners stand at fixed places whatever its version. */
#define PAPER_QR_LEFT 140u
#define PAPER_QR_TOP  140u
#define PAPER_QR_SIDE 520u

/* The words beside it. */
#define PAPER_TEXT_LEFT	 720u
#define PAPER_TEXT_TOP	 130u
#define PAPER_TEXT_WIDTH (FLOW_PAPER_WIDTH - PAPER_TEXT_LEFT - 140u)

#endif
