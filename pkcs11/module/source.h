/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h — where readers come from: pcscd in the shipped module (source_pcsc.c). Tests that
 * drive the module inside their own process link another one over the virtual card.
 */
#ifndef KAZASU_SOURCE_H
#define KAZASU_SOURCE_H

#include <card/pcsc.h>

struct source;

/* Errors as card_pcsc_new, card_pcsc_list, card_pcsc_wait_change and card_pcsc_open. A source may
 * be used by one thread at a time, source_open by any. */
enum card_error source_new(struct source **out);
void source_free(struct source **s);
enum card_error source_list(struct source *s, struct card_pcsc_reader *list, size_t *n);
enum card_error source_wait(struct source *s, const struct card_pcsc_reader *list, size_t n,
			    unsigned timeout_ms);
enum card_error source_open(struct source *s, const char *name, card_reader_t **out);

#endif
