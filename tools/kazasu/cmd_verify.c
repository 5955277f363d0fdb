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

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FILES_MAX 4096u

/* What is done over all files of one call. */
struct batch {
	struct kz *kz;
	const struct flow_verify *how;
	const char *content_path;
	const flow_file_t *content;
	flow_sheet_t *sheet; /* NULL: no report is asked for */
	json_t *list;
	size_t nth, n;
	time_t told; /* when progress was last told */
	bool begun;  /* the report has a page */
	bool invalid, undetermined, unread;
};

/* Progress over many files: a line every two seconds. */
static void tell_progress(struct batch *b)
{
	const time_t now = time(NULL);

	if (b->n > 1 && now - b->told >= 2) {
		kz_note(b->kz, _("%zu of %zu files"), b->nth, b->n);
		b->told = now;
	}
}

/* Among many files one that cannot be read is told in its place; the others are looked at. */
static int unread(struct batch *b, const char *path, enum card_error err)
{
	const char *message =
		err == CARD_ERR_UNSUPPORTED ? _("is no regular file") : strerror(errno);
	char *clean = kz_printable(path, strlen(path));

	kz_note(b->kz, "%s: %s", clean != NULL ? clean : "", message);
	free(clean);
	json_array_append_new(b->list, json_pack("{s:s, s:{s:s, s:s}}", "file", path, "error",
						 "code", card_error_name(err), "message", message));
	b->unread = true;
	return KZ_GO;
}

static int verify_one(struct batch *b, const char *path)
{
	struct flow_report report;
	flow_file_t *file = NULL;
	enum card_error err;
	int rc;

	if (b->n > 1) {
		err = flow_file_open(&file, path);
		if (err != CARD_OK)
			return unread(b, path, err);
		kz_document_follow(b->kz, file);
	} else {
		rc = kz_document_open(b->kz, path, &file);
		if (rc != KZ_GO)
			return rc;
	}
	err = flow_verify(file, b->content, b->how, &report);
	if (err == CARD_OK) {
		kz_report_say(b->kz, path, &report);
		json_array_append_new(b->list, kz_report_json(b->kz, path, &report));
		if (b->sheet != NULL && b->begun)
			flow_sheet_page(b->sheet);
		b->begun = true;
		if (b->sheet != NULL)
			kz_report_sheet(b->kz, b->sheet, path, file, b->content_path, &report);
		b->invalid = b->invalid || report.verdict == CARD_VERDICT_INVALID;
		b->undetermined = b->undetermined || report.verdict == CARD_VERDICT_UNDETERMINED;
		flow_report_free(&report);
	}
	flow_file_free(&file);
	return err == CARD_OK ? KZ_GO : kz_fail_error(b->kz, err);
}

static int new_sheet(struct batch *b)
{
	char when[26], foot[128];

	if (flow_sheet_new(&b->sheet, _("Report on electronic signatures"), b->kz->lang) != CARD_OK)
		return kz_fail_error(b->kz, CARD_ERR_NO_MEMORY);
	card_time_format_japan(b->how->at, when);
	snprintf(foot, sizeof foot, _("Kazasu %s – verified as of %s"), KAZASU_VERSION, when);
	flow_sheet_foot(b->sheet, foot);
	return KZ_GO;
}

static int finish(struct batch *b, const char *report)
{
	const int rc = report != NULL ? kz_sheet_write(b->kz, b->sheet, report) : KZ_GO;

	if (rc != KZ_GO)
		return rc;
	if (report != NULL)
		kz_note(b->kz, _("Report: %s"), report);
	kz_json(b->kz, json_pack("{s:O}", "files", b->list));
	return b->invalid        ? KZ_INVALID
	       : b->unread       ? KZ_NO_INPUT
	       : b->undetermined ? KZ_UNDETERMINED
				 : KZ_DONE;
}

static int run(struct kz *kz, const char *const *files, size_t n, const char *content_path,
	       const char *report, struct flow_verify *how)
{
	struct kz_attachments attachments = {NULL, NULL, 0};
	struct batch b = {.kz = kz, .how = how, .list = json_array(), .n = n, .told = time(NULL)};
	flow_file_t *content = NULL;
	struct stat st;
	int rc = KZ_GO;

	if (content_path != NULL && stat(content_path, &st) == 0 && S_ISDIR(st.st_mode)) {
		rc = kz_attachments_of_folder(kz, content_path, &attachments);
		how->attachments = attachments.item;
		how->n_attachments = attachments.n;
	} else if (content_path != NULL) {
		rc = kz_document_open(kz, content_path, &content);
		b.content = content;
		b.content_path = content_path;
	}
	if (rc == KZ_GO && report != NULL)
		rc = new_sheet(&b);
	for (; rc == KZ_GO && b.nth < n; b.nth++) {
		rc = verify_one(&b, files[b.nth]);
		tell_progress(&b);
	}
	if (rc == KZ_GO)
		rc = finish(&b, report);
	flow_sheet_free(&b.sheet);
	flow_file_free(&content);
	kz_attachments_free(&attachments);
	json_decref(b.list);
	return rc;
}

int cmd_verify(struct kz *kz)
{
	static const char *files[FILES_MAX];
	const char *content = NULL, *require = NULL, *tsa = NULL, *report = NULL;
	bool ocsp = false;
	const struct kz_option options[] = {
		{"content", 0, N_("FILE|DIR"), &content, NULL,
		 N_("what a detached signature is over; for XML the folder of its attachments")},
		{"require", 0, "cades|pades", &require, NULL,
		 N_("refuse signatures below this level")},
		{"tsa-trust", 0, N_("FILE"), &tsa, NULL,
		 N_("roots of time-stamping authorities, PEM")},
		{"report", 0, "OUT.pdf|OUT.html", &report, NULL,
		 N_("write what was found as a page for each file")},
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
	if (report != NULL && !kz_sheet_check(kz, report, &rc))
		return rc;
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
		rc = run(kz, files, n, content, report, &how);
	}
	card_verify_free(&revocation);
	card_trust_free(&trust);
	flow_tsa_trust_free(&tsa_trust);
	return rc;
}
