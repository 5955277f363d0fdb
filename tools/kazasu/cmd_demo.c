/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_demo.c — the whole way once, on the published test person.
 *
 * Every step runs the command a person would type. The secrets are the published ones of the test
 * persona, so the demo works with the virtual card only and never presents anything to another.
 */
#include "commands.h"
#include "demo_kiosk.h"
#include "demo_sign.h"
#include "desk.h"
#include "file.h"
#include "options.h"
#include "output.h"
#include "place.h"
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* card-spec 10.1 */
#define NUMBER_B      "55021720352285\n"
#define SIGN_PASSWORD "ABC123\n"
/* Of the demo's own counter, which holds nothing but this check. */
#define PASSWORD "kazasu-hanabi-2026\n"
/* The published PIN for user authentication. */
#define PIN "1234\n"

struct demo {
	struct kz *kz;
	const char *folder, *reader;
	unsigned step;
	int status; /* exit code of the last command */
};

static void head(struct demo *d, const char *what)
{
	kz_say(d->kz, "\n%u. %s\n", ++d->step, what);
}

static void path_of(const struct demo *d, const char *name, char *out)
{
	snprintf(out, KZ_PATH_MAX, "%s/%s", d->folder, name);
}

static int fail(struct demo *d, const char *what, enum card_error err)
{
	const struct kz_failure f = {.error = err, .exit = KZ_INTERNAL, .message = what};

	return kz_fail(d->kz, &f);
}

static int shown(const struct demo *d)
{
	return d->kz->opt.json ? STDERR_FILENO : STDOUT_FILENO;
}

/* Run this program again. `to`: where what is shown goes; -1: into out with the rest. */
static int command_to(struct demo *d, const char *const *words, const char *input, card_buf_t *out,
		      int accepted, int to)
{
	const char *argv[24] = {
		"/proc/self/exe", "--lang",  d->kz->lang == CARD_LANG_JA ? "ja" : "en",
		"--reader",       d->reader, "--test-roots"};
	size_t n = 6;
	enum card_error err;
	int status = 0;

	kz_say(d->kz, "$ kazasu --reader %s --test-roots", d->reader);
	for (size_t i = 0; words[i] != NULL && n + 1 < sizeof argv / sizeof *argv; i++) {
		argv[n++] = words[i];
		kz_say(d->kz, " %s", words[i]);
	}
	argv[n] = NULL;
	kz_say(d->kz, "\n");
	err = kz_run(argv, input, out, to, &status);
	if (err != CARD_OK)
		return fail(d, _("A step could not be run."), err);
	d->status = status;
	return status == KZ_DONE || status == accepted
		       ? KZ_GO
		       : fail(d, _("A step failed."), CARD_ERR_INTERNAL);
}

static int command(struct demo *d, const char *const *words, const char *input, card_buf_t *out,
		   int accepted)
{
	return command_to(d, words, input, out, accepted, shown(d));
}

/* What it says is shown only if it fails. */
static int silent_command(struct demo *d, const char *const *words, const char *input)
{
	card_buf_t said = {0};
	const int rc = command_to(d, words, input, &said, KZ_DONE, -1);

	if (rc != KZ_GO)
		kz_say(d->kz, "%.*s", (int)said.n, said.p != NULL ? (const char *)said.p : "");
	card_buf_free(&said);
	return rc;
}

/* A path below the current folder as a person would type it. */
static const char *from_here(const char *path)
{
	char here[KZ_PATH_MAX];
	size_t n;

	if (getcwd(here, sizeof here) == NULL)
		return path;
	n = strlen(here);
	return strncmp(path, here, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

/* The revocation lists of the test CAs into a store of the demo's own. */
static int lists(struct demo *d)
{
	char store[KZ_PATH_MAX], fixtures[KZ_PATH_MAX], list[KZ_PATH_MAX + 32];
	const char *const words[] = {"crl", "import", "--store", store, list, NULL};
	card_buf_t quiet = {0};
	int rc;

	path_of(d, "store", store);
	if (!kz_place_fixtures(fixtures, sizeof fixtures))
		return fail(d, _("The test data of this tree is not there."), CARD_ERR_NOT_FOUND);
	/* The list of the municipality that the published card comes from. */
	snprintf(list, sizeof list, "%s/crl/auth-2-13221.crl", from_here(fixtures));
	rc = command(d, words, NULL, &quiet, KZ_DONE);
	card_buf_free(&quiet);
	return rc;
}

/* A counter of the demo's own, new at every run. */
static int counter(struct demo *d)
{
	static const char *const login[] = {"login", "demo", "--pin-fd", "3", NULL};
	char folder[KZ_PATH_MAX], desk[KZ_PATH_MAX + 16];
	card_buf_t quiet = {0};
	int rc;

	if (realpath(d->folder, folder) == NULL || strlen(folder) + 48 > sizeof folder)
		return fail(d, _("A step could not be run."), CARD_ERR_IO);
	memcpy(folder + strlen(folder), "/counter", sizeof "/counter");
	snprintf(desk, sizeof desk, "%s/kazasu/desk", folder);
	kz_desk_remove_folder(desk);
	if (setenv("XDG_STATE_HOME", folder, 1) != 0)
		return fail(d, _("A step could not be run."), CARD_ERR_NO_MEMORY);
	rc = command(d, login, PASSWORD, &quiet, KZ_DONE);
	card_buf_free(&quiet);
	return rc;
}

static int identify(struct demo *d)
{
	char photo[KZ_PATH_MAX], json_file[KZ_PATH_MAX], store[KZ_PATH_MAX], report[KZ_PATH_MAX];
	const char *const words[] = {"identify", "--procedure", "koza",    "--face", "same",
				     "--pin-fd", "3",           "--photo", photo,    "--report",
				     report,     "--store",     store,     "--json", NULL};
	card_buf_t json = {0};
	int rc;

	path_of(d, "photo.png", photo);
	path_of(d, "identify.json", json_file);
	path_of(d, "identify.pdf", report);
	path_of(d, "store", store);
	rc = command(d, words, NUMBER_B, &json, KZ_DONE);
	if (rc == KZ_GO)
		rc = kz_file_write(d->kz, json_file, card_buf_bytes(&json), 0600);
	card_buf_free(&json);
	return rc;
}

/* What the journal says of it, and that nobody changed it. */
static int journal(struct demo *d)
{
	static const char *const show[] = {"journal", "show", "--event", "identity-check", NULL};
	static const char *const verify[] = {"journal", "verify", NULL};
	char path[KZ_PATH_MAX];
	card_buf_t text = {0};
	int rc = command(d, show, NULL, &text, KZ_DONE);

	path_of(d, "journal.txt", path);
	if (rc == KZ_GO)
		rc = kz_file_write(d->kz, path, card_buf_bytes(&text), 0600);
	if (rc == KZ_GO)
		kz_say(d->kz, "%.*s", (int)text.n, text.p != NULL ? (const char *)text.p : "");
	card_buf_free(&text);
	return rc == KZ_GO ? command(d, verify, NULL, NULL, KZ_DONE) : rc;
}

static int pictures(struct demo *d)
{
	char name[KZ_PATH_MAX], address[KZ_PATH_MAX];
	const char *const words[] = {"face",  "--name",   name, "--address",
				     address, "--pin-fd", "3",  NULL};
	card_buf_t quiet = {0};
	int rc;

	path_of(d, "name.png", name);
	path_of(d, "address.png", address);
	rc = command(d, words, NUMBER_B, &quiet, KZ_DONE);
	card_buf_free(&quiet);
	return rc;
}

/* A step that another program does: what it says is shown as far as `show` picks it. */
static int foreign(struct demo *d, const char *const *words, const char *accepts,
		   const char *const *show)
{
	card_buf_t said = {0};
	int status = 0;
	enum card_error err;
	const char *line, *rest;
	bool accepted = false;

	kz_say(d->kz, "$");
	for (size_t i = 0; words[i] != NULL; i++)
		kz_say(d->kz, " %s", words[i]);
	kz_say(d->kz, "\n");
	err = kz_run(words, NULL, &said, -1, &status);
	if (err == CARD_OK)
		err = card_buf_append_byte(&said, '\0');
	for (rest = line = (const char *)said.p; err == CARD_OK && *rest != '\0'; line = rest) {
		const size_t n = strcspn(line, "\n");

		rest = line + n + (line[n] == '\n');
		accepted = accepted || memmem(line, n, accepts, strlen(accepts)) != NULL;
		for (size_t i = 0; show[i] != NULL; i++) {
			if (memmem(line, n, show[i], strlen(show[i])) != NULL)
				kz_say(d->kz, "%.*s\n", (int)n, line);
		}
	}
	card_buf_free(&said);
	if (err == CARD_ERR_NOT_FOUND)
		return fail(d, _("The program that verifies is not installed (openssl, pdfsig)."),
			    err);
	if (err != CARD_OK || status != 0 || !accepted)
		return fail(d, _("Another program does not accept the signature."),
			    CARD_ERR_SIGNATURE);
	return KZ_GO;
}

/* A PDF and a text signed with the card; programs that know nothing of this one verify them. */
static int sign(struct demo *d)
{
	char document[KZ_PATH_MAX], message[KZ_PATH_MAX], pdf[KZ_PATH_MAX], p7s[KZ_PATH_MAX];
	char fixtures[KZ_PATH_MAX], ca[KZ_PATH_MAX + 32];
	const char *const sign_pdf[] = {"sign",     document, "-o",       pdf, "--visible",
					"1,108,40", "--yes",  "--pin-fd", "3", NULL};
	const char *const sign_text[] = {"sign",  message,    "--detached", "-o", p7s,
					 "--yes", "--pin-fd", "3",          NULL};
	const char *const pdfsig[] = {"pdfsig", "-nocert", pdf, NULL};
	const char *const openssl[] = {"openssl", "cms",       "-verify", "-cades",   "-inform",
				       "DER",     "-in",       p7s,       "-content", message,
				       "-binary", "-CAfile",   ca,        "-purpose", "any",
				       "-out",    "/dev/null", NULL};
	static const char *const of_pdfsig[] = {"Signature Validation", NULL};
	static const char *const of_openssl[] = {"CAdES", NULL};
	int rc;

	path_of(d, "document.pdf", document);
	path_of(d, "message.txt", message);
	path_of(d, "signed.pdf", pdf);
	path_of(d, "signed.p7s", p7s);
	if (!kz_place_fixtures(fixtures, sizeof fixtures))
		return fail(d, _("The test data of this tree is not there."), CARD_ERR_NOT_FOUND);
	snprintf(ca, sizeof ca, "%s/trust/sign-2.pem", from_here(fixtures));
	rc = demo_write(d->kz, document, message);
	if (rc == KZ_GO)
		rc = silent_command(d, sign_pdf, SIGN_PASSWORD);
	if (rc == KZ_GO)
		rc = foreign(d, pdfsig, "Signature is Valid", of_pdfsig);
	if (rc == KZ_GO)
		rc = silent_command(d, sign_text, SIGN_PASSWORD);
	if (rc == KZ_GO)
		rc = foreign(d, openssl, "CAdES Verification successful", of_openssl);
	return rc;
}

/* The receipt that a terminal gives, of all that it said. */
static void show_receipt(const struct demo *d, const card_buf_t *said)
{
	const char *receipt = _("RECEIPT");
	const char *at = said->n > 0 ? memmem(said->p, said->n, receipt, strlen(receipt)) : NULL;
	const size_t left = at != NULL ? said->n - (size_t)(at - (const char *)said->p) : 0;
	const char *end = at != NULL ? memmem(at, left, "\n\n", 2) : NULL;

	if (end != NULL)
		kz_say(d->kz, "%.*s\n", (int)(end - at), at);
}

/* One resident's certificate at a terminal, and its paper proven. */
static int certificate(struct demo *d)
{
	char front[KZ_PATH_MAX], back[KZ_PATH_MAX], tmp[KZ_PATH_MAX + 16];
	struct demo_kiosk *place = calloc(1, sizeof *place);
	const char *issue[] = {"kiosk",    "issue",  "--config", NULL, "--municipality",
			       "13221",    "--kind", "juminhyo", "-o", d->folder,
			       "--pin-fd", "3",      NULL};
	const char *const verify[] = {"paper", "verify", back, "--front", front, NULL};
	card_buf_t said = {0};
	int rc = KZ_GO;

	path_of(d, "paper-front.png", front);
	path_of(d, "paper-back.png", back);
	if (place == NULL || !demo_kiosk_begin(place, d->folder)) {
		rc = fail(d, _("The demo's municipality and centre did not start."),
			  CARD_ERR_INTERNAL);
	} else {
		issue[3] = from_here(place->config);
		snprintf(tmp, sizeof tmp, "%s/tmp", place->folder);
		rc = setenv("TMPDIR", tmp, 1) == 0 ? command(d, issue, PIN, &said, KZ_DONE)
						   : kz_fail_error(d->kz, CARD_ERR_NO_MEMORY);
		unsetenv("TMPDIR");
		show_receipt(d, &said);
		card_buf_free(&said);
	}
	if (place != NULL)
		demo_kiosk_end(place);
	free(place);
	return rc == KZ_GO ? command(d, verify, NULL, NULL, KZ_DONE) : rc;
}

static int run(struct demo *d)
{
	static const char *const status[] = {"status", NULL};
	int rc;

	kz_say(d->kz, _("Kazasu on the published test card (virtual; no real person). All of it is "
			"marked as a test.\n"));
	head(d, _("Which card is this? No secret, no try used."));
	rc = command(d, status, NULL, NULL, KZ_DONE);
	if (rc == KZ_GO) {
		head(d, _("At a counter: is it genuine and in force, and is this its holder?"));
		rc = lists(d);
		if (rc == KZ_GO)
			rc = counter(d);
		if (rc == KZ_GO)
			rc = identify(d);
		if (rc == KZ_GO)
			rc = pictures(d);
	}
	if (rc == KZ_GO) {
		head(d, _("What the journal says of it, and whether the journal is whole."));
		rc = journal(d);
	}
	if (rc == KZ_GO) {
		head(d, _("The card signs a PDF and a text; other programs verify them."));
		rc = sign(d);
	}
	if (rc == KZ_GO) {
		head(d,
		     _("At a terminal: a copy of the resident record, and the proof of its paper."));
		rc = certificate(d);
	}
	if (rc != KZ_GO)
		return rc;
	kz_say(d->kz,
	       _("\nEvery step was done. Files in %s: identify.json identify.pdf journal.txt photo.png "
		 "name.png address.png document.pdf signed.pdf message.txt signed.p7s certificate.pdf "
		 "paper-front.png paper-back.png receipt.txt\n"),
	       d->folder);
	return KZ_DONE;
}

int cmd_demo(struct kz *kz)
{
	struct demo d = {.kz = kz, .folder = "out", .reader = "sim:test-person"};
	const struct kz_option options[] = {
		{"output", 'o', N_("DIR"), &d.folder, NULL, N_("where the files go (out)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"[-o DIR]",
		N_("Runs status, a check at a counter with its journal, face, a signature and the issue of a "
		   "certificate on the published test card and leaves the results in DIR. Works with sim: only: its secrets are public."),
		options, 0, 0};
	char message[KZ_PATH_MAX + 128];
	size_t n;
	int rc = kz_options(kz, &usage, NULL, &n);

	if (rc != KZ_GO)
		return rc;
	if (kz->opt.reader != NULL)
		d.reader = kz->opt.reader;
	if (strncmp(d.reader, "sim:", 4) != 0)
		return kz_fail_refused(kz, "",
				       _("The demo presents published secrets; on another "
					 "card they would cost tries. It takes sim: only."));
	if (strlen(d.folder) + 32 > KZ_PATH_MAX)
		return kz_fail_error(kz, CARD_ERR_TOO_LONG);
	if (mkdir(d.folder, 0700) != 0 && errno != EEXIST) {
		const struct kz_failure f = {
			.error = CARD_ERR_IO, .exit = KZ_CANNOT_WRITE, .message = message};

		snprintf(message, sizeof message, _("%s cannot be written: %s"), d.folder,
			 strerror(errno));
		return kz_fail(kz, &f);
	}
	rc = run(&d);
	kz_json(kz, json_pack("{s:s, s:b}", "folder", d.folder, "done", rc == KZ_DONE));
	return rc;
}
