/* SPDX-License-Identifier: Apache-2.0 */
/* admin.h — the parts of `kazasu admin`: the centre's operators, and the administration of cards. */
#ifndef KAZASU_ADMIN_H
#define KAZASU_ADMIN_H

#include "cards.h"

#include <cardflow/card_admin.h>

/* The words of the command line. */
struct kz_admin {
	/* the centre */
	const char *center, *ca, *certificate, *key;
	const char *municipality, *kind, *terminal, *reason, *day, *from, *to;
	const char *refund, *means;
	bool all;
	/* cards */
	const char *subject, *caller, *record, *application, *as, *approver, *use, *sign;
	const char *pki, *lists, *days;
};

/* Ask the centre: a POST with body, a GET without. The answer is to be decref'd; *status 0: not
 * reached. */
json_t *kz_admin_ask(const struct kz_admin *a, const char *path, const char *body, long *status);

/* Are all four words of the connection there? */
bool kz_admin_has_center(const struct kz_admin *a);

/* Is this a word of the administration of cards? */
bool kz_admin_is_card(const char *word);

/* admin_card.c: suspend, hold, release, …; with --pki the change is published at once. */
int kz_admin_card(struct kz *kz, const struct kz_admin *a, const char *const *words, size_t n);

/* admin_enrol.c: take the card on the reader in; show the state of one. d is open, with a session. */
int kz_admin_enrol(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a);
int kz_admin_status(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a);

/* {"state":…,"since":…,"reason":…,"not_after":…}, or null without a certificate. */
json_t *kz_admin_cert_json(const struct flow_card_cert *cert);

/* admin_caller.c: the four attributes that a caller says, from a file ("-": standard input) or asked for
 * at the terminal; compared with the register. atena: who it is. KZ_GO, or the exit code. */
int kz_admin_caller(struct kz *kz, struct kz_desk *d, const struct kz_admin *a, char atena[41]);

/* admin_publish.c: lists of revoked certificates and databases for OCSP of the test PKI, and the
 * states for the centre. *out: what was made; NULL on failure. KZ_GO, or the exit code. */
int kz_admin_publish(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a,
		     json_t **out);

/* The refusal of a rule, with its code: exit 7, or what the code means. */
int kz_admin_refuse(struct kz *kz, enum card_error err, const char *code);

/* card_words.c: a code of card_admin.h as a sentence; a state as a word. NULL: not one of those. */
const char *kz_card_word(const char *code);

#endif
