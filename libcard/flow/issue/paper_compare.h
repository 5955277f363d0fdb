/* SPDX-License-Identifier: Apache-2.0 */
/* paper_compare.h — a scan of a front against the front as it was issued. */
#ifndef CARDFLOW_PAPER_COMPARE_H
#define CARDFLOW_PAPER_COMPARE_H

#include "dots.h"

#include <cardflow/paper.h>

/*
 * The map from a page (pixels of `issued`) to a scan of it: turned by up to 6°, moved by up to
 * 12 mm, scaled within 3 % of scan_scale (pixels of the scan per pixel of the page).
 * CARD_ERR_NOT_FOUND: nothing on the scan resembles the page.
 */
enum card_error compare_align(const struct flow_grey *issued, uint32_t dpi,
			      const struct flow_grey *scan, double scan_scale,
			      struct dots_map *out);

/*
 * Compare; fills front_compare and the differences of the report (at most its room; the count says
 * how many of them were kept). dpi: of `issued`; scan_dpi: 0 = the scan is a whole A4 page.
 */
enum card_error paper_compare(const struct flow_grey *issued, uint32_t dpi,
			      const struct flow_grey *scan, double scan_dpi,
			      struct flow_paper_report *report);

#endif
