/* SPDX-License-Identifier: Apache-2.0 */
#include "demo_sign.h"

#include <cardflow/report.h>

#include "document.h"
#include "file.h"
#include "output.h"

static const char message[] = "私はこの文書に同意します。 / I agree to this document.\n";

int demo_write(struct kz *kz, const char *pdf, const char *text)
{
	flow_sheet_t *sheet = NULL;
	int rc = kz_file_write(kz, text, card_bytes(message, sizeof message - 1), 0600);

	if (rc != KZ_GO)
		return rc;
	if (flow_sheet_new(&sheet, _("Letter of consent (sample)"), kz->lang) != CARD_OK)
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	flow_sheet_mark(sheet, _("TEST"));
	flow_sheet_text(sheet, message);
	rc = kz_sheet_write(kz, sheet, pdf);
	flow_sheet_free(&sheet);
	return rc;
}
