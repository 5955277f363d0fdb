/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms and applications, JSON and XML. What is read is written again and read back the same:
 * nothing is in an application that its form has not.
 */
#include <stdlib.h>

#include <cardflow/apply.h>

#include "fuzz.h"

static void again(const flow_form_t *form, const flow_application_t *a, bool xml)
{
	struct flow_apply_problem p;
	card_buf_t text = {0}, same = {0};
	flow_application_t *b = NULL;
	enum card_error err = fuzz_known(xml ? flow_application_write_xml(a, &text)
					     : flow_application_write(a, &text));

	/* no memory, too long, or a character that XML cannot hold */
	if (err == CARD_OK)
		err = fuzz_known(flow_application_read(&b, form, card_buf_bytes(&text), &p));
	else
		err = CARD_ERR_NO_MEMORY;
	fuzz_require(err == CARD_OK || err == CARD_ERR_NO_MEMORY);
	if (err == CARD_OK && (xml ? flow_application_write_xml(b, &same)
				   : flow_application_write(b, &same)) == CARD_OK)
		fuzz_require(card_bytes_equal(card_buf_bytes(&text), card_buf_bytes(&same)));
	flow_application_free(&b);
	card_buf_free(&text);
	card_buf_free(&same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static flow_form_t *form;
	struct flow_apply_problem p;
	flow_form_t *other = NULL;
	flow_application_t *a = NULL;
	flow_file_t *f = NULL;

	if (form == NULL) {
		fuzz_require(flow_file_open(&f, "tests/fuzz/form.json") == CARD_OK);
		fuzz_require(flow_form_read(&form, flow_file_bytes(f), &p) == CARD_OK);
		flow_file_free(&f);
	}
	if (fuzz_known(flow_form_read(&other, card_bytes(data, size), &p)) == CARD_OK)
		fuzz_require(flow_form_text(other, "receiver")[0] != '\0');
	flow_form_free(&other);
	if (fuzz_known(flow_application_read(&a, form, card_bytes(data, size), &p)) == CARD_OK) {
		again(form, a, false);
		again(form, a, true);
	}
	flow_application_free(&a);
	return 0;
}
