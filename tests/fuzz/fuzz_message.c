/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of convenience-store issuance. What is read lies inside what was given, and written again
 * and read back it is the same; values asked for are of the kind that was asked for, or an error.
 */
#include <string.h>

#include <cardflow/issue_message.h>

#include "fuzz.h"

static void values(const json_t *json)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)json, key, value)
	{
		card_buf_t bytes = {0};
		uint8_t id[16];
		const char *text = flow_issue_text(json, key, 40);

		if (text != NULL)
			fuzz_require(json_is_string(value) && strlen(text) <= 40 &&
				     text[0] != '\0');
		if (fuzz_known(flow_issue_hex(json, key, id, sizeof id)) == CARD_OK)
			fuzz_require(json_string_length(value) == 32);
		if (fuzz_known(flow_issue_base64(json, key, &bytes)) == CARD_OK)
			fuzz_require(bytes.n <= json_string_length(value));
		card_buf_free(&bytes);
	}
}

static void again(const struct flow_issue_message *m)
{
	struct flow_issue_part part[FLOW_ISSUE_PARTS] = {{0}};
	struct flow_issue_message same = {0};
	card_buf_t text = {0};
	json_t *bare = json_deep_copy(m->json);
	enum card_error err;

	json_object_del(bare, "parts");
	for (size_t i = 0; i < m->parts; i++)
		part[i] = m->part[i];
	err = fuzz_known(flow_issue_message_write(bare, part, m->parts, &text));
	if (err == CARD_OK) {
		fuzz_require(flow_issue_message_read(&same, card_buf_bytes(&text)) == CARD_OK);
		fuzz_require(same.parts == m->parts);
		for (size_t i = 0; i < m->parts; i++)
			fuzz_require(card_bytes_equal(same.part[i].bytes, m->part[i].bytes));
		flow_issue_message_free(&same);
	}
	json_decref(bare);
	card_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flow_issue_message m = {0};

	if (fuzz_known(flow_issue_message_read(&m, card_bytes(data, size))) == CARD_OK) {
		fuzz_require(json_is_object(m.json) && m.parts <= FLOW_ISSUE_PARTS);
		for (size_t i = 0; i < m.parts; i++) {
			fuzz_require(fuzz_inside(m.part[i].bytes, card_bytes(data, size)));
			fuzz_touch(m.part[i].bytes);
			fuzz_require(card_bytes_equal(flow_issue_message_part(&m, m.part[i].name),
						      m.part[i].bytes));
		}
		values(m.json);
		again(&m);
	}
	flow_issue_message_free(&m);
	return 0;
}
