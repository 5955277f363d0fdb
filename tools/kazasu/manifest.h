/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h — a folder of files with a signed list of them: backups, and bundles for auditors.
 *
 * manifest.txt: a first line that says what it is, lines "key value", then "sha256 NAME HEX" for
 * each file; manifest.sig: the signature of the checkpoint key over it (cardflow/journal.h).
 */
#ifndef KAZASU_MANIFEST_H
#define KAZASU_MANIFEST_H

#include "desk.h"

#include <card/bytes.h>

/* One more file of the folder: its digest. CARD_ERR_IO. */
enum card_error kz_manifest_file(card_buf_t *text, const char *folder, const char *name);
/* A line "key value". */
enum card_error kz_manifest_line(card_buf_t *text, const char *key, const char *value);
/* Sign and write both files, mode 0400. */
enum card_error kz_manifest_write(const card_buf_t *text, const char *folder, const journal_t *j);

/*
 * Read it: first line, signature and every digest are right. text: ends with NUL; to be freed.
 * CARD_ERR_NOT_FOUND: there is none; CARD_ERR_SIGNATURE: altered, or signed by another key;
 * CARD_ERR_IO: the key cannot be read.
 */
enum card_error kz_manifest_read(const char *folder, const char *first, const char *public_key,
				 card_buf_t *text);
/* The value of a key, cut to room. False if there is none. */
bool kz_manifest_get(const card_buf_t *text, const char *key, char *out, size_t room);

/* Copy a file (mode as told), synced. CARD_ERR_NOT_FOUND: there is no such file. */
enum card_error kz_copy_file(const char *from, const char *to, unsigned mode);

#endif
