/* SPDX-License-Identifier: Apache-2.0 */
/* Names as RFC 4514 text. */
#include <string.h>

#include "pki_name.h"
#include "pki_oid.h"

/* RFC 4514 §3, and what else occurs in certificates (RFC 4519, RFC 2985). */
const struct pki_attribute pki_attributes[] = {
	{"CN", PKI_OID(0x55, 0x04, 0x03)},
	{"OU", PKI_OID(0x55, 0x04, 0x0B)},
	{"O", PKI_OID(0x55, 0x04, 0x0A)},
	{"C", PKI_OID(0x55, 0x04, 0x06)},
	{"L", PKI_OID(0x55, 0x04, 0x07)},
	{"ST", PKI_OID(0x55, 0x04, 0x08)},
	{"STREET", PKI_OID(0x55, 0x04, 0x09)},
	{"serialNumber", PKI_OID(0x55, 0x04, 0x05)},
	{"DC", PKI_OID(0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x19)},
	{"UID", PKI_OID(0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x01)},
};
const size_t pki_attributes_n = sizeof(pki_attributes) / sizeof(pki_attributes[0]);

static enum card_error put(card_buf_t *out, const char *s)
{
	return card_buf_append(out, card_bytes(s, strlen(s)));
}

static enum card_error put_hex(card_buf_t *out, uint8_t b)
{
	static const char digits[] = "0123456789ABCDEF";
	const char two[2] = {digits[b >> 4], digits[b & 15]};
	return card_buf_append(out, card_bytes(two, 2));
}

/* RFC 4514 §2.4: what must be escaped, and control characters, which no terminal
 * should be sent. */
static enum card_error put_escaped(struct card_bytes text, card_buf_t *out)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t b = text.p[i];
		bool edge = (b == ' ' && (i == 0 || i + 1 == text.n)) || (b == '#' && i == 0);
		enum card_error err = CARD_OK;
		if (b < 0x20 || b == 0x7F) {
			err = put(out, "\\");
			if (!err)
				err = put_hex(out, b);
		} else {
			if (edge || strchr("\"+,;<>\\", b))
				err = put(out, "\\");
			if (!err)
				err = card_buf_append_byte(out, b);
		}
		if (err)
			return err;
	}
	return CARD_OK;
}

static const char *short_name(struct card_bytes oid)
{
	for (size_t i = 0; i < pki_attributes_n; i++)
		if (pki_oid_is(oid, pki_attributes[i].oid))
			return pki_attributes[i].name;
	return NULL;
}

static enum card_error put_ava(const struct pki_ava *ava, card_buf_t *out)
{
	const char *name = short_name(ava->oid);
	char dotted[256];
	enum card_error err;
	if (!name) {
		err = card_der_oid_text(ava->oid, dotted, sizeof(dotted));
		if (err)
			return err;
		name = dotted;
	}
	err = put(out, name);
	if (!err)
		err = put(out, "=");
	if (err)
		return err;
	card_buf_t text = {0};
	if (name != dotted) {
		err = pki_name_utf8(&ava->value, &text);
		if (!err)
			err = put_escaped(card_buf_bytes(&text), out);
	} else {
		err = put(out, "#");
		for (size_t i = 0; i < ava->value.whole.n && !err; i++)
			err = put_hex(out, ava->value.whole.p[i]);
	}
	card_buf_free(&text);
	return err;
}

/* Most RDNs written; CARD_NAME_MAX octets of them cannot all be useful. */
#define RDNS_MAX 64

enum card_error card_name_text(struct card_bytes name, card_buf_t *out)
{
	if (!out)
		return CARD_ERR_INVALID_ARGUMENT;
	struct pki_name_walk w;
	struct pki_ava ava;
	enum card_error err = pki_name_begin(&w, name);
	if (err)
		return err;
	card_buf_t whole = {0};
	size_t start[RDNS_MAX], n = 0;
	while (!(err = pki_name_next(&w, &ava))) {
		if (ava.first_of_rdn) {
			if (n == RDNS_MAX) {
				err = CARD_ERR_TOO_LONG;
				break;
			}
			start[n++] = whole.n;
		} else {
			err = put(&whole, "+");
		}
		if (!err)
			err = put_ava(&ava, &whole);
		if (err)
			break;
	}
	if (err == CARD_ERR_NOT_FOUND) {
		err = CARD_OK;
		size_t end = whole.n, before = out->n;
		for (size_t i = n; i-- > 0 && !err; end = start[i]) {
			if (i + 1 < n)
				err = put(out, ",");
			if (!err)
				err = card_buf_append(
					out, card_bytes(whole.p + start[i], end - start[i]));
		}
		if (err)
			out->n = before;
	}
	card_buf_free(&whole);
	return err;
}
