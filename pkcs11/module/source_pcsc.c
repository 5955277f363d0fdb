/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "source.h"

struct source {
	card_pcsc_t *pcsc;
};

enum card_error source_new(struct source **out)
{
	struct source *s = calloc(1, sizeof(*s));
	enum card_error err;

	if (s == NULL)
		return CARD_ERR_NO_MEMORY;
	err = card_pcsc_new(&s->pcsc);
	if (err != CARD_OK) {
		free(s);
		return err;
	}
	*out = s;
	return CARD_OK;
}

void source_free(struct source **s)
{
	if (*s == NULL)
		return;
	card_pcsc_free(&(*s)->pcsc);
	free(*s);
	*s = NULL;
}

enum card_error source_list(struct source *s, struct card_pcsc_reader *list, size_t *n)
{
	return card_pcsc_list(s->pcsc, list, n);
}

enum card_error source_wait(struct source *s, const struct card_pcsc_reader *list, size_t n,
			    unsigned timeout_ms)
{
	return card_pcsc_wait_change(s->pcsc, list, n, timeout_ms);
}

enum card_error source_open(struct source *s, const char *name, card_reader_t **out)
{
	return card_pcsc_open(s->pcsc, name, 0, out);
}
