/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a secret does not outlive its use: the process's whole readable memory is searched
 * for a PIN after it was verified and freed, and while it lives it is locked and out of dumps.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <card/pin.h>

#include "script.h"

/* The needle is never stored: it is computed into a secret and compared piece by piece. */
#define PIN_LENGTH 16

static uint8_t needle_byte(size_t i)
{
	static const char letters[] = "QZ7XW3VK9JQ4XZ8H";
	volatile uint8_t mask = 0x15;

	return (uint8_t)(((uint8_t)letters[(i * 7 + 3) % PIN_LENGTH] ^ mask) ^ 0x15);
}

static void fill(card_secret_t *s)
{
	for (size_t i = 0; i < PIN_LENGTH; i++)
		assert_ok(card_secret_push(s, needle_byte(i)));
}

/* How often the needle stands in the memory of this process. Ranges are read through
 * /proc/self/mem in blocks that overlap; the block is kept out of the search. */
static unsigned occurrences(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	FILE *mem = fopen("/proc/self/mem", "r");
	static uint8_t block[65536 + PIN_LENGTH];
	char line[512];
	unsigned found = 0;

	assert_non_null(maps);
	assert_non_null(mem);
	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from, to;
		char mode[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[0] != 'r' ||
		    strstr(line, "[v") != NULL || to - from > 1UL << 32)
			continue;
		for (unsigned long at = from; at < to; at += 65536) {
			size_t n;

			if (fseek(mem, (long)at, SEEK_SET) != 0)
				break;
			n = fread(block, 1, sizeof(block), mem);
			if (n < PIN_LENGTH)
				break;
			for (size_t i = 0; i + PIN_LENGTH <= n; i++) {
				size_t k = 0;
				uintptr_t where = at + i;

				while (k < PIN_LENGTH && block[i + k] == needle_byte(k))
					k++;
				if (k == PIN_LENGTH && (where < (uintptr_t)block ||
							where >= (uintptr_t)block + sizeof(block)))
					found++;
			}
			memset(block, 0, sizeof(block));
		}
	}
	(void)fclose(maps);
	(void)fclose(mem);
	return found;
}

static void the_search_finds_a_pin_that_is_there(void **state)
{
	card_secret_t *s = NULL;

	(void)state;
	assert_ok(card_secret_new(&s));
	assert_int_equal(occurrences(), 0);
	fill(s);
	assert_true(occurrences() >= 1);
	card_secret_free(&s);
	assert_null(s);
	assert_int_equal(occurrences(), 0);
}

/* A transport of the caller that keeps nothing: 63C5 to the query, 9000 to VERIFY. */
static enum card_error answer(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
			      size_t *len, bool *maybe)
{
	bool *saw = ctx;

	(void)maybe;
	assert_true(cap >= 2);
	resp[0] = cmd.p[1] == 0x20 && cmd.n == 4 ? 0x63 : 0x90;
	resp[1] = cmd.p[1] == 0x20 && cmd.n == 4 ? 0xC5 : 0x00;
	*len = 2;
	if (cmd.p[1] == 0x20 && cmd.n == 5 + PIN_LENGTH) {
		*saw = true;
		for (size_t i = 0; i < PIN_LENGTH; i++)
			assert_int_equal(cmd.p[5 + i], needle_byte(i));
	}
	return CARD_OK;
}

static void no_trace_of_a_password_is_left_after_a_verify(void **state)
{
	const struct card_reader_ops ops = {.transmit = answer};
	card_reader_t *reader = NULL;
	card_channel_t *ch = NULL;
	card_secret_t *s = NULL;
	bool saw = false;

	(void)state;
	assert_ok(card_secret_new(&s));
	fill(s);
	assert_ok(card_reader_new(&reader, &ops, &saw));
	assert_ok(card_channel_new(&ch, reader));
	assert_ok(card_channel_begin(ch, 0));
	assert_ok(card_pin_verify(ch, CARD_PIN_SIGN, s, 0, NULL));
	assert_true(saw);
	card_secret_free(&s);
	/* Still inside the transaction: nothing waits for its end. */
	assert_int_equal(occurrences(), 0);
	card_channel_free(&ch);
	card_reader_free(&reader);
	assert_int_equal(occurrences(), 0);
}

/* The VmFlags of the mapping that holds p. */
static void vm_flags(const void *p, char *out, size_t cap)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[512];
	bool inside = false;

	assert_non_null(f);
	out[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx", &from, &to) == 2 && strchr(line, '-') != NULL &&
		    strncmp(line, "VmFlags", 7) != 0)
			inside = (uintptr_t)p >= from && (uintptr_t)p < to;
		if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			(void)snprintf(out, cap, "%s", line);
			break;
		}
	}
	(void)fclose(f);
}

static void a_living_secret_is_locked_and_left_out_of_core_dumps(void **state)
{
	card_secret_t *s = NULL;
	char flags[512];

	(void)state;
	assert_ok(card_secret_new(&s));
	fill(s);
	vm_flags(card_secret_bytes(s).p, flags, sizeof(flags));
#ifndef __SANITIZE_ADDRESS__ /* the sanitizer turns mlock into nothing */
	assert_non_null(strstr(flags, " lo"));
#endif
	assert_non_null(strstr(flags, " dd"));
	assert_non_null(strstr(flags, " wf")); /* wiped in child processes */
	card_secret_free(&s);
}

static void a_child_process_sees_an_empty_secret(void **state)
{
	card_secret_t *s = NULL;
	int status = -1;
	pid_t child;

	(void)state;
	assert_ok(card_secret_new(&s));
	fill(s);
	child = fork();
	if (child == 0) {
		size_t n = card_secret_bytes(s).n;

		card_secret_free(&s);
		_exit(n == 0 && s == NULL ? 0 : 1);
	}
	assert_true(waitpid(child, &status, 0) == child);
	assert_int_equal(status, 0);
	assert_int_equal(card_secret_bytes(s).n, PIN_LENGTH);
	card_secret_free(&s);
}

static void a_line_is_read_without_touching_the_next(void **state)
{
	card_secret_t *s = NULL;
	int fd[2];
	char rest[8] = {0};
	static const char input[] = "1234\r\n\nabc123";
	static const char late[] = "X";

	(void)state;
	assert_ok(card_secret_new(&s));
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], input, sizeof(input) - 1), sizeof(input) - 1);
	assert_ok(card_secret_read_line(s, fd[0]));
	assert_true(card_bytes_equal(card_secret_bytes(s), BYTES("1234")));
	assert_ok(card_secret_read_line(s, fd[0]));
	assert_int_equal(card_secret_bytes(s).n, 0);
	assert_int_equal(read(fd[0], rest, 3), 3);
	assert_string_equal(rest, "abc");
	assert_int_equal(close(fd[1]), 0);
	assert_ok(card_secret_read_line(s, fd[0])); /* last line without an end */
	assert_true(card_bytes_equal(card_secret_bytes(s), BYTES("123")));
	assert_int_equal(card_secret_read_line(s, fd[0]), CARD_ERR_IO);
	assert_int_equal(close(fd[0]), 0);

	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(write(fd[1], late, 1), 1);
	assert_int_equal(write(fd[1], "\n5\n", 3), 3);
	assert_int_equal(card_secret_read_line(s, fd[0]), CARD_ERR_TOO_LONG);
	assert_int_equal(card_secret_bytes(s).n, 0);
	assert_ok(card_secret_read_line(s, fd[0]));
	assert_true(card_bytes_equal(card_secret_bytes(s), BYTES("5")));
	assert_int_equal(close(fd[0]) | close(fd[1]), 0);
	card_secret_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_search_finds_a_pin_that_is_there),
		cmocka_unit_test(no_trace_of_a_password_is_left_after_a_verify),
		cmocka_unit_test(a_living_secret_is_locked_and_left_out_of_core_dumps),
		cmocka_unit_test(a_child_process_sees_an_empty_secret),
		cmocka_unit_test(a_line_is_read_without_touching_the_next),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
