/* SPDX-License-Identifier: Apache-2.0 */
/* sign.h — documents and the card that signs them. */
#ifndef KAZASU_SIGN_H
#define KAZASU_SIGN_H

#include "document.h"
#include "place.h"
#include "sign_pdf.h"
#include "secret_entry.h"

enum sign_kind { SIGN_CMS = 0, SIGN_PADES, SIGN_TOUKI, SIGN_XML, SIGN_RAW };

/* Files named in a list with commas, opened; the name that a signature has for each is its last
 * part. KZ_GO, or the exit code; release with kz_attachments_free in any case. */
struct kz_attachments {
	struct flow_attachment *item;
	struct kz_attachment {
		char *path, *uri; /* uri lies in path */
		flow_file_t *file;
	} * own; /* what item points to */
	size_t n;
};
int kz_attachments_open(struct kz *kz, const char *list, struct kz_attachments *out);
/* The same for every file of a folder. */
int kz_attachments_of_folder(struct kz *kz, const char *folder, struct kz_attachments *out);
void kz_attachments_free(struct kz_attachments *a);

struct sign_options {
	const char *as, *output, *tsa, *reason, *location;
	const char *ids, *attach; /* XML: lists with commas */
	bool enveloping, exclusive, plain;
	bool detached, yes, last_try, key_auth;
	struct sign_pdf pdf;
	flow_tsa_trust_t *tsa_trust;
	struct kz_attachments attachments;
};

struct sign_document {
	const char *path;
	char out[KZ_PATH_MAX];
	enum sign_kind kind;
	flow_file_t *file;
	char sha256[65];
};

/* The held secret and the certificate. */
struct sign_session {
	struct kz *kz;
	struct kz_session *card;
	struct kz_secret secret;
	enum card_pin pin;
	bool auth;
	card_cert_t *cert;
	int tries;
	bool presented;      /* by the last transaction */
	bool asked;          /* the card, for the document at hand */
	uint64_t generation; /* of the channel when the secret was accepted last */
	size_t allowed;      /* signatures that the holder consented to and that are not made yet */
};

const char *kz_sign_kind_name(enum sign_kind kind);

/* Name where each result goes: -o, in the folder that -o names, or beside the original; refused if
 * that would replace an original or another result, or cannot be written. KZ_GO, or the exit code. */
int kz_sign_name_outputs(struct kz *kz, const struct sign_options *o, struct sign_document *docs,
			 size_t n);

/* Refuse before the password what cannot be signed as XML, and tell what would stay outside.
 * KZ_GO, or the exit code. */
int kz_sign_xml_look(struct kz *kz, const struct sign_options *o, const struct sign_document *d);
enum card_error kz_sign_xml_make(const struct sign_options *o, const struct flow_signer *signer,
				 const struct sign_document *d, card_buf_t *out);
/* Say why a document is not signed; returns the exit code. */
int kz_sign_xml_refuse(struct kz *kz, const char *path, enum card_error err);

/* Show what is signed besides the document itself: elements by identifier, files by name. */
int kz_sign_show(struct kz *kz, const struct sign_options *o);

/* Ask for the secret and read the certificate. KZ_GO, or the exit code. */
int kz_sign_open(struct kz *kz, const struct sign_options *o, struct sign_session *s);
void kz_sign_close(struct sign_session *s);

/* flow_sign_fn over the session: one transaction, with the secret presented in it.
 * CARD_ERR_DENIED: more signatures than were consented to. */
enum card_error kz_sign_digest(void *ctx, enum card_hash hash, struct card_bytes digest,
			       card_buf_t *signature);

/* Sign one document and write it. KZ_GO, or the exit code. */
int kz_sign_document(struct kz *kz, const struct sign_options *o, struct sign_session *s,
		     struct sign_document *d);

#endif
