/* SPDX-License-Identifier: Apache-2.0 */
/* file.h — writing results. */
#ifndef KAZASU_FILE_H
#define KAZASU_FILE_H

#include "kazasu.h"

#include <card/bytes.h>

/*
 * Write a file whole or not at all: a new file in the same folder with this mode, synced, then
 * renamed. An existing file is replaced; a symbolic link, folder or device is refused.
 * KZ_GO, or the exit code.
 */
int kz_file_write(struct kz *kz, const char *path, struct card_bytes content, unsigned mode);

/* The same, with a function that writes the content; false: errno says why not. */
typedef bool kz_file_fill(void *ctx, int fd);
int kz_file_write_with(struct kz *kz, const char *path, kz_file_fill *fill, void *ctx,
		       unsigned mode);

/* Write all of it to a descriptor. */
bool kz_file_put(int fd, struct card_bytes content);

/* True if the path may be written as above as far as can be told without doing it: asked before
 * a secret is used. Otherwise the failure is reported and *rc set. */
bool kz_file_check(struct kz *kz, const char *path, int *rc);

#endif
