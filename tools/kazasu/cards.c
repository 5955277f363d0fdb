/* SPDX-License-Identifier: Apache-2.0 */
#include "cards.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <card/common.h>

#include "config.h"
#include "file.h"
#include "output.h"

struct place {
	char store[KZ_PATH_MAX], key[KZ_PATH_MAX];
	bool named; /* by the configuration */
};

static bool in_state(const char *name, char out[KZ_PATH_MAX])
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n = -1;

	if (base != NULL && *base == '/')
		n = snprintf(out, KZ_PATH_MAX, "%s/kazasu/cards/%s", base, name);
	else if (home != NULL && *home == '/')
		n = snprintf(out, KZ_PATH_MAX, "%s/.local/state/kazasu/cards/%s", home, name);
	return n > 0 && n < KZ_PATH_MAX;
}

static int find(struct kz *kz, struct place *p)
{
	struct kz_config config;
	const int rc = kz_config_read(kz, &config);

	if (rc != KZ_GO)
		return rc;
	p->named = config.cards[0] != '\0';
	if (!in_state("cards.db", p->store) || !in_state("cards.key", p->key))
		p->store[0] = p->key[0] = '\0';
	if (p->named)
		snprintf(p->store, sizeof p->store, "%s", config.cards);
	if (config.cards_key[0] != '\0')
		snprintf(p->key, sizeof p->key, "%s", config.cards_key);
	return KZ_GO;
}

static int fail(struct kz *kz, int exit_code, const char *path, const char *why)
{
	char message[KZ_PATH_MAX + 256];
	const struct kz_failure f = {
		.error = CARD_ERR_IO, .exit = exit_code, .message = message, .hint = ""};

	snprintf(message, sizeof message, _("The register of cards (%s) cannot be used: %s"), path,
		 why);
	return kz_fail(kz, &f);
}

/* Nobody else may read the key: who has it can look up a person in a copy of the register. */
static const char *read_key(const char *path, uint8_t key[FLOW_CARDS_KEY])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t more;
	struct stat s;
	bool good;

	if (fd < 0)
		return strerror(errno);
	good = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && (s.st_mode & 077) == 0 &&
	       read(fd, key, FLOW_CARDS_KEY) == FLOW_CARDS_KEY && read(fd, &more, 1) == 0;
	close(fd);
	return good ? NULL : _("the key is not 32 octets in a file of mode 0600");
}

static const char *make_key(char *path)
{
	uint8_t key[FLOW_CARDS_KEY];
	bool good;
	int fd;

	if (!kz_desk_make_parents(path))
		return strerror(errno);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? NULL : strerror(errno);
	good = RAND_bytes(key, sizeof key) == 1 && kz_file_put(fd, card_bytes(key, sizeof key)) &&
	       fsync(fd) == 0;
	good = close(fd) == 0 && good;
	card_wipe(key, sizeof key);
	if (!good)
		unlink(path);
	return good ? NULL : strerror(EIO);
}

/* NULL, or why not. */
static const char *open_all(struct kz_cards *out, const struct place *p, bool create,
			    const char **path)
{
	struct flow_problem problem = {.text = ""};
	const char *why;
	enum card_error err;

	*path = p->key;
	why = read_key(p->key, out->key);
	if (why != NULL)
		return why;
	out->has_key = true;
	*path = p->store;
	err = flow_store_open(&out->store, p->store, create ? FLOW_STORE_CREATE : 0, &problem);
	/* In PostgreSQL the owner of the tables makes them, with the first card. */
	if (err == CARD_OK && (create || !flow_store_is_postgresql(out->store)))
		err = flow_cards_setup(out->store);
	if (err == CARD_ERR_DENIED && flow_store_is_postgresql(out->store))
		err = CARD_OK;
	if (err == CARD_OK)
		err = flow_cards_open(&out->cards, out->store, out->key);
	if (err == CARD_OK)
		return NULL;
	/* On the stack of this call: what is told has to be static. */
	return card_strerror(err, out->kz->lang);
}

int kz_cards_open(struct kz *kz, bool create, struct kz_cards *out)
{
	const struct kz_failure none = {
		.error = CARD_ERR_NOT_FOUND,
		.exit = KZ_UNAVAILABLE,
		.message = _("There is no register of cards on this machine."),
		.hint = _("`kazasu admin enrol` makes one with its first card.")};
	struct place p;
	const char *path, *why;
	int rc;

	memset(out, 0, sizeof *out);
	out->kz = kz;
	out->now = kz_now(kz);
	rc = find(kz, &p);
	if (rc != KZ_GO)
		return rc;
	if (create && !p.named && access(p.store, F_OK) != 0) {
		why = make_key(p.key);
		if (why != NULL)
			return fail(kz, KZ_CANNOT_WRITE, p.key, why);
	}
	out->there = p.named || access(p.store, F_OK) == 0 || create;
	if (!out->there)
		return kz_fail(kz, &none);
	why = open_all(out, &p, create, &path);
	return why == NULL ? KZ_GO : fail(kz, KZ_UNAVAILABLE, path, why);
}

static enum card_error has_rows(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	*(bool *)ctx = true;
	return CARD_OK;
}

/* One without a card was never used: it was made, and the first card did not come in. */
static bool has_cards(struct kz_cards *c)
{
	bool any = false;

	return flow_store_run(c->store, "SELECT 1 FROM card_entry LIMIT 1", NULL, 0, has_rows,
			      &any) != CARD_OK ||
	       any;
}

int kz_cards_look(struct kz *kz, struct kz_cards *out)
{
	struct place p;
	const char *path, *why;
	int rc;

	memset(out, 0, sizeof *out);
	out->kz = kz;
	out->now = kz_now(kz);
	rc = find(kz, &p);
	if (rc != KZ_GO)
		return rc;
	out->there = p.named || access(p.store, F_OK) == 0;
	if (!out->there)
		return KZ_GO;
	why = open_all(out, &p, false, &path);
	if (why != NULL)
		kz_note(kz, _("kazasu: the register of cards (%s) cannot be asked: %s"), path, why);
	else if (!p.named)
		out->there = has_cards(out);
	return KZ_GO;
}

void kz_cards_close(struct kz_cards *c)
{
	flow_cards_close(&c->cards);
	flow_store_close(&c->store);
	card_wipe(c->key, sizeof c->key);
	c->has_key = false;
}

static enum flow_status of_entry(const struct flow_card_entry *e)
{
	const struct flow_card_cert *auth = &e->cert[FLOW_CERT_AUTH];

	if (e->state == FLOW_CARD_SUSPENDED)
		return FLOW_STATUS_SUSPENDED;
	if (e->state != FLOW_CARD_ACTIVE)
		return FLOW_STATUS_ABOLISHED;
	if (auth->state == FLOW_CERT_ON_HOLD)
		return FLOW_STATUS_ON_HOLD;
	return auth->state == FLOW_CERT_REVOKED ? FLOW_STATUS_REVOKED : FLOW_STATUS_GOOD;
}

enum flow_status kz_cards_status(void *ctx, card_channel_t *ch)
{
	struct kz_cards *c = ctx;
	char id[FLOW_CARDS_ID + 1];
	struct card_common_record record;
	struct flow_card_entry e;
	enum card_error err;

	if (c->cards == NULL)
		return FLOW_STATUS_UNKNOWN;
	err = card_common_record(ch, &record);
	if (err == CARD_OK)
		err = flow_cards_name_card(c->cards, record.serial, id);
	if (err == CARD_OK)
		err = flow_cards_get(c->cards, id, c->now, &e);
	card_wipe(&record, sizeof record);
	return err == CARD_OK ? of_entry(&e) : FLOW_STATUS_UNKNOWN;
}
