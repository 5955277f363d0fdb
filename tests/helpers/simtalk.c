/* SPDX-License-Identifier: Apache-2.0 */
#include "simtalk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

uint8_t told[70000];
size_t told_n;

card_sim_t *simtalk_card_with(const char *persona, struct card_sim_options opt)
{
	struct card_sim_problem problem;
	card_sim_t *card = NULL;

	if (card_sim_new(&card, persona, &opt, &problem) != CARD_OK)
		fail_msg("%s: %s", persona, problem.text);
	return card;
}

card_sim_t *simtalk_card(const char *persona, const char *quirks)
{
	struct card_sim_options opt = {0};
	const char *names[16];
	char copy[256], *save = NULL;

	snprintf(copy, sizeof copy, "%s", quirks ? quirks : "");
	for (char *q = strtok_r(copy, " ", &save); q && opt.n_quirks < 16;
	     q = strtok_r(NULL, " ", &save))
		names[opt.n_quirks++] = q;
	opt.quirks = names;
	return simtalk_card_with(persona, opt);
}

static int nibble(char c)
{
	const char *digits = "0123456789ABCDEF0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

size_t simtalk_bytes(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		int hi = nibble(hex[0]), lo = nibble(hex[1]);

		if (hi < 0 || lo < 0 || n == cap)
			fail_msg("not hexadecimal or too long: %.40s", hex);
		out[n++] = (uint8_t)(hi << 4 | lo);
		hex++;
	}
	return n;
}

const char *simtalk_hex(const uint8_t *p, size_t n)
{
	static char text[2 * 70000 + 1];

	for (size_t i = 0; i < n && i < 70000; i++)
		snprintf(text + 2 * i, 3, "%02X", p[i]);
	text[2 * n] = 0;
	return text;
}

static int matches(const char *is, const char *expected)
{
	const char *star = strchr(expected, '*');

	if (!star)
		return strcmp(is, expected) == 0;
	size_t before = (size_t)(star - expected), after = strlen(star + 1), n = strlen(is);
	return n >= before + after && strncmp(is, expected, before) == 0 &&
	       strcmp(is + n - after, star + 1) == 0;
}

size_t say_at(card_sim_t *card, const char *command, const char *expected, const char *file,
	      int line)
{
	static uint8_t cmd[70000];
	char want[1200];
	size_t n = simtalk_bytes(command, cmd, sizeof cmd), w = 0;

	for (const char *s = expected; *s && w + 1 < sizeof want; s++) {
		if (*s != ' ')
			want[w++] = *s;
	}
	want[w] = 0;
	if (card_sim_transmit(card, card_bytes(cmd, n), told, sizeof told, &told_n) != CARD_OK) {
		print_error("%s:%d: no answer to %s\n", file, line, command);
		_fail(file, line);
	}
	const char *is = simtalk_hex(told, told_n);
	if (!matches(is, want)) {
		print_error("%s:%d: %.80s -> %.120s, not %.120s\n", file, line, command, is, want);
		_fail(file, line);
	}
	told_n -= 2;
	return told_n;
}

size_t simtalk_read_all(card_sim_t *card, uint8_t *out, size_t cap)
{
	uint8_t cmd[5] = {0x00, 0xB0, 0, 0, 0};
	size_t n = 0;

	for (;;) {
		cmd[2] = (uint8_t)(n >> 8);
		cmd[3] = (uint8_t)n;
		if (card_sim_transmit(card, card_bytes(cmd, 5), told, sizeof told, &told_n) !=
		    CARD_OK)
			fail_msg("no answer at offset %zu", n);
		if (told_n == 2 && told[0] == 0x6B)
			return n;
		if (told_n < 2 || told[told_n - 2] != 0x90 || n + told_n - 2 > cap)
			fail_msg("offset %zu: %s", n, simtalk_hex(told, told_n > 4 ? 4 : told_n));
		memcpy(out + n, told, told_n - 2);
		n += told_n - 2;
	}
}

const char *simtalk_fixtures(void)
{
	static char path[1100];
	char exe[1000];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	assert_true(n > 0);
	exe[n] = 0;
	for (char *slash = strrchr(exe, '/'); slash; slash = strrchr(exe, '/')) {
		*slash = 0;
		snprintf(path, sizeof path, "%s/fixtures/trust/cv-ca.csv", exe);
		if (access(path, R_OK) == 0) {
			snprintf(path, sizeof path, "%s/fixtures", exe);
			return path;
		}
	}
	fail_msg("no fixtures: run `make fixtures`");
	return "";
}

const uint8_t *simtalk_tlv(const uint8_t *p, size_t n, unsigned tag, size_t *len)
{
	size_t i = 0;

	while (i + 2 <= n) {
		unsigned t = p[i++];
		size_t l;

		if ((t & 0x1F) == 0x1F)
			t = t << 8 | p[i++];
		l = i < n ? p[i++] : 0;
		if (l == 0x81 && i < n) {
			l = p[i++];
		} else if (l == 0x82 && i + 1 < n) {
			l = (size_t)p[i] << 8 | p[i + 1];
			i += 2;
		}
		if (l > n - i)
			return NULL;
		if (t == tag) {
			*len = l;
			return p + i;
		}
		i += l;
	}
	return NULL;
}
