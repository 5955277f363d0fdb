/* SPDX-License-Identifier: Apache-2.0 */
/* oid.h — object identifiers of signatures: the content octets. */
#ifndef DOCUMENT_OID_H
#define DOCUMENT_OID_H

#include <card/bytes.h>

extern const struct card_bytes OID_DATA;                 /* 1.2.840.113549.1.7.1, RFC 5652 §4 */
extern const struct card_bytes OID_SIGNED_DATA;          /* 1.2.840.113549.1.7.2, RFC 5652 §5.1 */
extern const struct card_bytes OID_CONTENT_TYPE;         /* 1.2.840.113549.1.9.3, RFC 5652 §11.1 */
extern const struct card_bytes OID_MESSAGE_DIGEST;       /* 1.2.840.113549.1.9.4, RFC 5652 §11.2 */
extern const struct card_bytes OID_SIGNING_TIME;         /* 1.2.840.113549.1.9.5, RFC 5652 §11.3 */
extern const struct card_bytes OID_ALGORITHM_PROTECTION; /* 1.2.840.113549.1.9.52, RFC 6211 §2 */
extern const struct card_bytes OID_SIGNING_CERT_V2; /* 1.2.840.113549.1.9.16.2.47, RFC 5035 §3 */
extern const struct card_bytes
	OID_TIMESTAMP_TOKEN;                 /* 1.2.840.113549.1.9.16.2.14, RFC 3161 appendix A */
extern const struct card_bytes OID_TST_INFO; /* 1.2.840.113549.1.9.16.1.4, RFC 3161 §2.4.2 */
extern const struct card_bytes OID_SHA1;     /* 1.3.14.3.2.26, RFC 3370 §2.1 */
extern const struct card_bytes OID_SHA256;   /* 2.16.840.1.101.3.4.2.1, RFC 5754 §2 */
extern const struct card_bytes OID_SHA384;   /* 2.16.840.1.101.3.4.2.2, RFC 5754 §2 */
extern const struct card_bytes OID_SHA512;   /* 2.16.840.1.101.3.4.2.3, RFC 5754 §2 */
extern const struct card_bytes OID_RSA;      /* 1.2.840.113549.1.1.1, RFC 8017 appendix C */
extern const struct card_bytes OID_ECDSA_SHA256; /* 1.2.840.10045.4.3.2, RFC 5758 §3.2 */
extern const struct card_bytes OID_ECDSA_SHA384; /* 1.2.840.10045.4.3.3, RFC 5758 §3.2 */

#endif
