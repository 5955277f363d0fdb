/* SPDX-License-Identifier: Apache-2.0 */
/* image_jp2.c — JPEG 2000 from memory, with openjpeg. */
#include "image.h"

#include <string.h>

#include <openjpeg.h>

/* The memory that openjpeg reads. */
struct source {
	struct card_bytes bytes;
	size_t at;
};

static OPJ_SIZE_T read_bytes(void *to, OPJ_SIZE_T n, void *user)
{
	struct source *s = user;
	size_t left = s->bytes.n - s->at;

	if (left == 0)
		return (OPJ_SIZE_T)-1;
	if (n > left)
		n = left;
	memcpy(to, s->bytes.p + s->at, n);
	s->at += n;
	return n;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T n, void *user)
{
	struct source *s = user;

	if (n < 0 || (uint64_t)n > s->bytes.n - s->at)
		return -1;
	s->at += (size_t)n;
	return n;
}

static OPJ_BOOL seek_bytes(OPJ_OFF_T to, void *user)
{
	struct source *s = user;

	if (to < 0 || (uint64_t)to > s->bytes.n)
		return OPJ_FALSE;
	s->at = (size_t)to;
	return OPJ_TRUE;
}

static void ignore(const char *message, void *user)
{
	(void)message;
	(void)user;
}

static enum card_error check_size(const opj_image_t *image)
{
	const opj_image_comp_t *c;
	uint32_t width, height;

	if (image->x1 <= image->x0 || image->y1 <= image->y0)
		return CARD_ERR_MALFORMED;
	width = image->x1 - image->x0;
	height = image->y1 - image->y0;
	if (width > KZ_IMAGE_SIDE_MAX || height > KZ_IMAGE_SIDE_MAX)
		return CARD_ERR_TOO_LONG;
	/* Greyscale, or colour whose components cover the same pixels. */
	if (image->numcomps < 1 || image->numcomps > 4)
		return CARD_ERR_MALFORMED;
	for (uint32_t i = 0; i < image->numcomps; i++) {
		c = &image->comps[i];
		if (c->dx != 1 || c->dy != 1 || c->prec < 1 || c->prec > 16)
			return CARD_ERR_MALFORMED;
	}
	return CARD_OK;
}

/* A sample as 0..255. */
static int32_t sample(const opj_image_comp_t *c, size_t i)
{
	int32_t v = c->data[i], top = (1 << c->prec) - 1;

	if (c->sgnd)
		v += 1 << (c->prec - 1);
	v = v < 0 ? 0 : v > top ? top : v;
	return v * 255 / top;
}

static enum card_error to_grey(const opj_image_t *image, struct kz_image *out)
{
	const uint32_t colours = image->numcomps >= 3 ? 3 : 1;
	const opj_image_comp_t *c = image->comps;
	const size_t n = (size_t)c[0].w * c[0].h;
	enum card_error err;

	for (uint32_t i = 0; i < colours; i++) {
		if (c[i].data == NULL || c[i].w != c[0].w || c[i].h != c[0].h)
			return CARD_ERR_TRUNCATED;
	}
	if (c[0].w == 0 || c[0].w > KZ_IMAGE_SIDE_MAX || c[0].h == 0 || c[0].h > KZ_IMAGE_SIDE_MAX)
		return CARD_ERR_MALFORMED;
	err = card_buf_reserve(&out->pixels, n);
	if (err != CARD_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		int32_t v = sample(&c[0], i);

		/* Luma of ITU-R BT.601, in thousandths. */
		if (colours == 3)
			v = (299 * v + 587 * sample(&c[1], i) + 114 * sample(&c[2], i)) / 1000;
		out->pixels.p[i] = (uint8_t)v;
	}
	out->pixels.n = n;
	out->width = c[0].w;
	out->height = c[0].h;
	return CARD_OK;
}

static enum card_error decode(opj_codec_t *codec, opj_stream_t *stream, opj_image_t **image,
			      struct kz_image *out)
{
	opj_dparameters_t parameters;
	enum card_error err;

	opj_set_default_decoder_parameters(&parameters);
	if (!opj_setup_decoder(codec, &parameters) || !opj_decoder_set_strict_mode(codec, OPJ_TRUE))
		return CARD_ERR_INTERNAL;
	if (!opj_read_header(stream, codec, image) || *image == NULL)
		return CARD_ERR_MALFORMED;
	err = check_size(*image);
	if (err != CARD_OK)
		return err;
	if (!opj_decode(codec, stream, *image) || !opj_end_decompress(codec, stream))
		return CARD_ERR_TRUNCATED;
	return to_grey(*image, out);
}

enum card_error kz_image_from_jp2(struct card_bytes jp2, struct kz_image *out)
{
	/* ISO/IEC 15444-1: a file begins with the signature box, a codestream with SOC and SIZ. */
	static const uint8_t codestream[4] = {0xFF, 0x4F, 0xFF, 0x51};
	struct source source = {jp2, 0};
	opj_codec_t *codec;
	opj_stream_t *stream;
	opj_image_t *image = NULL;
	enum card_error err;

	memset(out, 0, sizeof *out);
	if (jp2.n < sizeof codestream)
		return CARD_ERR_TRUNCATED;
	codec = opj_create_decompress(
		memcmp(jp2.p, codestream, sizeof codestream) == 0 ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
	stream = opj_stream_default_create(OPJ_TRUE);
	if (codec == NULL || stream == NULL) {
		err = CARD_ERR_NO_MEMORY;
	} else {
		opj_set_info_handler(codec, ignore, NULL);
		opj_set_warning_handler(codec, ignore, NULL);
		opj_set_error_handler(codec, ignore, NULL);
		opj_stream_set_user_data(stream, &source, NULL);
		opj_stream_set_user_data_length(stream, jp2.n);
		opj_stream_set_read_function(stream, read_bytes);
		opj_stream_set_skip_function(stream, skip_bytes);
		opj_stream_set_seek_function(stream, seek_bytes);
		err = decode(codec, stream, &image, out);
	}
	if (image != NULL)
		opj_image_destroy(image);
	if (stream != NULL)
		opj_stream_destroy(stream);
	if (codec != NULL)
		opj_destroy_codec(codec);
	if (err != CARD_OK)
		kz_image_free(out);
	return err;
}

void kz_image_free(struct kz_image *image)
{
	card_buf_free(&image->pixels);
	image->width = 0;
	image->height = 0;
}
