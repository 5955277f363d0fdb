/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simbuf.h — bytes under construction: BER-TLV and DER for the virtual card.
 *
 * A buffer remembers a failed allocation (failed = true) and ignores all that
 * follows, so that a builder checks once at its end.
 */
#ifndef SIM_BUF_H
#define SIM_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_buf {
	uint8_t *p;
	size_t n, cap;
	bool failed;
};

/* How a length is written: as short as DER wants, or in a given form. */
enum sim_len { SIM_LEN_MIN = 0, SIM_LEN_81 = 1, SIM_LEN_82 = 2 };

void sim_put(struct sim_buf *b, const void *p, size_t n);
void sim_put8(struct sim_buf *b, unsigned v);
void sim_put16(struct sim_buf *b, unsigned v);
void sim_puts(struct sim_buf *b, const char *text);
void sim_fill(struct sim_buf *b, unsigned v, size_t n);

/* tag: one byte, or two as 0xDF21. */
void sim_tlv(struct sim_buf *b, unsigned tag, const void *p, size_t n);
void sim_tlv_form(struct sim_buf *b, unsigned tag, const void *p, size_t n, enum sim_len form);

/* Turn what was written since `start` into the value of a TLV. */
void sim_wrap(struct sim_buf *b, size_t start, unsigned tag);
void sim_wrap_form(struct sim_buf *b, size_t start, unsigned tag, enum sim_len form);

/* Hexadecimal without separators; failed on anything else. */
void sim_put_hex(struct sim_buf *b, const char *hex);

void sim_buf_free(struct sim_buf *b);

#endif
