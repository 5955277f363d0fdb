/* SPDX-License-Identifier: Apache-2.0 */
/* made_scan.h — pages of text, and what a printer and a scanner make of them. */
#ifndef MADE_SCAN_H
#define MADE_SCAN_H

#include <cardflow/paper.h>

/* An A4 page at 300 dpi with paragraphs of Japanese text, ruled lines and a seal. words replaces
 * the text of its third line. size: of the letters in points. */
void made_page(struct flow_grey *out, const char *words, double size);

struct made_scan {
	double degrees;   /* turned */
	double scale;     /* 1 = 300 dpi */
	double dx, dy;    /* moved, in pixels */
	double noise;     /* amplitude, 0 … 255 */
	double blur;      /* radius of the lamp and the toner in pixels */
	double grey, ink; /* paper and ink as the scanner sees them, 0 … 255 */
	double wave;      /* uneven feed: amplitude in pixels over a period of 700 */
	unsigned seed;
};

/* {0} but scale 1, paper 255, ink 0. */
struct made_scan made_scan_perfect(void);
/* Noise, blur, uneven feed and grey as an office scanner has them; turned by `degrees`. */
struct made_scan made_scan_office(double degrees);

void made_scan(const struct flow_grey *page, const struct made_scan *how, struct flow_grey *out);

#endif
