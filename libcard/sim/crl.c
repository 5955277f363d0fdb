/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revoked certificates (RFC 5280 5): one a distribution point, or the whole CA. */
#include <time.h>

#include "x509.h"

static void put_instant(struct sim_buf *b, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;
	char hhmmss[8];

	if (!gmtime_r(&when, &tm) || tm.tm_year < 50 || tm.tm_year > 149) {
		b->failed = true;
		return;
	}
	strftime(hhmmss, sizeof hhmmss, "%H%M%S", &tm);
	sim_put_utctime(b, (struct sim_day){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday}, hhmmss);
}

static void put_entry(struct sim_buf *b, const struct sim_revoked *r)
{
	size_t entry = b->n;

	sim_put_integer(b, r->serial);
	sim_put_utctime(b, r->on, "030000");
	if (r->reason != 0) { /* RFC 5280 5.3.1: unspecified is left out */
		size_t ext = b->n;
		uint8_t reason = (uint8_t)r->reason;

		sim_tlv(b, 0x0A, &reason, 1);
		sim_wrap_extension(b, ext, "551D15", false);
		sim_wrap(b, ext, 0x30);
	}
	sim_wrap(b, entry, 0x30);
}

bool sim_put_crl(struct sim_buf *b, const struct sim_ca *ca, const struct sim_crl *crl)
{
	size_t tbs = b->n;

	sim_put_hex(b, "020101");
	sim_put_hex(b, SIM_HEX_SHA256_RSA);
	sim_put_ca_name(b, ca->use);
	put_instant(b, crl->this_update);
	put_instant(b, crl->next_update);
	size_t list = b->n;
	for (size_t i = 0; i < crl->n_revoked; i++)
		put_entry(b, &crl->revoked[i]);
	if (crl->n_revoked)
		sim_wrap(b, list, 0x30);
	size_t all = b->n, ext = b->n;
	sim_tlv(b, 0x80, ca->ski, sizeof ca->ski);
	sim_wrap(b, ext, 0x30);
	sim_wrap_extension(b, ext, "551D23", false);
	ext = b->n;
	sim_put_integer(b, crl->number);
	sim_wrap_extension(b, ext, "551D14", false);
	if (crl->place) {
		ext = b->n;
		sim_put_point_name(b, ca->use, crl->place->prefecture, crl->place->city);
		sim_wrap(b, ext, 0xA4);
		sim_wrap(b, ext, 0xA0);
		sim_wrap(b, ext, 0xA0);
		sim_wrap(b, ext, 0x30);
		sim_wrap_extension(b, ext, "551D1C", true);
	}
	sim_wrap(b, all, 0x30);
	sim_wrap(b, all, 0xA0);
	sim_wrap(b, tbs, 0x30);
	return sim_wrap_signed(b, tbs, ca->key);
}
