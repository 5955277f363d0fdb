/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the PKCS#11 module adds to a signature: C_SignInit and C_Sign on the virtual card in this
 * process, less the card's own command (RSA by libcrypto). Verifying the signature is part of it.
 */
#include "bench.h"
#include "source_sim.h"

static void by_module(void *ctx)
{
	CK_SESSION_HANDLE h = *(CK_SESSION_HANDLE *)ctx;

	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
}

/* card-spec 4.1: the 51 bytes of a SHA-256 DigestInfo; what the digest is costs nothing. */
static void by_card(void *ctx)
{
	uint8_t sign[5 + 51 + 1] = {0x80, 0x2A, 0x00, 0x97, 51}, resp[300];
	size_t n = 0;

	(void)ctx;
	assert_ok(card_sim_transmit(p11_card(), card_bytes(sign, sizeof(sign)), resp, sizeof(resp),
				    &n));
	assert_int_equal(n, 258);
	bench_keep(resp);
}

static double once(void (*work)(void *), void *ctx)
{
	double start = bench_now();

	work(ctx);
	return bench_now() - start;
}

/* The fastest call of each, taken in turns: what both have in common cancels out. */
int main(void)
{
	CK_SESSION_HANDLE h;
	double module = 1e9, card = 1e9;

	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	by_module(&h);
	for (int i = 0; i < 300; i++) {
		double m = once(by_module, &h), c = once(by_card, NULL);

		module = m < module ? m : module;
		card = c < card ? c : card;
	}
	bench_report("pkcs11.sign.overhead", (module - card) * 1e6, "us", NULL, 0, 100);
	p11_stop();
	return 0;
}
