/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card made of lines: each command expected, byte for byte, and the answer to it. Dialogues in
 * tests are typed from card-spec, with the section beside them, never recorded.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <card/channel.h>
#include <card/reader.h>

/* One exchange. answer NULL: the transport fails with err instead (executed: the card may have
 * received the command). An empty answer is success with no bytes at all. */
struct script_line {
	const char *command; /* hexadecimal */
	const char *answer;  /* hexadecimal, with status word */
	enum card_error err;
	bool executed;
};

struct script {
	const struct script_line *lines;
	size_t count, next;
	unsigned begins, ends;
	enum card_disposition last_end;
	unsigned features;
	uint64_t generation;
	char wrong[256]; /* what went wrong first; "" if nothing */
	struct {
		enum card_error err;
		const char *answer;
		unsigned calls;
		char apdu[64]; /* of the last call, hexadecimal */
	} pinpad;
};

/* A reader over lines; script is the caller's and must outlive it. */
card_reader_t *script_reader(struct script *script, const struct script_line *lines, size_t count);

/* Every line was used and none was wrong. */
void script_assert_done(const struct script *script);

/* A reader and a channel over it in one go, with the transaction begun. */
struct dialogue {
	struct script script;
	card_reader_t *reader;
	card_channel_t *channel;
};
void dialogue_start(struct dialogue *d, const struct script_line *lines, size_t count);

/* End the transaction and check that the script was played to its end. */
void dialogue_finish(struct dialogue *d);

#define LINES(array) (array), sizeof(array) / sizeof((array)[0])

#endif
