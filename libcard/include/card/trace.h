/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.h — record a dialogue into a text file, and replay one.
 *
 * A trace is lines of text: `# comment`, `atr HEX`, `reset`, `begin`, `end`, `> HEX` (command),
 * `< HEX` (answer), `! ERROR_NAME` (transport error instead of an answer). Data of commands that
 * carry secrets (card_apdu_is_secret) is written as `**`, the digits typed on a pin pad never
 * pass here. On a reader with CARD_READER_REAL, answers to READ BINARY, READ RECORD, GET DATA
 * and COMPUTE DIGITAL SIGNATURE are written as `< =LENGTH SHA256 SW` and cannot be replayed,
 * unless personal data was asked for.
 */
#ifndef CARD_TRACE_H
#define CARD_TRACE_H

#include <card/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Record protected answers of a real card in full (the file is made with mode 0600). */
#define CARD_TRACE_PERSONAL_DATA 1u

/*
 * Wrap a reader: every command passes on and is written to path (created, truncated, mode 0600).
 * On success the new reader owns inner (*inner is set to NULL). CARD_ERR_IO.
 */
CARD_API enum card_error card_trace_record(card_reader_t **inner, const char *path, unsigned flags,
					   card_reader_t **out);

/*
 * A reader that answers from a trace. The first command that differs from the trace, or comes
 * after its end, gives CARD_ERR_TRACE_MISMATCH, as does every later one. A `**` matches any
 * data: its length is not recorded. CARD_ERR_IO: cannot read; CARD_ERR_MALFORMED: not a trace,
 * or one that hides answers.
 */
CARD_API enum card_error card_trace_replay(const char *path, card_reader_t **out);

/* Line of the trace where a replay stopped, 0 if it did not; not a replaying reader: 0. */
CARD_API unsigned card_trace_mismatch_line(const card_reader_t *r);

#ifdef __cplusplus
}
#endif
#endif
