/* SPDX-License-Identifier: Apache-2.0 */
/* pictures.h — the pictures of a face record, written as PNG files. */
#ifndef KAZASU_PICTURES_H
#define KAZASU_PICTURES_H

#include "kazasu.h"

#include <card/surface.h>

/* Where each goes; NULL: not wanted. */
struct kz_pictures {
	const char *photo, *name, *address;
};

/* Refuse what cannot be written, before a secret is used. KZ_GO, or the exit code. */
int kz_pictures_check(struct kz *kz, const struct kz_pictures *to);

/* Decode, check and write them (mode 0600). KZ_GO, or the exit code. */
int kz_pictures_write(struct kz *kz, const struct kz_pictures *to,
		      const struct card_surface_face *face);

#endif
