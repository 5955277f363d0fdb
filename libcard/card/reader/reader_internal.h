/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARD_READER_INTERNAL_H
#define CARD_READER_INTERNAL_H

#include <card/reader.h>

/* The ctx of a reader made over ops, NULL if it was made over others. */
void *card_reader_ctx(const card_reader_t *r, const struct card_reader_ops *ops);

#endif
