/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chip.h — the inside of a virtual card: applications, files, counters, state.
 *
 * content_*.c fill it from a persona, command.c and its neighbours run it.
 */
#ifndef SIM_CHIP_H
#define SIM_CHIP_H

#include "choice.h"
#include "pki.h"

enum sim_ap_id {
	SIM_MF = 0, /* the card manager, current after power-on */
	SIM_JPKI,
	SIM_SURFACE,
	SIM_TEXT,
	SIM_JUKI,
	SIM_COMMON,
	SIM_LICENCE,
	SIM_LOCAL, /* 条例利用AP */
	SIM_OTHER, /* selectable, empty */
	SIM_AP_MAX
};

enum sim_ef_kind { SIM_EF_BINARY, SIM_EF_RECORD, SIM_EF_SECRET, SIM_EF_KEY, SIM_EF_UNKNOWN };

/* Conditions: any of the secrets of a mask verified; 0 is free. */
#define SIM_FREE      0u
#define SIM_BY(id)    (1u << (id))
#define SIM_NEVER     0x80000000u
#define SIM_BY_MUTUAL 0x40000000u /* MUTUAL AUTHENTICATE succeeded */
#define SIM_MAX_EFS   20
#define SIM_MAX_APS   10
#define SIM_SEED_LEN  32

/* What a key may do. */
enum sim_key_use { SIM_KEY_SIGNS = 0, SIM_KEY_AUTHENTICATES, SIM_KEY_SILENT };

struct sim_ef {
	unsigned id;
	enum sim_ef_kind kind;
	uint32_t need;
	struct sim_buf content;    /* binary: the file; record: records one after another */
	enum sim_secret_id secret; /* kind SECRET */
	EVP_PKEY *key;             /* kind KEY */
	enum sim_key_use use;
	uint16_t read_sw;  /* 0: by kind */
	uint16_t query_sw; /* retry query of an EF that is no secret; 0: by choice */
};

struct sim_ap {
	enum sim_ap_id id;
	uint8_t aid[16];
	size_t aid_n;
	struct sim_ef ef[SIM_MAX_EFS];
	size_t n_ef;
	unsigned default_key; /* EF of P2 = 00; 0 none */
};

struct sim_object { /* GET DATA */
	unsigned tag;
	struct sim_buf content;
};

struct sim_secret {
	uint8_t value[16];
	size_t n;
	size_t least, most; /* lengths */
	int max, left;
	bool changes;
};

/* 条例利用AP (local.h) */
#define SIM_LOCAL_CHALLENGE 16u
#define SIM_LOCAL_REFERENCE 8u
struct sim_local {
	uint8_t open_key[32], card_key[32];
	uint8_t challenge[SIM_LOCAL_CHALLENGE];
	bool challenged; /* asked for in this application and not used yet */
};

struct sim_session { /* secure messaging, card-spec 4.5 */
	enum { SIM_SESSION_NONE = 0, SIM_SESSION_ON, SIM_SESSION_DEAD } state;
	uint8_t key[16];
	uint64_t count;
};

struct sim_chip {
	struct sim_persona persona;
	struct sim_home home;
	struct sim_behaviour behaviour;
	uint8_t atr[33];
	size_t atr_n;

	/* memory that lasts */
	struct sim_ap ap[SIM_MAX_APS];
	size_t n_ap;
	struct sim_object object[12];
	size_t n_object;
	struct sim_secret secret[SIM_SECRET_COUNT_];
	char state_path[SIM_PATH_MAX]; /* "" : counters in memory only */
	EVP_PKEY *session_key;         /* private half of text EF 0006 */
	EVP_PKEY *stray;               /* signs what must not verify */
	struct sim_local local;

	/* memory that goes with the power */
	size_t current;    /* index of the current AP */
	size_t status_ap;  /* AP the security status belongs to */
	struct sim_ef *ef; /* current EF */
	uint32_t verified; /* mask of secrets */
	bool fresh;        /* no command since power-on */
	struct sim_session session;
	struct sim_buf waiting; /* for GET RESPONSE */

	/* one command */
	bool tear_at_counter; /* lose power once the counter is written */
	bool torn;
	unsigned rsa, writes; /* work done, for the latency model */
};

/* Build a chip. Errors as card_sim_new. */
enum card_error sim_chip_new(struct sim_chip **out, const char *persona,
			     const struct card_sim_options *opt, struct card_sim_problem *problem);
void sim_chip_free(struct sim_chip *c);

void sim_chip_power_on(struct sim_chip *c);
void sim_chip_warm_reset(struct sim_chip *c);

/* Execute one command; the response with its status word is appended to out. */
void sim_chip_command(struct sim_chip *c, const uint8_t *cmd, size_t n, struct sim_buf *out);

/* Content, by applet. */
struct sim_contents {
	struct sim_chip *chip;
	struct sim_pki pki;
	EVP_PKEY *municipal; /* certified by the card-verifiable certificates */
	uint8_t municipal_id[SIM_KEY_ID];
	struct card_sim_problem *problem;
};
enum card_error sim_content_jpki(struct sim_contents *x);
enum card_error sim_content_surface(struct sim_contents *x);
enum card_error sim_content_text(struct sim_contents *x);
enum card_error sim_content_others(struct sim_contents *x); /* MF, juki, common, licence */

/* Helpers of the content files. */
struct sim_ap *sim_add_ap(struct sim_chip *c, enum sim_ap_id id, const char *aid_hex);
struct sim_ef *sim_add_ef(struct sim_ap *ap, unsigned id, enum sim_ef_kind kind, uint32_t need);
void sim_add_secret(struct sim_ap *ap, unsigned id, enum sim_secret_id secret);
struct sim_ef *sim_add_key(struct sim_contents *x, struct sim_ap *ap, unsigned id, const char *role,
			   uint32_t need);
/* Filler after the object in a file: to size, or to the next unit if size is 0. */
void sim_pad_file(struct sim_chip *c, struct sim_buf *file, size_t size);
/* 7F21 of a municipality, certified by the issuer called name. */
bool sim_put_municipal_cv(struct sim_contents *x, struct sim_buf *b, const char *issuer,
			  bool header);
/* Wrap, with the length form the behaviour asks for where `measured` was seen. */
void sim_wrap_record(const struct sim_chip *c, struct sim_buf *b, size_t start, unsigned tag,
		     enum sim_len measured);
/* A record's signature of PKCS#1 v1.5 SHA-256; one bit wrong if the quirk says so. */
bool sim_record_sign(struct sim_contents *x, const uint8_t *p, size_t n,
		     uint8_t out[SIM_RSA_BYTES]);
/* Bytes that look random but depend on the card's serial and label only. */
void sim_noise(const struct sim_persona *p, const char *label, uint8_t *out, size_t n);

/* Counters and changed PINs: state.c. */
enum card_error sim_state_load(struct sim_chip *c, const char *dir,
			       struct card_sim_problem *problem);
bool sim_state_save(struct sim_chip *c);

#endif
