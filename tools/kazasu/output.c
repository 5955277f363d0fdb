/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <card/log.h>

static FILE *people(const struct kz *kz)
{
	return kz->opt.json ? stderr : stdout;
}

void kz_say(const struct kz *kz, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(people(kz), format, args);
	va_end(args);
}

void kz_say_pair(const struct kz *kz, const char *label, const char *format, ...)
{
	const size_t column = 33;
	size_t width = kz_columns(label);
	FILE *out = people(kz);
	va_list args;

	fprintf(out, "%s%*s ", label, width < column ? (int)(column - width) : 0, "");
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fputc('\n', out);
}

void kz_note(const struct kz *kz, const char *format, ...)
{
	va_list args;

	(void)kz;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void tell(void *ctx, enum card_log_level level, enum card_log_event event, const char *text)
{
	static const char *const levels[] = {"debug", "info", "warning", "error"};

	(void)ctx;
	(void)event;
	fprintf(stderr, "kazasu: %s: %s\n", levels[level], text);
}

void kz_log_start(const struct kz *kz)
{
	card_log_set(tell, NULL, kz->opt.verbose ? CARD_LOG_DEBUG : CARD_LOG_WARNING);
}

void kz_json(struct kz *kz, json_t *document)
{
	if (kz->opt.json && !kz->answered && document != NULL) {
		json_dumpf(document, stdout, JSON_INDENT(2));
		fputc('\n', stdout);
		kz->answered = true;
	}
	json_decref(document);
}

/* One character of UTF-8 at p (n bytes left): its length, 0 if the bytes are none. */
static size_t decode(const unsigned char *p, size_t n, uint32_t *code)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;

	if ((p[0] >= 0x80 && p[0] < 0xC2) || p[0] > 0xF4 || length > n)
		return 0;
	*code = length == 1 ? p[0] : p[0] & (0xFFu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3Fu);
	}
	if (*code < least[length] || (*code >= 0xD800 && *code <= 0xDFFF) || *code > 0x10FFFF)
		return 0;
	return length;
}

/* Controls (C0, DEL, C1) and the marks that turn the direction of writing. */
static bool moves_the_cursor(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200E && c <= 0x200F) ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

char *kz_printable(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	char *out = malloc(3 * n + 1);
	size_t used = 0;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < n;) {
		uint32_t code;
		size_t length = decode(p + i, n - i, &code);

		if (length == 0 || moves_the_cursor(code)) {
			memcpy(out + used, "\xEF\xBF\xBD", 3);
			used += 3;
		} else {
			memcpy(out + used, text + i, length);
			used += length;
		}
		i += length == 0 ? 1 : length;
	}
	out[used] = '\0';
	return out;
}

/* Wide are the blocks that UAX #11 calls W and F and that Japanese text uses. */
static size_t columns_of(uint32_t c)
{
	if ((c >= 0x0300 && c <= 0x036F) || (c >= 0xFE00 && c <= 0xFE0F) ||
	    (c >= 0xE0100 && c <= 0xE01EF) || c == 0x3099 || c == 0x309A)
		return 0;
	return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
			       (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
			       (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) ||
			       (c >= 0x20000 && c <= 0x3FFFD)
		       ? 2
		       : 1;
}

size_t kz_columns(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = strlen(text), columns = 0;

	for (size_t i = 0; i < n;) {
		uint32_t code = 0;
		size_t length = decode(p + i, n - i, &code);

		columns += length == 0 ? 1 : columns_of(code);
		i += length == 0 ? 1 : length;
	}
	return columns;
}
