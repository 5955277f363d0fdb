/* SPDX-License-Identifier: Apache-2.0 */
/* sign_show.c — what is signed besides the document itself, shown before the password. */
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "sign.h"

static int show_file(struct kz *kz, const struct flow_attachment *a)
{
	const struct flow_range all = {0, flow_file_bytes(a->file).n};
	uint8_t digest[CARD_HASH_MAX];
	char hex[65] = "", *clean = kz_printable(a->uri, strlen(a->uri));
	enum card_error err = flow_file_digest(a->file, CARD_HASH_SHA256, &all, 1, digest);

	for (size_t i = 0; err == CARD_OK && i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	if (err == CARD_OK) {
		kz_note(kz, _("And with it: %s, %llu bytes"), clean != NULL ? clean : "",
			(unsigned long long)all.length);
		kz_note(kz, "  SHA-256 %s", hex);
	}
	free(clean);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

int kz_sign_show(struct kz *kz, const struct sign_options *o)
{
	char *clean = o->ids != NULL ? kz_printable(o->ids, strlen(o->ids)) : NULL;
	int rc = KZ_GO;

	if (clean != NULL)
		kz_note(kz, _("Of the document only the elements: %s"), clean);
	free(clean);
	for (size_t i = 0; rc == KZ_GO && i < o->attachments.n; i++)
		rc = show_file(kz, &o->attachments.item[i]);
	return rc;
}
