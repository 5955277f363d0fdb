/* SPDX-License-Identifier: Apache-2.0 */
/* The table of readers and slots. Readers are added and never taken away: slot numbers stay. */
#include <stdlib.h>
#include <string.h>

#include "module.h"

struct slot *slot_find(CK_SLOT_ID id)
{
	size_t i = (size_t)(id / SLOT_KINDS);
	enum slot_kind kind = id % SLOT_KINDS == 0 ? SLOT_AUTH : SLOT_SIGN;

	if (i >= module.reader_count || (kind == SLOT_SIGN && module.config.auth_only))
		return NULL;
	return &module.readers[i]->slots[kind];
}

CK_SLOT_ID slot_id(const struct slot *s)
{
	return (CK_SLOT_ID)s->reader->index * SLOT_KINDS + (CK_SLOT_ID)s->kind;
}

static struct reader *add(const char *name)
{
	struct reader *r;

	if (module.reader_count == CARD_PCSC_READERS_MAX)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->index = (unsigned)module.reader_count;
	memcpy(r->name, name, strlen(name) + 1);
	for (unsigned k = 0; k < SLOT_KINDS; k++) {
		r->slots[k].reader = r;
		r->slots[k].kind = k == 0 ? SLOT_AUTH : SLOT_SIGN;
		r->slots[k].tries = CARD_TRIES_UNKNOWN;
	}
	module.readers[module.reader_count++] = r;
	return r;
}

static struct reader *find(const char *name)
{
	for (size_t i = 0; i < module.reader_count; i++)
		if (strcmp(module.readers[i]->name, name) == 0)
			return module.readers[i];
	return NULL;
}

static void changed(struct reader *r)
{
	for (unsigned k = 0; k < SLOT_KINDS; k++)
		r->slots[k].event = true;
}

static void forget(struct reader *r)
{
	for (unsigned k = 0; k < SLOT_KINDS; k++) {
		login_forget(&r->slots[k]);
		r->slots[k].tries = CARD_TRIES_UNKNOWN;
		r->slots[k].tries_fresh = false;
		r->slots[k].impossible = false;
		r->present[k] = false;
	}
	for (size_t i = 0; i < FILES; i++)
		file_free(&r->files[i]);
	r->loaded = r->recognised = r->pinpad = r->guarded = false;
	r->serial[0] = '\0';
	card_channel_free(&r->channel);
	card_reader_free(&r->transport);
	r->stale = false;
}

void reader_gone(struct reader *r)
{
	sessions_kill(r);
	r->power++;
	/* The owner of a running dialogue still uses all this. */
	r->stale = true;
	if (!r->busy)
		forget(r);
}

void reader_settle(struct reader *r)
{
	if (r->stale)
		forget(r);
}

/* What pcscd says of one reader now. */
static void take(struct reader *r, const struct card_pcsc_reader *now)
{
	bool card = now != NULL && now->card;
	uint32_t events = now != NULL ? now->events : r->events;
	bool same = card == r->card && (!card || events == r->events);

	r->listed = now != NULL;
	if (!same) {
		if (r->card)
			reader_gone(r);
		changed(r);
	}
	r->card = card;
	r->events = events;
}

void readers_refresh(void)
{
	struct card_pcsc_reader list[CARD_PCSC_READERS_MAX];
	size_t n = CARD_PCSC_READERS_MAX;

	memset(list, 0, sizeof(list));
	if (module.source == NULL && source_new(&module.source) != CARD_OK)
		module.source = NULL;
	if (module.source == NULL || source_list(module.source, list, &n) != CARD_OK)
		n = 0; /* no pcscd: every reader is gone until it is back */
	for (size_t i = 0; i < module.reader_count; i++) {
		const struct card_pcsc_reader *now = NULL;

		for (size_t j = 0; j < n; j++)
			if (strcmp(list[j].name, module.readers[i]->name) == 0)
				now = &list[j];
		take(module.readers[i], now);
	}
	for (size_t j = 0; j < n; j++) {
		struct reader *r;

		if (find(list[j].name) != NULL || config_excludes(&module.config, list[j].name))
			continue;
		r = add(list[j].name);
		if (r != NULL)
			take(r, &list[j]);
	}
}

void readers_free(void)
{
	for (size_t i = 0; i < module.reader_count; i++) {
		struct reader *r = module.readers[i];

		r->busy = false;
		reader_gone(r);
		free(r);
		module.readers[i] = NULL;
	}
	module.reader_count = module.reader_shown = 0;
}
