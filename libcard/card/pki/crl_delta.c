/* SPDX-License-Identifier: Apache-2.0 */
/* Delta lists (RFC 5280 §5.2.4): the base without what the delta names, and the delta. */
#include <string.h>

#include "pki_crl.h"

struct applying {
	struct pki_view changed, removed;
	struct pki_crl_set *out;
	enum card_error err;
};

static enum card_error add(struct pki_crl_set *s, struct card_bytes serial,
			   const struct pki_found *f)
{
	if (serial.n <= 4) {
		uint32_t value = 0;
		for (size_t i = 0; i < serial.n; i++)
			value = value << 8 | serial.p[i];
		return pki_set_add_short(s, pki_mix(value), f->date, f->reason);
	}
	uint8_t wide[20] = {0};
	memcpy(wide + 20 - serial.n, serial.p, serial.n);
	return pki_set_add_long(s, wide, f->date, f->reason);
}

static bool keep_base(void *ctx, struct card_bytes serial, const struct pki_found *f)
{
	struct applying *a = ctx;
	struct pki_found ignored;
	if (pki_view_find(&a->changed, serial, &ignored) ||
	    pki_view_find(&a->removed, serial, &ignored))
		return true;
	a->err = add(a->out, serial, f);
	return !a->err;
}

static bool take_changed(void *ctx, struct card_bytes serial, const struct pki_found *f)
{
	struct applying *a = ctx;
	a->err = add(a->out, serial, f);
	return !a->err;
}

enum card_error pki_crl_apply_delta(struct pki_crl_list *l, const card_crl_index_t *base)
{
	struct pki_crl_set result;
	const struct pki_index_header *h = pki_index_header(base);
	uint64_t longs = h->entry_n + l->set.longs.n;
	enum card_error err =
		pki_set_init(&result, h->entries - h->entry_n + l->set.shorts.n, longs);
	if (err)
		return err;
	struct applying a = {pki_view_of(&l->set), pki_view_of(&l->removed), &result, CARD_OK};
	if (pki_view_each(&base->view, keep_base, &a))
		pki_view_each(&a.changed, take_changed, &a);
	err = a.err ? a.err : pki_set_finish(&result);
	if (err) {
		pki_set_free(&result);
		return err;
	}
	pki_set_free(&l->set);
	l->set = result;
	return CARD_OK;
}
