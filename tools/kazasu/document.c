/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <errno.h>
#include <string.h>

#include "output.h"
#include "place.h"

/* Only what takes long is worth a line, and one for each piece of that is enough. */
#define LONG_FILE (UINT64_C(256) << 20)
#define LONG_STEP (UINT64_C(64) << 20)

static void progress(void *ctx, uint64_t done, uint64_t all)
{
	struct kz *kz = ctx;

	if (all < LONG_FILE || done / LONG_STEP == kz->told)
		return;
	kz->told = done / LONG_STEP;
	if (kz->told > 0)
		kz_note(kz, _("%llu of %llu MiB"), (unsigned long long)(done >> 20),
			(unsigned long long)(all >> 20));
}

void kz_document_follow(struct kz *kz, flow_file_t *file)
{
	flow_file_progress(file, progress, kz);
}

int kz_document_open(struct kz *kz, const char *path, flow_file_t **out)
{
	char message[KZ_PATH_MAX + 128];
	struct kz_failure f = {.exit = KZ_NO_INPUT, .message = message, .hint = ""};

	f.error = flow_file_open(out, path);
	if (f.error == CARD_OK) {
		kz_document_follow(kz, *out);
		return KZ_GO;
	}
	if (f.error == CARD_ERR_UNSUPPORTED)
		snprintf(message, sizeof message, _("%s is no regular file."), path);
	else
		snprintf(message, sizeof message, _("%s cannot be read: %s"), path,
			 strerror(errno));
	return kz_fail(kz, &f);
}

int kz_tsa_trust(struct kz *kz, const char *path, flow_tsa_trust_t **out)
{
	char message[KZ_PATH_MAX + 128];
	struct kz_failure f = {.message = message, .hint = "", .exit = KZ_NO_INPUT};

	*out = NULL;
	if (path == NULL)
		return KZ_GO;
	f.error = flow_tsa_trust_new(out);
	if (f.error == CARD_OK)
		f.error = flow_tsa_trust_add_file(*out, path);
	if (f.error == CARD_OK)
		return KZ_GO;
	flow_tsa_trust_free(out);
	snprintf(message, sizeof message, _("There are no certificates in %s."), path);
	return kz_fail(kz, &f);
}

enum card_error kz_revocation(void *ctx, const card_cert_t *cert, const card_cert_t *issuer,
			      int64_t at, struct card_revocation_answer *out)
{
	return card_verify_revocation(ctx, cert, issuer, at, card_bytes(NULL, 0), out);
}
