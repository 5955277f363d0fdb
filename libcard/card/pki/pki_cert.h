/* SPDX-License-Identifier: Apache-2.0 */
/* pki_cert.h — the parsed certificate, as pki/ sees it. */
#ifndef PKI_CERT_H
#define PKI_CERT_H

#include <stddef.h>

#include <card/cert.h>
#include <card/der.h>

#define PKI_EXTENSIONS_MAX 32u
#define PKI_POLICIES_MAX   8u

/* AuthorityKeyIdentifier; what is absent is empty. */
struct pki_authority {
	struct card_bytes key_id, serial;
	struct card_bytes issuer; /* its directory name, DER */
};

struct card_cert {
	struct card_bytes der, tbs, serial, issuer, subject, spki, sig_algorithm, signature;
	struct card_sig_alg sig_alg;
	struct card_key key;
	int64_t not_before, not_after;

	uint32_t present, critical; /* bits of enum card_cert_ext */
	struct card_bytes unknown_critical;
	unsigned key_usage, ext_key_usage;
	bool is_ca;
	int path_length;
	struct card_bytes policy[PKI_POLICIES_MAX];
	size_t policies;
	struct card_bytes subject_key_id;
	struct pki_authority authority;
	struct card_bytes dist_point, dist_point_uri;
	struct card_bytes ocsp_uri;
	struct card_bytes attribute[6];

	enum card_cert_kind kind;
	bool test, smartphone;
	/* The DER, where card_cert_parse made the object; aligned, so that assigning the
	 * struct does not reach into it. */
	_Alignas(max_align_t) uint8_t copy[];
};

/* Fill *c from der without copying: views into der. Faults as card_cert_parse. */
enum card_error pki_cert_read(struct card_cert *c, struct card_bytes der,
			      enum card_cert_fault *fault);

/* The extensions (content of the [3] element's SEQUENCE). */
enum card_error pki_cert_extensions(struct card_cert *c, struct card_der list,
				    enum card_cert_fault *fault);

/* Time of certificates and lists: UTCTime through 2049, GeneralizedTime from 2050
 * on (RFC 5280 §4.1.2.5, §5.1.2.4). */
enum card_error pki_time_read(struct card_der *c, int64_t *out);

/* The next element whole, which must have this tag. */
enum card_error pki_whole_read(struct card_der *c, unsigned tag, struct card_bytes *whole);

/* kind, test and smartphone out of the fields. */
void pki_cert_classify(struct card_cert *c);

/* OtherName: type-id and [0] EXPLICIT value, whole. */
enum card_error pki_other_name(struct card_bytes content, struct card_bytes *oid,
			       struct card_bytes *value);

/* Take one GeneralName (RFC 5280 §4.2.1.6); x400Address and ediPartyName, which
 * nobody uses, are not taken. */
enum card_error pki_general_name(struct card_der *c, struct card_der_item *out);

/* One element of GeneralNames that a distribution point may hold; used for the
 * certificate's CDP and the list's IDP. */
struct pki_dist_point {
	struct card_bytes directory; /* Name, DER */
	struct card_bytes uri;
	bool relative; /* nameRelativeToCRLIssuer: cannot be matched */
};

/* Content of DistributionPointName ([0] of DistributionPoint or IDP). */
enum card_error pki_dist_point_name(struct card_bytes content, struct pki_dist_point *out);

/* AuthorityKeyIdentifier (the SEQUENCE, whole). */
enum card_error pki_authority_key_id(struct card_bytes value, struct pki_authority *out);

#endif
