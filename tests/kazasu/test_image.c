/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves: pictures of a card decode to what they show, and a picture that is cut, altered or huge
 * ends in a named error, never in a crash or a picture.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include <glob.h>

#include "kazasu/image.h"

static card_buf_t read_fixture(const char *pattern)
{
	card_buf_t out = {0};
	uint8_t block[4096];
	glob_t found;
	FILE *f;
	size_t n;

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	f = fopen(found.gl_pathv[0], "rb");
	assert_non_null(f);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		assert_ok(card_buf_append(&out, card_bytes(block, n)));
	fclose(f);
	globfree(&found);
	return out;
}

#define FACE "build/fixtures/pictures/face-*.jp2"
#define NAME "build/fixtures/pictures/name-*.png"

static void the_photo_decodes_and_survives_as_png(void **state)
{
	card_buf_t jp2 = read_fixture(FACE), png = {0};
	struct kz_image image;
	uint32_t width = 0, height = 0;
	size_t length = 0;
	unsigned darkest = 255, lightest = 0;

	(void)state;
	assert_ok(kz_image_from_jp2(card_buf_bytes(&jp2), &image));
	assert_in_range(image.width, 100, 1000);
	assert_int_equal(image.pixels.n, (size_t)image.width * image.height);
	for (size_t i = 0; i < image.pixels.n; i++) {
		darkest = image.pixels.p[i] < darkest ? image.pixels.p[i] : darkest;
		lightest = image.pixels.p[i] > lightest ? image.pixels.p[i] : lightest;
	}
	/* A portrait, not one grey. */
	assert_true(lightest - darkest > 100);
	assert_ok(kz_image_to_png(&image, &png));
	assert_ok(kz_png_check(card_buf_bytes(&png), &length, &width, &height));
	assert_int_equal(length, png.n);
	assert_int_equal(width, image.width);
	assert_int_equal(height, image.height);
	kz_image_free(&image);
	card_buf_free(&png);
	card_buf_free(&jp2);
}

static void a_photo_cut_anywhere_is_refused(void **state)
{
	card_buf_t jp2 = read_fixture(FACE);
	struct kz_image image;

	(void)state;
	for (size_t n = 0; n < jp2.n; n += n < 256 ? 1 : 211) {
		enum card_error err = kz_image_from_jp2(card_bytes(jp2.p, n), &image);

		assert_true(err == CARD_ERR_TRUNCATED || err == CARD_ERR_MALFORMED);
		assert_null(image.pixels.p);
	}
	card_buf_free(&jp2);
}

static void an_altered_photo_never_crashes(void **state)
{
	card_buf_t jp2 = read_fixture(FACE);
	struct kz_image image;

	(void)state;
	srand(20261121);
	for (int round = 0; round < 300; round++) {
		const size_t at = (size_t)rand() % (round % 2 == 0 ? 200 : jp2.n);
		const uint8_t was = jp2.p[at];
		enum card_error err;

		jp2.p[at] = (uint8_t)rand();
		err = kz_image_from_jp2(card_buf_bytes(&jp2), &image);
		if (err == CARD_OK)
			assert_int_equal(image.pixels.n, (size_t)image.width * image.height);
		kz_image_free(&image);
		jp2.p[at] = was;
	}
	card_buf_free(&jp2);
}

/* SIZ of the codestream: Xsiz stands 8 bytes behind the marker FF51 (ISO/IEC 15444-1 A.5.1). */
static void a_huge_photo_is_refused_before_it_is_decoded(void **state)
{
	static const uint8_t siz[2] = {0xFF, 0x51};
	static const uint8_t huge[4] = {0x00, 0x10, 0x00, 0x00};
	card_buf_t jp2 = read_fixture(FACE);
	struct kz_image image;
	size_t at = 0;

	(void)state;
	while (memcmp(jp2.p + at, siz, 2) != 0)
		at++;
	memcpy(jp2.p + at + 6, huge, 4);
	assert_int_not_equal(kz_image_from_jp2(card_buf_bytes(&jp2), &image), CARD_OK);
	memcpy(jp2.p + at + 10, huge, 4);
	assert_int_not_equal(kz_image_from_jp2(card_buf_bytes(&jp2), &image), CARD_OK);
	card_buf_free(&jp2);
}

static void a_png_is_checked_to_its_end(void **state)
{
	card_buf_t png = read_fixture(NAME);
	uint32_t width, height;
	size_t length;

	(void)state;
	assert_ok(kz_png_check(card_buf_bytes(&png), &length, &width, &height));
	assert_int_equal(length, png.n);
	for (size_t n = 0; n < png.n; n++)
		assert_int_not_equal(kz_png_check(card_bytes(png.p, n), &length, &width, &height),
				     CARD_OK);
	/* Every bit is under a CRC or the signature. */
	for (size_t i = 0; i < png.n; i++) {
		png.p[i] ^= 0x10;
		assert_int_not_equal(kz_png_check(card_buf_bytes(&png), &length, &width, &height),
				     CARD_OK);
		png.p[i] ^= 0x10;
	}
	card_buf_free(&png);
}

static void what_follows_a_png_does_not_count(void **state)
{
	card_buf_t png = read_fixture(NAME);
	const size_t end = png.n;
	uint32_t width, height;
	size_t length;

	(void)state;
	assert_ok(card_buf_append(&png, BYTES("<script>")));
	assert_ok(kz_png_check(card_buf_bytes(&png), &length, &width, &height));
	assert_int_equal(length, end);
	card_buf_free(&png);
}

/* CRC-32 of PNG (annex D). */
static uint32_t crc_of(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xFFFFFFFFu;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
	}
	return ~crc;
}

static void a_huge_png_is_refused(void **state)
{
	card_buf_t png = read_fixture(NAME);
	uint32_t width, height, crc;
	size_t length;

	(void)state;
	/* The CRC here is the one in the file. */
	crc = crc_of(png.p + 12, 17);
	for (int i = 0; i < 4; i++)
		assert_int_equal(png.p[29 + i], (uint8_t)(crc >> (24 - 8 * i)));
	/* IHDR: width at 16, its CRC at 29 over 12..28 (PNG 11.2.2). */
	png.p[16] = 0x00, png.p[17] = 0x10, png.p[18] = 0, png.p[19] = 0;
	crc = crc_of(png.p + 12, 17);
	for (int i = 0; i < 4; i++)
		png.p[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
	assert_int_not_equal(kz_png_check(card_buf_bytes(&png), &length, &width, &height), CARD_OK);
	card_buf_free(&png);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_photo_decodes_and_survives_as_png),
		cmocka_unit_test(a_photo_cut_anywhere_is_refused),
		cmocka_unit_test(an_altered_photo_never_crashes),
		cmocka_unit_test(a_huge_photo_is_refused_before_it_is_decoded),
		cmocka_unit_test(a_png_is_checked_to_its_end),
		cmocka_unit_test(what_follows_a_png_does_not_count),
		cmocka_unit_test(a_huge_png_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
