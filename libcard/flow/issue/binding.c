/* SPDX-License-Identifier: Apache-2.0 */
/* binding.c — what the card signs, what ties an answer to its request, and the key under which a
 * municipality knows a certificate (docs/issuance.md; design decisions 4 and 10). */
#include <cardflow/issue_message.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static enum card_error hash(const struct card_bytes *part, size_t n, uint8_t out[32])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; i < n && good; i++)
		good = EVP_DigestUpdate(md, part[i].p, part[i].n) == 1;
	good = good && EVP_DigestFinal_ex(md, out, NULL) == 1;
	EVP_MD_CTX_free(md);
	return good ? CARD_OK : CARD_ERR_CRYPTO;
}

enum card_error flow_issue_challenge(const char *audience, const uint8_t transaction[FLOW_ISSUE_ID],
				     const uint8_t session[FLOW_ISSUE_ID],
				     const uint8_t nonce[FLOW_ISSUE_NONCE], uint8_t out[32])
{
	static const char name[] = "KAZASU-AUTH-v1";
	const struct card_bytes part[] = {
		card_bytes(name, sizeof name - 1), card_bytes(audience, strlen(audience)),
		card_bytes(transaction, FLOW_ISSUE_ID), card_bytes(session, FLOW_ISSUE_ID),
		card_bytes(nonce, FLOW_ISSUE_NONCE)};

	return hash(part, sizeof part / sizeof part[0], out);
}

enum card_error flow_issue_binding(const uint8_t transaction[FLOW_ISSUE_ID],
				   const uint8_t session[FLOW_ISSUE_ID], struct card_bytes identity,
				   uint8_t out[32])
{
	static const char name[] = "KAZASU-BINDING-v1";
	uint8_t digest[32];
	const struct card_bytes part[] = {
		card_bytes(name, sizeof name - 1), card_bytes(transaction, FLOW_ISSUE_ID),
		card_bytes(session, FLOW_ISSUE_ID), card_bytes(digest, sizeof digest)};
	const enum card_error err = hash(&identity, 1, digest);

	return err != CARD_OK ? err : hash(part, sizeof part / sizeof part[0], out);
}

enum card_error flow_issue_resident_key(struct card_bytes secret, const uint8_t authority[32],
					struct card_bytes serial, uint8_t out[32])
{
	uint8_t message[32 + 64];
	unsigned n = 32;

	if (secret.n == 0 || secret.n > 1024 || serial.n == 0 || serial.n > 64 || serial.p[0] == 0)
		return CARD_ERR_INVALID_ARGUMENT;
	memcpy(message, authority, 32);
	memcpy(message + 32, serial.p, serial.n);
	return HMAC(EVP_sha256(), secret.p, (int)secret.n, message, 32 + serial.n, out, &n) != NULL
		       ? CARD_OK
		       : CARD_ERR_CRYPTO;
}
