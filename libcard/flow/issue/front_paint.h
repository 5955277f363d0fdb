/* SPDX-License-Identifier: Apache-2.0 */
/* front_paint.h — a picture as a page of a PDF. */
#ifndef CARDFLOW_FRONT_PAINT_H
#define CARDFLOW_FRONT_PAINT_H

#include <cairo.h>

#include <cardflow/grey.h>

/* One whole A4 page, ended; errors stay in c. */
void front_paint(cairo_t *c, const struct flow_grey *page);

#endif
