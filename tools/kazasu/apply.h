/* SPDX-License-Identifier: Apache-2.0 */
/* apply.h — what the steps of `kazasu apply` share. */
#ifndef KAZASU_APPLY_H
#define KAZASU_APPLY_H

#include "document.h"

#include <cardflow/apply.h>

struct apply_options {
	const char *form, *output, *attach, *to;
	const char *inbox, *certificate, *key, *verifier;
	const char *as, *administrator; /* operators, who need a session */
	bool yes, last_try, ocsp;
};

/* Steps: words are what follows the step's name. They return the exit code. */
typedef int apply_step(struct kz *kz, const struct apply_options *o, const char *const *words,
		       size_t n);
apply_step apply_new, apply_fill, apply_sign, apply_pack;
apply_step apply_receive, apply_list, apply_open, apply_decide, apply_retry, apply_erase;

/* A file whole. KZ_GO, or the exit code. */
int apply_read(struct kz *kz, const char *path, card_buf_t *out);

/* The form of --form. KZ_GO, or the exit code. */
int apply_form(struct kz *kz, const char *path, flow_form_t **out);

/* Report an error with what the library says about it; the exit code. */
int apply_fail(struct kz *kz, enum card_error err, const struct flow_apply_problem *p);

#endif
