/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/attribute.h>
#include <cardflow/table.h>

#include <stdio.h>
#include <string.h>

static const char *const names[] = {"name",      "address",     "birth_date",    "sex",   "alive",
				    "my_number", "former_name", "resident_code", "photo", "expiry"};
#define NAMES (sizeof names / sizeof *names)

const char *flow_attribute_name(enum flow_attribute a)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (1u << i == (unsigned)a)
			return names[i];
	}
	return NULL;
}

static unsigned bit_of(struct card_bytes word)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (strlen(names[i]) == word.n && memcmp(names[i], word.p, word.n) == 0)
			return 1u << i;
	}
	return 0;
}

enum card_error flow_attributes_parse(const char *list, unsigned allowed, unsigned *out,
				      char wrong[40])
{
	unsigned set = 0;

	while (*list != '\0') {
		struct card_bytes word = flow_list_next(&list);
		const unsigned bit = bit_of(word);

		if (bit == 0 || (bit & allowed) == 0 || (bit & set) != 0) {
			if (wrong != NULL)
				snprintf(wrong, 40, "%.*s", (int)(word.n < 39 ? word.n : 39),
					 (const char *)word.p);
			return CARD_ERR_MALFORMED;
		}
		set |= bit;
	}
	*out = set;
	return CARD_OK;
}

void flow_attributes_format(unsigned set, char out[128])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < NAMES; i++) {
		if ((set & 1u << i) != 0)
			used += (size_t)snprintf(out + used, 128 - used, "%s%s",
						 used > 0 ? ";" : "", names[i]);
	}
}
