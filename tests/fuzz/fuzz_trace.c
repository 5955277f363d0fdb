/* SPDX-License-Identifier: Apache-2.0 */
/* Trace files: any text is a trace, or is refused; a replay never answers past a difference. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <card/trace.h>

#include "fuzz.h"

static const uint8_t select_jpki[] = {0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0,
				      0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
static const uint8_t verify[] = {0x00, 0x20, 0x00, 0x98, 0x04, 0x31, 0x32, 0x33, 0x34};
static const uint8_t read_file[] = {0x00, 0xB0, 0x8A, 0x00, 0x00};

static void play(card_reader_t *r)
{
	const struct card_bytes commands[] = {{select_jpki, sizeof(select_jpki)},
					      {verify, sizeof(verify)},
					      {read_file, sizeof(read_file)},
					      {read_file, sizeof(read_file)}};
	static uint8_t resp[CARD_RESPONSE_MAX];
	uint8_t atr[CARD_ATR_MAX];
	size_t n = 0;
	bool stopped = false;

	(void)fuzz_known(card_reader_atr(r, atr, &n));
	fuzz_require(n <= sizeof(atr));
	for (size_t i = 0; i < 4; i++) {
		enum card_error err = fuzz_known(card_reader_transmit(
			r, commands[i], resp, i == 3 ? 16 : sizeof(resp), &n, NULL));

		fuzz_require(!stopped || err == CARD_ERR_TRACE_MISMATCH);
		fuzz_require(n <= (i == 3 ? 16u : sizeof(resp)));
		if (err == CARD_ERR_TRACE_MISMATCH) {
			stopped = true;
			fuzz_require(card_trace_mismatch_line(r) > 0);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	card_reader_t *r = NULL;
	char path[40];
	int fd = memfd_create("trace", MFD_CLOEXEC);

	fuzz_require(fd >= 0);
	if (size > 0 && write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fuzz_known(card_trace_replay(path, &r)) == CARD_OK)
		play(r);
	card_reader_free(&r);
	(void)close(fd);
	return 0;
}
