/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_erase.c — what was in memory is gone, and this is looked at, not assumed (flows K40). */
#include "kiosk.h"

#include <dlfcn.h>
#include <malloc.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <poppler.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <card/secret.h>
#include <cardflow/issue_message.h>

#include "file.h"
#include "output.h"

#define SPOOL   "/var/spool/cups"
#define PIECE   18u /* bytes of a text; a multiple of 3, so that kanji stay whole */
#define WINDOWS 6u  /* of each part of a document */

void kiosk_lock_memory(struct kiosk *k)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	kiosk_free_wipes();
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
		munlockall();
		kz_note(k->kz,
			_("Memory could not be locked; a swap area may receive parts of it."));
	}
}

/* ---- what is looked for ---- */

/* The bytes, and the same as base64 text. */
static void watch_piece(struct kiosk *k, struct card_bytes all, size_t at)
{
	uint8_t text[4 * KIOSK_TRACE_LENGTH];
	size_t n;

	at -= at % 3;
	if (at >= all.n)
		return;
	n = all.n - at < KIOSK_TRACE_LENGTH ? all.n - at : KIOSK_TRACE_LENGTH;
	kiosk_traces_add(k->traces, card_bytes(all.p + at, n));
	EVP_EncodeBlock(text, all.p + at, (int)(n - n % 3));
	kiosk_traces_add(k->traces, card_bytes(text, (n - n % 3) / 3 * 4));
	card_wipe(text, sizeof text);
}

void kiosk_watch(struct kiosk *k, struct card_bytes secret)
{
	/* Of a certificate the last 256 bytes are its signature: nothing of it stands elsewhere. */
	static const size_t from_end[] = {KIOSK_TRACE_LENGTH + 3, 100, 200};

	if (k->traces == NULL)
		return;
	for (size_t i = 0; i < 3; i++)
		if (secret.n >= from_end[i])
			watch_piece(k, secret, secret.n - from_end[i]);
}

/* The words of the front, a line each; in a process of its own. */
static enum card_error read_words(void *ctx, card_buf_t *out)
{
	const struct card_bytes *pdf = ctx;
	void *library = dlopen("libpoppler-glib.so.8", RTLD_NOW);
	__typeof__(poppler_document_new_from_bytes) *open_pdf = NULL;
	__typeof__(poppler_document_get_n_pages) *pages = NULL;
	__typeof__(poppler_document_get_page) *page = NULL;
	__typeof__(poppler_page_get_text) *words = NULL;
	PopplerDocument *document;
	enum card_error err = CARD_OK;

	if (library == NULL)
		return CARD_ERR_UNSUPPORTED;
	*(void **)&open_pdf = dlsym(library, "poppler_document_new_from_bytes");
	*(void **)&pages = dlsym(library, "poppler_document_get_n_pages");
	*(void **)&page = dlsym(library, "poppler_document_get_page");
	*(void **)&words = dlsym(library, "poppler_page_get_text");
	if (open_pdf == NULL || pages == NULL || page == NULL || words == NULL)
		return CARD_ERR_UNSUPPORTED;
	document = open_pdf(g_bytes_new_static(pdf->p, pdf->n), NULL, NULL);
	if (document == NULL)
		return CARD_ERR_MALFORMED;
	for (int i = 0; err == CARD_OK && i < pages(document); i++) {
		const char *text = words(page(document, i));

		if (text != NULL)
			err = card_buf_append(out, card_bytes(text, strlen(text)));
	}
	return err;
}

/* The screen names the certificate too; nobody's name is that. */
static bool is_of_screen(const char *kind, struct card_bytes piece)
{
	const char *text = kind != NULL ? kiosk_kind(kind) : NULL;

	return text != NULL && memmem(text, strlen(text), piece.p, piece.n) != NULL;
}

static void watch_words(struct kiosk *k, const char *kind, struct card_bytes front)
{
	card_buf_t text = {0};

	if (kiosk_apart(read_words, &front, &text) != CARD_OK)
		k->scan_trusted = false; /* without knowing the names nothing is proven */
	for (size_t at = 0; at < text.n;) {
		const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
		const size_t n = (end != NULL ? (size_t)(end - text.p) : text.n) - at;

		for (size_t i = 0; i < n; i += PIECE) {
			const struct card_bytes piece =
				card_bytes(text.p + at + i, n - i < PIECE ? n - i : PIECE);

			if (!is_of_screen(kind, piece))
				kiosk_traces_add(k->traces, piece);
		}
		at += n + 1;
	}
	card_buf_free(&text);
}

void kiosk_watch_document(struct kiosk *k, struct card_bytes message)
{
	struct flow_issue_message m;

	if (k->traces == NULL || flow_issue_message_read(&m, message) != CARD_OK)
		return;
	/* The card is not needed any more (flows §1.7); a virtual one knows the same names. */
	kiosk_card_let_go(k);
	for (size_t i = 0; i < m.parts; i++) {
		const struct card_bytes part = m.part[i].bytes;

		for (size_t w = 0; part.n > 1024 && w < WINDOWS; w++)
			watch_piece(k, part, part.n / (WINDOWS + 1) * (w + 1));
	}
	if (flow_issue_message_part(&m, "front").n > 0)
		watch_words(k, flow_issue_text(m.json, "kind", 24),
			    flow_issue_message_part(&m, "front"));
	flow_issue_message_free(&m);
}

/* ---- is the scan to be believed ---- */

static const char *temporary(void)
{
	const char *folder = getenv("TMPDIR");

	return folder != NULL && *folder != '\0' ? folder : "/tmp";
}

/* A person who does not exist, different each time. */
static bool make_name(char out[80])
{
	uint8_t random[12];

	if (RAND_bytes(random, sizeof random) != 1)
		return false;
	memcpy(out, "検査　花子　", sizeof "検査　花子　");
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(out + strlen(out), 3, "%02x", random[i]);
	return true;
}

/* True if it is found there, and no more when it was taken away. */
static bool found_in_memory(struct kiosk *k, const char *name)
{
	char *planted = strdup(name);
	long before, after;

	if (planted == NULL)
		return false;
	before = kiosk_traces_in_memory(k->traces);
	card_wipe(planted, strlen(planted));
	free(planted);
	after = kiosk_traces_in_memory(k->traces);
	/* The caller's own copy is the other one. */
	return before == 2 && after == 1;
}

static bool found_in_folder(struct kiosk *k, const char *folder, const char *name)
{
	char path[KZ_PATH_MAX];
	int fd, n = snprintf(path, sizeof path, "%s/kazasu-XXXXXX", folder);
	bool found;

	if (n < 0 || (size_t)n >= sizeof path)
		return false;
	fd = mkstemp(path);
	if (fd < 0)
		return false;
	found = kz_file_put(fd, card_bytes(name, strlen(name))) &&
		kiosk_traces_in_folder(k->traces, folder, k->folder, k->since) == 1;
	close(fd);
	return unlink(path) == 0 && found &&
	       kiosk_traces_in_folder(k->traces, folder, k->folder, k->since) == 0;
}

bool kiosk_erase_prepare(struct kiosk *k)
{
	char name[80];

	k->since = (int64_t)time(NULL) - 1;
	if (k->traces == NULL)
		k->traces = kiosk_traces_new();
	if (k->traces == NULL || !make_name(name))
		return false;
	kiosk_traces_clear(k->traces);
	/* Behind the part that all of them share. */
	kiosk_traces_add(k->traces, card_bytes(name + sizeof "検査　花子　" - 1, 24));
	k->scan_trusted = found_in_memory(k, name) && found_in_folder(k, temporary(), name);
	card_wipe(name, sizeof name);
	kiosk_traces_clear(k->traces);
	return k->scan_trusted;
}

/* ---- the end ---- */

/* The spool of this machine is never used; one that cannot be looked at proves nothing of that if
 * something was printed over IPP. */
static long in_spool(struct kiosk *k)
{
	const long n = access(SPOOL, F_OK) == 0
			       ? kiosk_traces_in_folder(k->traces, SPOOL, k->folder, k->since)
			       : 0;

	return n < 0 && k->ipp == NULL ? 0 : n;
}

bool kiosk_erase(void *ctx)
{
	struct kiosk *k = ctx;
	long memory, files, spool;

	kiosk_card_close(k);
	kiosk_center_forget(k);
	malloc_trim(0);
	if (k->traces == NULL || !k->scan_trusted)
		return false;
	memory = kiosk_traces_in_memory(k->traces);
	files = kiosk_traces_in_folder(k->traces, temporary(), k->folder, k->since);
	spool = in_spool(k);
	if (k->kz->opt.verbose || memory != 0 || files != 0 || spool != 0)
		kz_note(k->kz,
			_("Looked for %zu pieces of the document and the card: %ld in memory, "
			  "%ld in temporary files, %ld in the spool."),
			kiosk_traces_count(k->traces), memory, files, spool);
	return memory == 0 && files == 0 && spool == 0;
}

void kiosk_traces_free(struct kiosk *k)
{
	if (k->traces != NULL)
		kiosk_traces_destroy(&k->traces);
}
