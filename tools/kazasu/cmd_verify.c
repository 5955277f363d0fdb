/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_verify.c — verify signed documents. No card; the network only with --ocsp.
 *
 * Without fresh revocation information every verdict is at best "undetermined" (rules PD-24).
 */
#include "commands.h"
#include "document.h"
#include "options.h"
#include "output.h"
#include "pki.h"
#include "sign.h"

#include <string.h>
#include <sys/stat.h>

#define FILES_MAX 256u

struct tally {
	bool invalid, undetermined;
};

static void progress(void *ctx, uint64_t done, uint64_t all)
{
	const struct kz *kz = ctx;

	/* Only what takes long is worth a line. */
	if (all >= UINT64_C(256) << 20 && done % (UINT64_C(64) << 20) == 0)
		kz_note(kz, _("%llu of %llu MiB"), (unsigned long long)(done >> 20),
			(unsigned long long)(all >> 20));
}

static int verify_one(struct kz *kz, const char *path, const flow_file_t *content,
		      const struct flow_verify *how, json_t *list, struct tally *tally)
{
	struct flow_report report;
	flow_file_t *file = NULL;
	enum card_error err;
	int rc = kz_document_open(kz, path, &file);

	if (rc != KZ_GO)
		return rc;
	flow_file_progress(file, progress, kz);
	err = flow_verify(file, content, how, &report);
	if (err == CARD_OK) {
		kz_report_say(kz, path, &report);
		json_array_append_new(list, kz_report_json(kz, path, &report));
		tally->invalid = tally->invalid || report.verdict == CARD_VERDICT_INVALID;
		tally->undetermined =
			tally->undetermined || report.verdict == CARD_VERDICT_UNDETERMINED;
		flow_report_free(&report);
	}
	flow_file_free(&file);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

static int run(struct kz *kz, const char *const *files, size_t n, const char *content_path,
	       struct flow_verify *how)
{
	struct tally tally = {false, false};
	struct kz_attachments attachments = {NULL, NULL, 0};
	flow_file_t *content = NULL;
	struct stat st;
	json_t *list = json_array();
	int rc = KZ_GO;

	if (content_path != NULL && stat(content_path, &st) == 0 && S_ISDIR(st.st_mode)) {
		rc = kz_attachments_of_folder(kz, content_path, &attachments);
		how->attachments = attachments.item;
		how->n_attachments = attachments.n;
	} else if (content_path != NULL) {
		rc = kz_document_open(kz, content_path, &content);
	}
	for (size_t i = 0; rc == KZ_GO && i < n; i++)
		rc = verify_one(kz, files[i], content, how, list, &tally);
	flow_file_free(&content);
	kz_attachments_free(&attachments);
	if (rc != KZ_GO) {
		json_decref(list);
		return rc;
	}
	kz_json(kz, json_pack("{s:o}", "files", list));
	return tally.invalid ? KZ_INVALID : tally.undetermined ? KZ_UNDETERMINED : KZ_DONE;
}

int cmd_verify(struct kz *kz)
{
	const char *files[FILES_MAX], *content = NULL, *require = NULL, *tsa = NULL;
	bool ocsp = false;
	const struct kz_option options[] = {
		{"content", 0, N_("FILE|DIR"), &content, NULL,
		 N_("what a detached signature is over; for XML the folder of its attachments")},
		{"require", 0, "cades|pades", &require, NULL,
		 N_("refuse signatures below this level")},
		{"tsa-trust", 0, N_("FILE"), &tsa, NULL,
		 N_("roots of time-stamping authorities, PEM")},
		{"ocsp", 0, NULL, NULL, &ocsp,
		 N_("ask the authority's responder, if the store has no answer")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"FILE…",
		N_("Verifies signed files: CMS (.p7s, .p7m), PDF and XML. For each it says what was "
		   "signed, by whom, and whether that holds, with every reason. Without fresh "
		   "revocation information the answer is \"undetermined\", never \"valid\"."),
		options, 1, FILES_MAX};
	struct flow_verify how = {.at = 0};
	card_trust_t *trust = NULL;
	card_verify_t *revocation = NULL;
	flow_tsa_trust_t *tsa_trust = NULL;
	size_t n;
	int rc = kz_options(kz, &usage, files, &n);

	if (rc != KZ_GO)
		return rc;
	if (require != NULL && strcmp(require, "cades") == 0)
		how.flags = FLOW_REQUIRE_CADES;
	else if (require != NULL && strcmp(require, "pades") == 0)
		how.flags = FLOW_REQUIRE_PADES;
	else if (require != NULL)
		return kz_fail_usage(kz, _("--require takes cades or pades."));
	rc = kz_trust_open(kz, &trust);
	if (rc == KZ_GO)
		rc = kz_verify_open(kz, trust, ocsp, NULL, &revocation);
	if (rc == KZ_GO)
		rc = kz_tsa_trust(kz, tsa, &tsa_trust);
	if (rc == KZ_GO) {
		how.trust = trust;
		how.tsa_trust = tsa_trust;
		how.revocation = kz_revocation;
		how.revocation_ctx = revocation;
		how.at = kz_now(kz);
		rc = run(kz, files, n, content, &how);
	}
	card_verify_free(&revocation);
	card_trust_free(&trust);
	flow_tsa_trust_free(&tsa_trust);
	return rc;
}
