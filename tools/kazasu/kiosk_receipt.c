/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_receipt.c — 領収書: place, kind, copies, amount, inquiry number; no name (flows K40). */
#include "kiosk.h"

#include <inttypes.h>
#include <string.h>

#include <card/date.h>

#include "file.h"
#include "output.h"

/* One line for the screen and for the slip. */
static void row(const struct kiosk *k, card_buf_t *slip, const char *label, const char *text)
{
	const size_t used = kz_columns(label);

	kz_say_pair(k->kz, label, "%s", text);
	(void)card_buf_append(slip, card_bytes(label, strlen(label)));
	for (size_t i = used; i < 16; i++)
		(void)card_buf_append_byte(slip, ' ');
	(void)card_buf_append(slip, card_bytes(text, strlen(text)));
	(void)card_buf_append_byte(slip, '\n');
}

static void title(const struct kiosk *k, card_buf_t *slip)
{
	char text[128];

	snprintf(text, sizeof text, "%s%s\n", _("RECEIPT"),
		 k->kz->opt.test_roots ? _("  [TEST]") : "");
	kz_say(k->kz, "\n%s", text);
	(void)card_buf_append(slip, card_bytes(text, strlen(text)));
}

void kiosk_receipt(struct kiosk *k, const struct flow_terminal_say *w)
{
	const char *kind = w->kind != NULL ? kiosk_kind(w->kind) : NULL;
	char text[64], path[KZ_PATH_MAX + 32];
	card_buf_t slip = {0};

	title(k, &slip);
	card_time_format_japan(kz_now(k->kz), text);
	text[10] = ' ';
	text[16] = '\0'; /* to the minute; Japanese time */
	row(k, &slip, _("date"), text);
	if (k->place[0] != '\0')
		row(k, &slip, _("place"), k->place);
	row(k, &slip, _("terminal"), k->id);
	row(k, &slip, _("certificate"), kind != NULL ? kind : "");
	snprintf(text, sizeof text, "%u", w->copies);
	row(k, &slip, _("copies"), text);
	snprintf(text, sizeof text, _("%" PRId64 " yen"), w->number);
	row(k, &slip, _("amount"), text);
	row(k, &slip, _("inquiry number"), w->inquiry != NULL ? w->inquiry : "");
	kz_say(k->kz, "\n");
	snprintf(path, sizeof path, "%s/receipt.txt", k->folder);
	if (k->folder[0] != '\0' &&
	    kz_file_write(&k->quiet, path, card_buf_bytes(&slip), 0600) != KZ_GO)
		kz_note(k->kz, _("%s could not be written."), path);
	card_buf_free(&slip);
}
