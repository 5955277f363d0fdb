/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.h — what one document is made from, read in one transaction, and whether it may be made. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "record_load.h"

#include <cardflow/issue_certificate.h>

struct snapshot {
	struct card_date day;
	struct record_rows household; /* one, of the requester */
	struct record_rows persons;   /* residents who stand on it, in their order */
	struct record_rows head;      /* the head of the household, who is named on it */
	struct record_rows numbers;   /* only if asked for */
	struct record_rows seal, image;
	struct record_rows income, payment;
	struct record_rows koseki, members, entries, fuhyo;
	struct record_rows requester; /* a resident; or a member if known by the 戸籍 only */
};

/* Read it and decide: out->outcome, why, atena, member, concerned. Nothing is read that the document
 * does not need, and nothing at all of its content once it is refused. Errors of the store. */
enum card_error snapshot_take(flow_store_t *store, const struct flow_issuing_office *office,
			      const struct flow_certificate_request *request, struct snapshot *s,
			      struct flow_certificate *out);
void snapshot_free(struct snapshot *s);

/* The steps, in their own files. *why stays NONE where all is well. */
enum card_error snapshot_find(flow_store_t *store, const struct flow_certificate_request *request,
			      struct snapshot *s, struct flow_certificate *out);
enum card_error snapshot_content(flow_store_t *store, const struct flow_issuing_office *office,
				 const struct flow_certificate_request *request, struct snapshot *s,
				 struct flow_certificate *out);

void snapshot_refuse(struct flow_certificate *out, enum flow_certificate_why why,
		     const char *concerned);
bool snapshot_is_register(enum flow_certificate_kind kind);

#endif
