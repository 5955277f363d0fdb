/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pki_engine.h — what one thread needs for hashing and verifying: libcrypto
 * objects made once and used again, and prepared keys of issuers.
 */
#ifndef PKI_ENGINE_H
#define PKI_ENGINE_H

#include <openssl/bn.h>
#include <openssl/evp.h>

#include <card/sig.h>

/*
 * A public key made ready to verify many signatures: for RSA the modulus with
 * its Montgomery constants, for EC the key object. Read-only after pki_key_init,
 * so that threads may share it.
 */
struct pki_key {
	struct card_key key; /* views of the caller, which outlive this */
	BIGNUM *n, *e;
	BN_MONT_CTX *mont;
	EVP_PKEY *ec;
};

struct pki_engine {
	EVP_MD *md[5]; /* by enum card_hash, fetched at first use */
	EVP_MD_CTX *md_ctx;
	BN_CTX *bn;
	struct pki_key passing; /* RSA numbers of keys used once, to be filled again */
};

/* {0} is a valid start: members are made when needed. */
void pki_engine_free(struct pki_engine *e);

enum card_error pki_md(struct pki_engine *e, enum card_hash hash, const EVP_MD **out);
enum card_error pki_digest(struct pki_engine *e, enum card_hash hash, struct card_bytes in,
			   uint8_t out[CARD_HASH_MAX]);

enum card_error pki_key_init(struct pki_key *k, const struct card_key *key, struct pki_engine *e);
void pki_key_free(struct pki_key *k);

/* As card_sig_verify with a prepared key. */
enum card_error pki_key_verify(struct pki_engine *e, const struct pki_key *k,
			       struct card_sig_alg alg, struct card_bytes digest,
			       struct card_bytes signature);

/* As card_sig_verify, on this engine. */
enum card_error pki_sig_verify(struct pki_engine *e, const struct card_key *key,
			       struct card_sig_alg alg, struct card_bytes digest,
			       struct card_bytes signature);

/* As card_rsa_verify_digest_info with a prepared key. */
enum card_error pki_rsa_verify_block(struct pki_engine *e, const struct pki_key *k,
				     struct card_bytes digest_info, struct card_bytes signature);

#endif
