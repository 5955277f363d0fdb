/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the card: connecting, proving a PIN, signing. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provider.h"

bool location_parse(const char *uri, struct location *out)
{
	static const struct {
		const char *name;
		enum card_jpki_key key;
		bool ca;
	} names[] = {{"auth", CARD_KEY_AUTH, false},
		     {"sign", CARD_KEY_SIGN, false},
		     {"auth-ca", CARD_KEY_AUTH, true},
		     {"sign-ca", CARD_KEY_SIGN, true}};
	static const char scheme[] = "kazasu:", query[] = "?reader=";
	const char *name, *mark;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (strncmp(uri, scheme, sizeof(scheme) - 1) != 0)
		return false;
	name = uri + sizeof(scheme) - 1;
	mark = strchr(name, '?');
	n = mark != NULL ? (size_t)(mark - name) : strlen(name);
	if (mark != NULL) {
		if (strncmp(mark, query, sizeof(query) - 1) != 0)
			return false;
		mark += sizeof(query) - 1;
		if (*mark == '\0' || strlen(mark) >= sizeof(out->reader))
			return false;
		memcpy(out->reader, mark, strlen(mark) + 1);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0) {
			out->key = names[i].key;
			out->ca = names[i].ca;
			return true;
		}
	return false;
}

card_secret_t *pin_ask(const struct location *where, OSSL_PASSPHRASE_CALLBACK *cb, void *arg)
{
	char text[CARD_SECRET_MAX];
	card_secret_t *s = NULL;
	size_t n = 0;

	(void)where;
	if (cb == NULL || cb(text, sizeof(text), &n, NULL, arg) != 1 || n == 0 ||
	    n > sizeof(text) || card_secret_new(&s) != CARD_OK)
		return NULL;
	if (card_secret_set(s, card_bytes(text, n)) != CARD_OK)
		card_secret_free(&s);
	card_wipe(text, sizeof(text));
	return s;
}

/* ---- connecting ---- */

/* The reader: the one that is named, else the one that holds a card. */
static enum card_error connect_card(struct prov *p, const struct location *where,
				    card_reader_t **reader, card_channel_t **ch)
{
	struct card_pcsc_reader found;
	card_pcsc_t *pcsc = NULL;
	enum card_error err = card_pcsc_new(&pcsc);

	if (err == CARD_OK)
		err = card_pcsc_wait_card(pcsc, where->reader[0] != '\0' ? where->reader : NULL, 0,
					  &found);
	if (err == CARD_OK && config_excludes(&p->config, found.name))
		err = CARD_ERR_NO_READER;
	if (err == CARD_OK)
		err = card_pcsc_open(pcsc, found.name, 0, reader);
	if (err == CARD_OK)
		err = card_channel_new(ch, *reader);
	card_pcsc_free(&pcsc);
	return err;
}

static enum card_jpki_certificate certificate_of(const struct location *where)
{
	if (where->ca)
		return where->key == CARD_KEY_SIGN ? CARD_JPKI_SIGN_CA : CARD_JPKI_AUTH_CA;
	return where->key == CARD_KEY_SIGN ? CARD_JPKI_SIGN : CARD_JPKI_AUTH;
}

static unsigned last_try(const struct prov *p)
{
	return p->config.allow_last_try ? CARD_PIN_ALLOW_LAST_TRY : 0;
}

/* Inside a transaction. */
static enum card_error read_certificate(struct prov *p, card_channel_t *ch,
					const struct location *where, const card_secret_t *pin,
					card_buf_t *der)
{
	enum card_jpki_certificate which = certificate_of(where);
	enum card_error err = CARD_OK;

	if (which == CARD_JPKI_SIGN)
		err = pin == NULL ? CARD_ERR_SECURITY_STATUS
				  : card_pin_verify(ch, CARD_PIN_SIGN, pin, last_try(p), NULL);
	if (err == CARD_OK)
		err = card_jpki_certificate(ch, which, where->ca ? NULL : card_grant_own_card(),
					    der);
	return err;
}

static enum card_error in_transaction(struct prov *p, card_channel_t *ch,
				      const struct location *where, const card_secret_t *pin,
				      card_buf_t *der)
{
	enum card_error err = card_channel_begin(ch, 0), ended;

	if (err != CARD_OK)
		return err;
	err = read_certificate(p, ch, where, pin, der);
	ended = card_channel_end(ch);
	return err != CARD_OK ? err : ended;
}

bool key_certificate(struct prov *p, const struct location *where, const card_secret_t *pin,
		     card_buf_t *der)
{
	card_reader_t *reader = NULL;
	card_channel_t *ch = NULL;
	enum card_error err = connect_card(p, where, &reader, &ch);

	if (err == CARD_OK)
		err = in_transaction(p, ch, where, pin, der);
	card_channel_free(&ch);
	card_reader_free(&reader);
	if (err == CARD_ERR_SECURITY_STATUS && pin == NULL)
		prov_raise(p, REASON_PIN_MISSING);
	else if (err != CARD_OK)
		prov_raise_card(p, err);
	return err == CARD_OK;
}

/* ---- keys ---- */

static struct key *new_key(struct prov *p)
{
	struct key *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->prov = p;
	atomic_init(&k->references, 1);
	if (pthread_mutex_init(&k->lock, NULL) != 0) {
		free(k);
		return NULL;
	}
	k->owner = getpid();
	return k;
}

static bool set_public(struct key *k, struct card_bytes modulus, struct card_bytes exponent)
{
	return card_buf_append(&k->modulus, modulus) == CARD_OK &&
	       card_buf_append(&k->exponent, exponent) == CARD_OK;
}

struct key *key_public(struct prov *p, struct card_bytes modulus, struct card_bytes exponent)
{
	struct key *k = new_key(p);

	if (k != NULL && !set_public(k, modulus, exponent)) {
		key_free(k);
		k = NULL;
	}
	return k;
}

struct key *key_ref(struct key *k)
{
	atomic_fetch_add(&k->references, 1);
	return k;
}

void key_free(struct key *k)
{
	if (k == NULL || atomic_fetch_sub(&k->references, 1) > 1)
		return;
	/* In a child the connection is still the parent's and the secret is not there. */
	if (k->owner == getpid()) {
		card_channel_free(&k->channel);
		card_reader_free(&k->reader);
		card_secret_free(&k->pin);
	}
	card_cert_free(&k->cert);
	card_buf_free(&k->modulus);
	card_buf_free(&k->exponent);
	(void)pthread_mutex_destroy(&k->lock);
	free(k);
}

/* The certificate and what the signature will need. */
static enum card_error fill(struct key *k, const struct location *where)
{
	const struct card_key *pub;
	card_buf_t der = {0};
	enum card_error err = connect_card(k->prov, where, &k->reader, &k->channel);

	if (err == CARD_OK)
		err = in_transaction(k->prov, k->channel, where, k->pin, &der);
	if (err == CARD_OK)
		err = card_cert_new(&k->cert, card_buf_bytes(&der));
	card_buf_free(&der);
	if (err != CARD_OK)
		return err;
	pub = card_cert_key(k->cert);
	if (pub->kind != CARD_KEY_RSA)
		return CARD_ERR_UNSUPPORTED;
	k->generation = card_channel_generation(k->channel);
	k->pinpad = (card_reader_features(k->reader) & CARD_READER_PINPAD_VERIFY) != 0;
	return set_public(k, pub->modulus, pub->exponent) ? CARD_OK : CARD_ERR_NO_MEMORY;
}

struct key *key_open(struct prov *p, const struct location *where, card_secret_t **pin)
{
	enum card_pin kind = where->key == CARD_KEY_SIGN ? CARD_PIN_SIGN : CARD_PIN_AUTH;
	struct key *k = new_key(p);
	enum card_error err = CARD_OK;

	if (k == NULL)
		return NULL;
	k->is_private = true;
	k->which = where->key;
	k->pin = *pin;
	*pin = NULL;
	if (k->pin != NULL)
		err = card_pin_check(kind, k->pin);
	if (err == CARD_OK)
		err = fill(k, where);
	if (k->pin == NULL && (err == CARD_ERR_SECURITY_STATUS || (err == CARD_OK && !k->pinpad)))
		prov_raise(p, REASON_PIN_MISSING);
	else if (err == CARD_OK)
		return k;
	else
		prov_raise_card(p, err);
	key_free(k);
	return NULL;
}

/* ---- signing ---- */

static enum card_error present(struct key *k)
{
	if (k->which == CARD_KEY_SIGN)
		return card_pin_verify(k->channel, CARD_PIN_SIGN, k->pin, CARD_PIN_PROVED, NULL);
	if (k->pin != NULL)
		return card_pin_verify(k->channel, CARD_PIN_AUTH, k->pin, last_try(k->prov), NULL);
	return card_pin_verify_pinpad(k->channel, CARD_PIN_AUTH, CARD_LANG_JA, last_try(k->prov),
				      NULL);
}

static enum card_error compute(struct key *k, enum card_hash hash, bool pss, struct card_bytes data,
			       card_buf_t *out)
{
	if (hash == CARD_HASH_NONE)
		return card_jpki_sign_raw(k->channel, k->which, data, k->cert, out);
	return card_jpki_sign(k->channel, k->which, hash, data,
			      pss ? CARD_SIGN_PSS : CARD_SIGN_ALLOW_SHA1, k->cert, out);
}

static enum card_error sign(struct key *k, enum card_hash hash, bool pss, struct card_bytes data,
			    card_buf_t *out)
{
	bool own = card_channel_power_cut(k->channel); /* our own way to clear */
	enum card_error err = card_channel_begin(k->channel, 0), ended;
	uint64_t now = card_channel_generation(k->channel);

	if (err != CARD_OK)
		return err;
	/* What was proved was proved to a card in another state. */
	if (k->which == CARD_KEY_SIGN && now != k->generation && !(own && now == k->generation + 1))
		err = CARD_ERR_RESET;
	if (err == CARD_OK)
		err = present(k);
	if (err == CARD_OK)
		err = compute(k, hash, pss, data, out);
	ended = card_channel_end(k->channel);
	return err != CARD_OK || ended == CARD_ERR_REMOVED || ended == CARD_ERR_RESET ? err : ended;
}

bool key_sign(struct key *k, enum card_hash hash, bool pss, struct card_bytes data, card_buf_t *out)
{
	enum card_error err;

	if (k->owner != getpid()) {
		prov_raise(k->prov, REASON_FORKED);
		return false;
	}
	(void)pthread_mutex_lock(&k->lock);
	if (k->which == CARD_KEY_SIGN && k->pin == NULL) {
		(void)pthread_mutex_unlock(&k->lock);
		prov_raise(k->prov, REASON_PIN_SPENT);
		return false;
	}
	err = sign(k, hash, pss, data, out);
	/* One signature; and a wrong PIN is not tried twice. */
	if (k->which == CARD_KEY_SIGN || err == CARD_ERR_PIN_WRONG)
		card_secret_free(&k->pin);
	(void)pthread_mutex_unlock(&k->lock);
	if (err == CARD_ERR_RESET)
		prov_raise(k->prov, REASON_RESET);
	else if (err != CARD_OK)
		prov_raise_card(k->prov, err);
	return err == CARD_OK;
}
