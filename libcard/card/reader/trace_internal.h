/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARD_TRACE_INTERNAL_H
#define CARD_TRACE_INTERNAL_H

/* Stands in a trace for the length and data of a command that carries a secret. */
#define TRACE_HIDDEN "**"

#endif
