/* SPDX-License-Identifier: Apache-2.0 */
/*
 * office.h — everything one configuration opens: keys, seals, and workers, each with the records,
 * the ledger and the fonts of one thread. A reload makes a new office; the old one ends with the
 * last request that uses it.
 */
#ifndef ISSUER_OFFICE_H
#define ISSUER_OFFICE_H

#include "config.h"

#include <cardflow/issue_certificate.h>
#include <cardflow/issue_ledger.h>
#include <cardflow/issue_signer.h>
#include <cardflow/seal.h>

#include "../https/credentials.h"

struct worker {
	flow_store_t *records, *ledger;
	flow_fonts_t *fonts;
	struct worker *next;
};

struct office {
	struct config config;
	struct flow_issuing_office names;
	unsigned char secret[256];
	size_t secret_length;
	flow_issue_signer_t *signer;
	journal_unseal_t *pin_key; /* NULL: no 変換方式, no 現行方式 */
	journal_seal_t *audit;
	struct tls_keys *tls; /* until a service takes them */
	struct worker *idle;
	pthread_mutex_t lock;
	pthread_cond_t came_back;
	int users; /* requests that hold it, and the service itself */
};

/* Open all of it; what is wrong goes to stderr. NULL. */
struct office *office_open(const char *config_path);

/* Hold it for a request; the last that lets go closes it. */
void office_hold(struct office *o);
void office_release(struct office *o);

/* A worker within some seconds, or NULL: all are busy. */
struct worker *office_worker(struct office *o, int seconds);
void office_give_back(struct office *o, struct worker *w);

/* One worker more, for commands. NULL with a message. */
struct worker *worker_open(const struct config *c);
void worker_close(struct worker *w);

#endif
