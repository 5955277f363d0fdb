/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h — the entry of every subcommand, one file cmd_<name>.c each. */
#ifndef KAZASU_COMMANDS_H
#define KAZASU_COMMANDS_H

#include "kazasu.h"

int cmd_admin(struct kz *kz);
int cmd_apdu(struct kz *kz);
int cmd_apply(struct kz *kz);
int cmd_attrs(struct kz *kz);
int cmd_audit(struct kz *kz);
int cmd_cert(struct kz *kz);
int cmd_check(struct kz *kz);
int cmd_crl(struct kz *kz);
int cmd_demo(struct kz *kz);
int cmd_doctor(struct kz *kz);
int cmd_face(struct kz *kz);
int cmd_identify(struct kz *kz);
int cmd_journal(struct kz *kz);
int cmd_kiosk(struct kz *kz);
int cmd_lifecycle(struct kz *kz);
int cmd_login(struct kz *kz);
int cmd_logout(struct kz *kz);
int cmd_number(struct kz *kz);
int cmd_ocsp(struct kz *kz);
int cmd_operator(struct kz *kz);
int cmd_paper(struct kz *kz);
int cmd_pin(struct kz *kz);
int cmd_procedure(struct kz *kz);
int cmd_purpose(struct kz *kz);
int cmd_readers(struct kz *kz);
int cmd_register(struct kz *kz);
int cmd_sign(struct kz *kz);
int cmd_status(struct kz *kz);
int cmd_trust(struct kz *kz);
int cmd_verify_batch(struct kz *kz);
int cmd_verify(struct kz *kz);

#endif
