/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h — the entry of every subcommand, one file cmd_<name>.c each. */
#ifndef KAZASU_COMMANDS_H
#define KAZASU_COMMANDS_H

#include "kazasu.h"

int cmd_apdu(struct kz *kz);
int cmd_readers(struct kz *kz);

#endif
