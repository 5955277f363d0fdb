/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picture.h — the pictures on a card face (card-spec 3.3): text as 1-bit PNG, an
 * invented face as greyscale JPEG 2000.
 *
 * Pictures are kept in FIXTURES/pictures under a name made from their content,
 * so that drawing happens once.
 */
#ifndef SIM_PICTURE_H
#define SIM_PICTURE_H

#include "persona.h"

enum sim_picture {
	SIM_PICTURE_NAME,
	SIM_PICTURE_ADDRESS,
	SIM_PICTURE_NUMBER, /* 72 × 12 */
	SIM_PICTURE_CODE,   /* 24 × 12 */
	SIM_PICTURE_FACE    /* 240 × 320, JP2 */
};

/* Append the file to out. false: no font, no memory. */
bool sim_put_picture(struct sim_buf *out, const struct sim_home *home, enum sim_picture which,
		     const struct sim_persona *p);

/* The drawing behind it (picture.c draws text, face.c the face). */
bool sim_draw_text(struct sim_buf *png, const char *text, int width, int size);
bool sim_draw_face(struct sim_buf *jp2, const uint8_t seed[32], bool woman, bool child);

#endif
