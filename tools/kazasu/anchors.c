/* SPDX-License-Identifier: Apache-2.0 */
#include "anchors.h"

#include "output.h"
#include "place.h"

int kz_anchors_cvca(struct kz *kz, card_cvca_t **out)
{
	char folder[KZ_PATH_MAX], path[KZ_PATH_MAX + 32], message[KZ_PATH_MAX + 128];
	struct kz_failure f = {.hint = ""};

	f.error = card_cvca_new(out, kz->opt.test_roots);
	if (f.error != CARD_OK)
		return kz_fail(kz, &f);
	/* An installation without test data still knows the published test keys. */
	if (!kz->opt.test_roots || !kz_place_fixtures(folder, sizeof folder))
		return KZ_GO;
	snprintf(path, sizeof path, "%s/trust/cv-ca.csv", folder);
	f.error = card_cvca_load(*out, path);
	if (f.error == CARD_OK)
		return KZ_GO;
	card_cvca_free(out);
	snprintf(message, sizeof message, _("The test keys in %s cannot be used."), path);
	f.message = message;
	f.exit = f.error == CARD_ERR_IO ? KZ_NO_INPUT : KZ_BAD_DATA;
	return kz_fail(kz, &f);
}
