/* SPDX-License-Identifier: Apache-2.0 */
#include "pem.h"

#include <openssl/evp.h>

/* RFC 7468: 64 characters a line. */
enum card_error kz_pem_write(struct card_bytes der, card_buf_t *out)
{
	static const char head[] = "-----BEGIN CERTIFICATE-----\n";
	static const char tail[] = "-----END CERTIFICATE-----\n";
	enum card_error err = card_buf_append(out, card_bytes(head, sizeof head - 1));

	for (size_t i = 0; i < der.n && err == CARD_OK; i += 48) {
		unsigned char line[66];
		int n = EVP_EncodeBlock(line, der.p + i, der.n - i < 48 ? (int)(der.n - i) : 48);

		line[n] = '\n';
		err = card_buf_append(out, card_bytes(line, (size_t)n + 1));
	}
	if (err == CARD_OK)
		err = card_buf_append(out, card_bytes(tail, sizeof tail - 1));
	return err;
}
