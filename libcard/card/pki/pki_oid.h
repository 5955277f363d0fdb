/* SPDX-License-Identifier: Apache-2.0 */
/* pki_oid.h — content octets of the object identifiers used here. */
#ifndef PKI_OID_H
#define PKI_OID_H

#include <string.h>

#include <card/bytes.h>

#define PKI_OID(...)                                                                               \
	{                                                                                          \
		(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})             \
	}

/* RFC 5280 §4.2: 2.5.29.n */
#define PKI_OID_EXT(n) 0x55, 0x1D, (n)
/* RFC 5280 §4.2.2.1, §4.2.1.12, RFC 6960 §4.4.1, §4.2.2.2.1: 1.3.6.1.5.5.7.… */
#define PKI_OID_PKIX 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07
/* RFC 8017 appendix A.2: 1.2.840.113549.1.1.n */
#define PKI_OID_PKCS1(n) 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, (n)
/* RFC 5758 §3.2: 1.2.840.10045.4.3.n */
#define PKI_OID_ECDSA(n) 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, (n)
/* RFC 5754 §2: 2.16.840.1.101.3.4.2.n */
#define PKI_OID_SHA2(n) 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, (n)
/* card-spec 7.2 to 7.4: 1.2.392.200149.8.5.… */
#define PKI_OID_JPKI 0x2A, 0x83, 0x08, 0x8C, 0x9B, 0x55, 0x08, 0x05

static inline bool pki_oid_is(struct card_bytes oid, struct card_bytes want)
{
	return oid.n == want.n && (want.n == 0 || memcmp(oid.p, want.p, want.n) == 0);
}

#endif
