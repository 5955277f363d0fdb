/* SPDX-License-Identifier: Apache-2.0 */
/* paper_lay.h — lay a scan over the page it was printed from. */
#ifndef CARDFLOW_PAPER_LAY_H
#define CARDFLOW_PAPER_LAY_H

#include "dots.h"

/* The page, and the scan laid under it pixel by pixel (made by the caller at the page's size). */
struct laid {
	const struct flow_grey *issued;
	struct flow_grey scan;
	double dpi; /* of the page */
};

/* Fill l->scan. map: from the page to the scan, good to half a millimetre; made better here.
 * CARD_ERR_NO_MEMORY. */
enum card_error paper_lay(struct laid *l, const struct flow_grey *scan, struct dots_map *map);

#endif
