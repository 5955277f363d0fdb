/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_files.c — the printer of files: each side of each sheet as a picture of 300 dpi. */
#include "kiosk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cardflow/front.h>
#include <cardflow/paper.h>

#include "file.h"

/* One sheet on its way to two files. */
struct sheet {
	struct kiosk *k;
	const struct flow_terminal_paper *paper;
	unsigned copy, page; /* of this job, from 0 */
	char front[KZ_PATH_MAX + 64], back[KZ_PATH_MAX + 64];
};

/* The first sheet of all has the short name. copy: since the transaction began. */
static void name_sides(const struct kiosk *k, const char *prefix, unsigned copy, unsigned page,
		       char front[KZ_PATH_MAX + 64], char back[KZ_PATH_MAX + 64])
{
	char number[32] = "";

	if (copy > 0 || page > 0)
		snprintf(number, sizeof number, "%u-%u-", copy + 1, page + 1);
	snprintf(front, KZ_PATH_MAX + 64, "%s/%s-%sfront.png", k->folder, prefix, number);
	snprintf(back, KZ_PATH_MAX + 64, "%s/%s-%sback.png", k->folder, prefix, number);
}

static enum card_error side(struct kiosk *k, struct card_bytes pdf, uint32_t page, const char *path)
{
	struct flow_grey picture = {0};
	card_buf_t png = {0};
	enum card_error err = flow_front_draw(pdf, page, &picture);

	if (err == CARD_OK)
		err = flow_grey_to_png(&picture, FLOW_PAPER_DPI, &png);
	if (err == CARD_OK && kz_file_write(&k->quiet, path, card_buf_bytes(&png), 0600) != KZ_GO)
		err = CARD_ERR_IO;
	card_buf_free(&png);
	flow_grey_free(&picture);
	return err;
}

static enum card_error draw(void *ctx, card_buf_t *out)
{
	const struct sheet *s = ctx;
	enum card_error err = side(s->k, s->paper->front, s->page + 1, s->front);

	(void)out;
	return err == CARD_OK ? side(s->k, s->paper->back[s->copy], s->page + 1, s->back) : err;
}

static bool stops_here(const struct kiosk *k)
{
	return (k->trouble == KIOSK_TROUBLE_FAULT || k->trouble == KIOSK_TROUBLE_SILENT) &&
	       k->job.sheets >= (int64_t)k->trouble_after;
}

/* The signed PDF as it came, once a copy of it is whole. */
static enum card_error keep_pdf(struct kiosk *k, struct card_bytes front)
{
	char path[KZ_PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/certificate.pdf", k->folder);
	return kz_file_write(&k->quiet, path, front, 0600) == KZ_GO ? CARD_OK : CARD_ERR_IO;
}

enum card_error kiosk_files_print(struct kiosk *k, const struct flow_terminal_paper *paper)
{
	struct sheet *s = calloc(1, sizeof *s);
	enum card_error err = s != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;
	card_buf_t none = {0};

	for (unsigned copy = 0; err == CARD_OK && copy < paper->copies; copy++) {
		for (unsigned page = 0; err == CARD_OK && page < paper->pages; page++) {
			if (stops_here(k)) {
				free(s);
				return CARD_OK;
			}
			*s = (struct sheet){.k = k, .paper = paper, .copy = copy, .page = page};
			name_sides(k, "paper", k->copies_out, page, s->front, s->back);
			err = kiosk_apart(draw, s, &none);
			if (err == CARD_OK && !kiosk_sheet_out(k))
				err = CARD_ERR_IO;
		}
		if (err == CARD_OK && k->copies_out++ == 0)
			err = keep_pdf(k, paper->front);
	}
	if (err == CARD_OK)
		k->job.progress = FLOW_PRINT_COMPLETE;
	free(s);
	return err;
}

void kiosk_files_set_aside(struct kiosk *k)
{
	char from[2][KZ_PATH_MAX + 64], to[2][KZ_PATH_MAX + 64];

	for (unsigned page = 0; page < 64; page++) {
		name_sides(k, "paper", k->copies_out, page, from[0], from[1]);
		name_sides(k, "void", k->copies_out, page, to[0], to[1]);
		(void)rename(from[0], to[0]);
		(void)rename(from[1], to[1]);
	}
}
