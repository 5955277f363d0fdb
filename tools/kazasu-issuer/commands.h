/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h — what is done by hand on an issuer: records, lists, cards, PINs. */
#ifndef ISSUER_COMMANDS_H
#define ISSUER_COMMANDS_H

#include "config.h"
#include "options.h"

/* Each returns an exit code of sysexits.h. */
int command_generate(const struct config *c, const struct options *o);
int command_import(const struct config *c, const struct options *o);
int command_export(const struct config *c, const struct options *o);
int command_list(const struct config *c, const struct options *o);
int command_map(const struct config *c, const struct options *o);
/* kind_pin.c */
int command_kind_pin(const struct config *c, const struct options *o);
int command_kind_pins(const struct config *c, const struct options *o);

/* A folder with keys and a configuration for tests; needs no configuration. */
int command_make_test(const struct options *o);

#endif
