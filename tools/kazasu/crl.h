/* SPDX-License-Identifier: Apache-2.0 */
/* crl.h — what the parts of `kazasu crl` share. */
#ifndef KAZASU_CRL_H
#define KAZASU_CRL_H

#include "pki.h"

/* What is asked about; NULL where not given. */
struct crl_question {
	const char *certificate, *issuer, *dp, *serial;
};

json_t *crl_info_json(const struct kz *kz, const struct card_crl_info *info);
void crl_info_say(const struct kz *kz, const struct card_crl_info *info);

/* Each returns the exit code. */
int crl_lookup(struct kz *kz, const struct crl_question *q);
int crl_show(struct kz *kz);
int crl_verify(struct kz *kz);
int crl_export(struct kz *kz, const struct crl_question *q);

#endif
