/* SPDX-License-Identifier: Apache-2.0 */
#include "pictures.h"

#include "file.h"
#include "image.h"
#include "output.h"

#define PRIVATE 0600u

int kz_pictures_check(struct kz *kz, const struct kz_pictures *to)
{
	const char *paths[] = {to->photo, to->name, to->address};
	int rc;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (paths[i] != NULL && !kz_file_check(kz, paths[i], &rc))
			return rc;
	}
	return KZ_GO;
}

static int fail(struct kz *kz, enum card_error err, const char *message)
{
	const struct kz_failure f = {.error = err, .exit = KZ_BAD_DATA, .message = message};

	return kz_fail(kz, &f);
}

static int write_photo(struct kz *kz, const char *path, struct card_bytes jp2)
{
	struct kz_image image;
	card_buf_t png = {0};
	enum card_error err = kz_image_from_jp2(jp2, &image);
	int rc;

	if (err == CARD_OK)
		err = kz_image_to_png(&image, &png);
	kz_image_free(&image);
	rc = err == CARD_OK ? kz_file_write(kz, path, card_buf_bytes(&png), PRIVATE)
			    : fail(kz, err, _("The photo on the card is no picture."));
	card_buf_free(&png);
	return rc;
}

/* As it is on the card, without what may follow the picture. */
static int write_png(struct kz *kz, const char *path, struct card_bytes png, const char *complaint)
{
	uint32_t width, height;
	size_t length;
	enum card_error err = kz_png_check(png, &length, &width, &height);

	if (err != CARD_OK)
		return fail(kz, err, complaint);
	return kz_file_write(kz, path, card_bytes(png.p, length), PRIVATE);
}

int kz_pictures_write(struct kz *kz, const struct kz_pictures *to,
		      const struct card_surface_face *face)
{
	int rc = KZ_GO;

	if (to->photo != NULL)
		rc = write_photo(kz, to->photo, face->photo_jp2);
	if (rc == KZ_GO && to->name != NULL)
		rc = write_png(kz, to->name, face->name_png,
			       _("The name on the card is no picture."));
	if (rc == KZ_GO && to->address != NULL)
		rc = write_png(kz, to->address, face->address_png,
			       _("The address on the card is no picture."));
	return rc;
}
