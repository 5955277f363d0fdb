/* SPDX-License-Identifier: Apache-2.0 */
/* The PKCS#11 3.0 header: NSS has it, p11-kit of Debian 12 stops at 2.40. */
#ifndef KAZASU_CRYPTOKI_H
#define KAZASU_CRYPTOKI_H

#include <pkcs11.h>

/* PKCS#11 §2.1: natural alignment on Unix. A header with other packing must not compile. */
_Static_assert(sizeof(CK_INFO) == 2 + 32 + 6 + 8 + 32 + 2 + 6, "Cryptoki structures are packed");

#endif
