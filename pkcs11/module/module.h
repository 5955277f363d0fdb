/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module.h — the state of the PKCS#11 module and who may touch it.
 *
 * Locks. One mutex (module.lock) guards everything below: tables, sessions, operations, what is
 * known of a card. No card or reader is spoken to under it. A dialogue with a card goes so:
 *
 *	lock → reader_acquire (waits its turn; the mutex is free meanwhile) → look again at session
 *	and login → unlock → commands → lock → store the result → reader_release → unlock
 *
 * so a thread that asks for session information never waits for a card. Whatever was looked up
 * before the mutex was free must be looked up again after it: sessions by handle. The transport,
 * the channel and the fields marked (owner) belong to the thread that acquired the reader.
 * `away` counts the threads that are inside a call without the mutex; C_Finalize waits for zero.
 * fork: the child starts with nothing and must call C_Initialize (PKCS#11 3.0 §5.4); what the
 * parent had open is left alone there, because the connections are still the parent's.
 */
#ifndef KAZASU_MODULE_H
#define KAZASU_MODULE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include <card/card.h>

#include "config.h"
#include "cryptoki.h"
#include "source.h"

enum slot_kind { SLOT_AUTH = 0, SLOT_SIGN = 1 };
#define SLOT_KINDS 2u

/* A certificate file of the card; read at most once per insertion. */
struct file {
	bool read;
	card_buf_t der;    /* not read: empty, or its first block */
	card_cert_t *cert; /* NULL although read: absent, or not a certificate */
};
#define FILES 4u /* index enum card_jpki_certificate */

struct reader;

/* One key with its PIN: what PKCS#11 calls a slot and the token in it. */
struct slot {
	struct reader *reader;
	enum slot_kind kind;
	bool event; /* changed since C_WaitForSlotEvent told so last */
	bool logged_in;
	int tries;        /* CARD_TRIES_… ; of the last answer */
	bool tries_fresh; /* not yet told by C_GetTokenInfo */
	bool impossible;  /* a PIN that no card can have was entered since the last right one */
	card_secret_t
		*pin; /* authentication: for the login; signature: only with sign_login=session */
	int login_tries; /* most tries seen since the login: fewer now means somebody failed */
	unsigned sessions, read_only; /* open ones */
};

struct reader {
	unsigned index;
	char name[128];
	bool listed;     /* pcscd reports it now */
	bool card;       /* a card lies on it */
	uint32_t events; /* insertions and removals, as pcscd counts */
	bool busy;       /* a dialogue runs: its thread owns transport and channel */
	bool stale;      /* the card went away: all below is forgotten when the owner is done */
	card_reader_t *transport; /* (owner) */
	card_channel_t *channel;  /* (owner) */
	uint64_t generation;      /* (owner) of the channel at its last use */
	uint64_t power;           /* changes with every reset, reinsertion or new connection */
	bool loaded;              /* asked since the insertion: the fields below are known */
	bool recognised;          /* it has a JPKI application */
	bool pinpad;
	bool guarded; /* 000A wants its PIN first (phones): what comes out of it is private */
	bool present[SLOT_KINDS]; /* certificate there, by file 0008 */
	char serial[17];
	struct file files[FILES];
	struct slot slots[SLOT_KINDS];
};

enum op_stage { OP_NONE = 0, OP_READY, OP_SINGLE /* length was asked */, OP_MULTI };

#define RAW_MAX 245u /* card-spec 4.2 */

/* A digest, signature or verification in progress. */
struct op {
	enum op_stage stage;
	CK_MECHANISM_TYPE mechanism;
	enum card_hash hash; /* CARD_HASH_NONE: the caller made the data */
	bool pss;
	EVP_MD_CTX *md;
	size_t raw_len;
	uint8_t raw[RAW_MAX];
	/* context-specific login, signature only: dropped with the operation */
	card_secret_t *password;
	uint64_t password_power;
};

#define OBJECTS_MAX 8u

struct session {
	CK_SESSION_HANDLE handle;
	struct slot *slot;
	bool dead; /* its token was removed */
	CK_FLAGS flags;
	bool finding;
	CK_OBJECT_HANDLE found[OBJECTS_MAX];
	size_t found_count, found_next;
	struct op digest, sign, verify;
};

struct module {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a reader is free, a thread came back, C_Finalize began */
	bool initialised, finalising;
	unsigned away;
	struct config config;
	struct source *source;
	struct reader *readers[CARD_PCSC_READERS_MAX];
	size_t reader_count, reader_shown; /* shown: in C_GetSlotList */
	struct session **sessions;
	size_t session_count, session_room;
	CK_SESSION_HANDLE next_handle;
};

extern struct module module;

/* Every C_ function but C_Initialize begins with enter and, if that gave CKR_OK, ends with
 * leave. CKR_CRYPTOKI_NOT_INITIALIZED. */
CK_RV module_enter(void);
void module_leave(void);

/* Let go of the mutex and take it back. module_back: CKR_CRYPTOKI_NOT_INITIALIZED if C_Finalize
 * began meanwhile; the mutex is held in any case. */
void module_away(void);
CK_RV module_back(void);

/* ---- readers.c ---- */

/* Ask pcscd what there is: readers, cards, changes. Sends nothing to a card. */
void readers_refresh(void);
struct slot *slot_find(CK_SLOT_ID id);
CK_SLOT_ID slot_id(const struct slot *s);
/* The card in r is gone, or another one: sessions die; everything known is forgotten, at once or,
 * while a dialogue runs, by its owner. */
void reader_gone(struct reader *r);
/* Owner only, outside a dialogue: forget now what reader_gone left. */
void reader_settle(struct reader *r);
void readers_free(void);

/* ---- dialogue.c ---- */

/* Become the owner of r for a dialogue. CKR_CRYPTOKI_NOT_INITIALIZED: C_Finalize began. */
CK_RV reader_acquire(struct reader *r);
void reader_release(struct reader *r);

/* The commands of a dialogue, without the mutex. reset: since the last dialogue the card was
 * reset or the connection renewed. */
typedef enum card_error dialogue_fn(card_channel_t *ch, struct reader *r, bool reset, void *ctx);

/* Owner only. Connect if need be, begin, fn, end. CKR_TOKEN_NOT_PRESENT: no card;
 * CKR_DEVICE_REMOVED: it was taken away, or was another than before (fn did not run then). *err
 * receives what fn or the transaction gave; other errors are the caller's to name. */
CK_RV reader_dialogue(struct reader *r, dialogue_fn *fn, void *ctx, enum card_error *err);

/* The error of PKCS#11 for an error of libcard outside a PIN's own. */
CK_RV rv_of(enum card_error err);

/* ---- token.c ---- */

/* Owner only. Know the token: one dialogue per insertion. CKR_TOKEN_NOT_PRESENT,
 * CKR_TOKEN_NOT_RECOGNIZED, CKR_DEVICE_REMOVED, CKR_DEVICE_ERROR. */
CK_RV token_load(struct reader *r);

/* Owner only. Read a certificate unless that was done. Signature: only inside its login. */
CK_RV token_file(struct reader *r, enum card_jpki_certificate which);

/* Inside a dialogue: read a certificate, or the rest of one, into a file that no one else sees. */
enum card_error token_read(card_channel_t *ch, enum card_jpki_certificate which, struct file *out);
void file_free(struct file *f);
/* The certificate of the slot's key. */
enum card_jpki_certificate slot_certificate(const struct slot *s);
const struct file *slot_file(const struct slot *s);

/* ---- sessions.c ---- */

struct session *session_find(CK_SESSION_HANDLE h);
/* CKR_SESSION_HANDLE_INVALID, CKR_DEVICE_REMOVED. */
CK_RV session_get(CK_SESSION_HANDLE h, struct session **out);
/* The same, as owner of its reader; reader_release when done. */
CK_RV session_acquire(CK_SESSION_HANDLE h, struct session **out);
/* A function of the interface begins: module_enter, then session_acquire; *r is what to leave by, whatever
 * becomes of the session. On an error nothing is held. */
CK_RV session_enter(CK_SESSION_HANDLE h, struct session **s, struct reader **r);
void session_leave(struct reader *r);
void sessions_kill(struct reader *r);
void sessions_free(void);

/* ---- login.c ---- */

/* Forget the login of a slot; nothing is sent. */
void login_forget(struct slot *s);
/* Clear the security status that an authentication login left on the card; owner only. */
void login_clear(struct slot *s);
/* The PKCS#11 error of presenting a secret. */
CK_RV login_rv(enum card_error err);
/* Store what a presentation said about the tries. */
void login_note_tries(struct slot *s, int tries);
/* A copy of a PIN that a caller gave. CKR_PIN_INCORRECT: longer than any; CKR_HOST_MEMORY. */
CK_RV login_secret(CK_UTF8CHAR_PTR pin, CK_ULONG len, card_secret_t **out);

/* ---- objects.c, attributes.c ---- */

enum object_class { OBJECT_PROFILE, OBJECT_CERTIFICATE, OBJECT_PUBLIC, OBJECT_PRIVATE };

struct object {
	CK_OBJECT_HANDLE handle;
	enum slot_kind slot;
	enum object_class class;
	enum card_jpki_certificate file; /* what its values come from */
	CK_ULONG profile;
	uint8_t id;
	const char *label;
	bool is_private;
};

/* The object if the slot has it and the login allows to see it. */
const struct object *object_find(const struct slot *s, CK_OBJECT_HANDLE h);
const struct object *object_at(const struct slot *s, size_t nth); /* NULL: hidden or absent */
#define OBJECT_ROWS 11u

/* Not to be seen without a login. */
bool object_is_private(const struct slot *s, const struct object *o);

/* True if the value comes out of the certificate file. */
bool attribute_needs_file(const struct object *o, CK_ATTRIBUTE_TYPE type);
/* The value, appended. CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE, CKR_HOST_MEMORY;
 * CKR_DEVICE_ERROR: the file could not be read or is no certificate. */
CK_RV attribute_value(const struct slot *s, const struct object *o, CK_ATTRIBUTE_TYPE type,
		      card_buf_t *out);

/* ---- mechanisms.c ---- */

struct mechanism {
	CK_MECHANISM_TYPE type;
	enum card_hash hash;
	bool pss, sha1;
	CK_FLAGS flags;
};
/* NULL: not offered. */
const struct mechanism *mechanism_find(CK_MECHANISM_TYPE type);
/* CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID. flag: what it is to be used for. */
CK_RV mechanism_check(const CK_MECHANISM *m, CK_FLAGS flag, const struct mechanism **out);

/* ---- operation.c ---- */

/* Begin; op must be empty. CKR_HOST_MEMORY, CKR_FUNCTION_FAILED (libcrypto). */
CK_RV op_start(struct op *op, const struct mechanism *m);
/* Drop everything; the stage is OP_NONE. */
void op_end(struct op *op);

/* The operation of a session; use: CKF_DIGEST, CKF_SIGN or CKF_VERIFY. */
struct op *op_of(struct session *s, CK_FLAGS use);
/* May this object of the slot be the key of such an operation? */
typedef CK_RV key_fn(const struct slot *s, CK_OBJECT_HANDLE key);
/* The whole of C_SignInit and C_VerifyInit (PKCS#11 3.0 §5.2: no mechanism ends what is active);
 * the certificate of the slot has been read when an operation begins. */
CK_RV op_init(CK_SESSION_HANDLE h, CK_MECHANISM_PTR mech, CK_OBJECT_HANDLE key, CK_FLAGS use,
	      key_fn *check_key);
/* The whole of C_DigestUpdate, C_SignUpdate and C_VerifyUpdate. */
CK_RV op_part(CK_SESSION_HANDLE h, CK_BYTE_PTR part, CK_ULONG n, CK_FLAGS use);
/* Bytes of a signature by the key of the slot; 0: its certificate is not known. */
CK_ULONG signature_size(const struct slot *s);

/* CKR_DATA_LEN_RANGE: more raw data than a signature can hold. */
CK_RV op_update(struct op *op, const uint8_t *p, size_t n);
/* The digest or the raw data: *out is a view into memory of op or into digest. */
CK_RV op_finish(struct op *op, uint8_t digest[CARD_HASH_MAX], struct card_bytes *out);
/* PKCS#11 §5.2: a NULL buffer asks for the length. True: rv is to be returned and the operation
 * goes on. */
bool op_length_only(CK_BYTE_PTR buffer, CK_ULONG_PTR len, CK_ULONG need, CK_RV *rv);

/* Fill a blank-padded field. */
void pad(CK_UTF8CHAR *field, size_t n, const char *text);

#endif
