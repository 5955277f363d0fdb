/* SPDX-License-Identifier: Apache-2.0 */
/* paper_layout.h — where things stand on a back, in pixels at 300 dpi from the upper left. */
#ifndef CARDFLOW_PAPER_LAYOUT_H
#define CARDFLOW_PAPER_LAYOUT_H

#include "dots.h"

#include <cardflow/paper.h>

/* The field of dots: 104 px (8.8 mm) from the left, 96 px (8.1 mm) from the bottom. */
#define PAPER_DOTS_LEFT ((FLOW_PAPER_WIDTH - DOTS_COLUMNS * DOTS_CELL) / 2)
#define PAPER_DOTS_TOP  (FLOW_PAPER_HEIGHT - 96u - DOTS_ROWS * DOTS_CELL)

/* The QR code, always of version 20 (97 modules, ISO/IEC 18004), so that its corners stand at fixed
 * places; modules of 5 px (0.4 mm), without the white edge. So far from the edges that a scan of the same size
 * turned by 5° still holds all of it. */
#define PAPER_QR_VERSION 20
#define PAPER_QR_MODULES 97u
#define PAPER_QR_MODULE  5u
#define PAPER_QR_SIDE    (PAPER_QR_MODULES * PAPER_QR_MODULE)
#define PAPER_QR_LEFT    180u
#define PAPER_QR_TOP     150u

/* The words beside it. */
#define PAPER_TEXT_LEFT  740u
#define PAPER_TEXT_TOP   140u
#define PAPER_TEXT_WIDTH (FLOW_PAPER_WIDTH - PAPER_TEXT_LEFT - 140u)

#endif
