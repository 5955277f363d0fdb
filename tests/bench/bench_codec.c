/* SPDX-License-Identifier: Apache-2.0 */
/* What reading costs beside the least that can be done with the same bytes. */
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include <card/cert.h>
#include <card/jpki.h>
#include <card/tlv.h>

#include "bench.h"
#include "sim_card.h"

static card_buf_t face, cert;

static void read_card(void)
{
	struct sim_card c;
	struct card_surface_face f;
	card_secret_t *s = sim_card_secret(TEST_NUMBER_B);

	sim_card_start(&c, "test-person", NULL);
	if (card_jpki_certificate(c.channel, CARD_JPKI_AUTH, card_grant_own_card(), &cert) !=
		    CARD_OK ||
	    card_pin_verify(c.channel, CARD_PIN_SURFACE_NUMBER_B, s, 0, NULL) != CARD_OK ||
	    card_surface_read_face(c.channel, card_grant_own_card(), &face, &f) != CARD_OK)
		exit(1);
	card_secret_free(&s);
	sim_card_stop(&c);
}

static void copy(void *ctx)
{
	static uint8_t to[1 << 20];
	const card_buf_t *b = ctx;

	memcpy(to, b->p, b->n);
	bench_keep(to);
}

static void parse_face(void *ctx)
{
	const card_buf_t *b = ctx;
	struct card_surface_face f;

	if (card_surface_parse_face(card_buf_bytes(b), &f) != CARD_OK)
		exit(1);
	bench_keep(&f);
}

/* Small objects: the header is all the work there is. */
static card_buf_t many;

static void walk(void *ctx)
{
	struct card_bytes rest = card_buf_bytes(ctx);
	struct card_tlv t;

	while (card_tlv_next(&rest, &t) == CARD_OK)
		bench_keep(&t);
}

static void parse_cert(void *ctx)
{
	const card_buf_t *b = ctx;
	card_cert_t *c = NULL;

	if (card_cert_new(&c, card_buf_bytes(b)) != CARD_OK)
		exit(1);
	card_cert_free(&c);
}

static void parse_cert_openssl(void *ctx)
{
	const card_buf_t *b = ctx;
	const uint8_t *p = b->p;
	X509 *x = d2i_X509(NULL, &p, (long)b->n);

	if (x == NULL)
		exit(1);
	X509_free(x);
}

int main(void)
{
	static const uint8_t value[8] = "19800217";
	double least, ours;

	read_card();
	least = bench_seconds(copy, &face);
	ours = bench_seconds(parse_face, &face);
	bench_report("codec.tlv.face", ours * 1e9, "ns", "memcpy", ours / least, 0);

	for (unsigned i = 0; i < 10000; i++)
		if (card_tlv_put(&many, 0xDF22, card_bytes(value, sizeof(value))) != CARD_OK)
			return 1;
	least = bench_seconds(copy, &many);
	ours = bench_seconds(walk, &many);
	bench_report("codec.tlv.10000-objects", ours * 1e6, "us", "memcpy", ours / least, 0);

	least = bench_seconds(parse_cert_openssl, &cert);
	ours = bench_seconds(parse_cert, &cert);
	bench_report("pki.certificate.parse", ours * 1e6, "us", "d2i_X509", ours / least, 1);
	card_buf_free(&face);
	card_buf_free(&cert);
	card_buf_free(&many);
	return 0;
}
