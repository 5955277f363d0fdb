/* SPDX-License-Identifier: Apache-2.0 */
/*
 * papers.h — documents on the command line: a list such as
 * `menkyo:2027-01-01:ref=301234567890;gakusei:copy`.
 *
 * Items are joined by `;`. Behind the kind, joined by `:` and in any order: a date (of expiry, or of
 * issue for an agent's documents), `copy`, `no-photo`, `equal` (name and address equal the register),
 * `ref=` and the number of the document (records keep its end only).
 */
#ifndef KAZASU_PAPERS_H
#define KAZASU_PAPERS_H

#include "kazasu.h"

#include <cardflow/evidence.h>

struct kz_paper {
	char kind[40], reference[64];
	struct card_date day;
	bool copy, no_photo, equal;
};

/* Read a list of at most FLOW_DOCUMENTS_MAX. KZ_GO, or exit 64 naming the option. */
int kz_papers_read(struct kz *kz, const char *option, const char *list,
		   struct kz_paper out[FLOW_DOCUMENTS_MAX], size_t *n);

/* As the flow takes them; they borrow from the papers. */
void kz_papers_as_evidence(const struct kz_paper *papers, size_t n, struct flow_document *out);
void kz_papers_as_authority(const struct kz_paper *papers, size_t n,
			    struct flow_agent_document *out);

#endif
