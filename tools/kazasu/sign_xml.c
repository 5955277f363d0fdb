/* SPDX-License-Identifier: Apache-2.0 */
/* sign_xml.c — what `kazasu sign` knows of XML: what of a document is signed, and refusals. */
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "sign.h"

#define IDS_MAX 254u

/* The options of one document. */
struct request {
	struct flow_xml_options xml;
	const flow_file_t *in; /* NULL: a signature of its own over files by their names */
	const char *ids[IDS_MAX];
	char *list; /* what ids point into */
	struct flow_attachment *files;
};

/* The document and the attachments by their names, in a signature of its own. */
static enum card_error ask_detached(const struct sign_options *o, const struct sign_document *d,
				    struct request *r)
{
	const char *slash = strrchr(d->path, '/');

	r->files = calloc(o->attachments.n + 1, sizeof(*r->files));
	if (r->files == NULL)
		return CARD_ERR_NO_MEMORY;
	r->files[0] = (struct flow_attachment){slash != NULL ? slash + 1 : d->path, d->file};
	for (size_t i = 0; i < o->attachments.n; i++)
		r->files[i + 1] = o->attachments.item[i];
	r->xml.attachments = r->files;
	r->xml.n_attachments = o->attachments.n + 1;
	return CARD_OK;
}

/* The identifiers of --id, cut at the commas. */
static enum card_error ask_elements(const struct sign_options *o, const struct sign_document *d,
				    struct request *r)
{
	char *rest, *word;

	r->in = d->file;
	r->list = strdup(o->ids != NULL ? o->ids : "");
	if (r->list == NULL)
		return CARD_ERR_NO_MEMORY;
	rest = r->list;
	while ((word = strsep(&rest, ",")) != NULL) {
		if (*word == '\0')
			continue;
		if (r->xml.n_ids == IDS_MAX)
			return CARD_ERR_TOO_LONG;
		r->ids[r->xml.n_ids++] = word;
	}
	r->xml.ids = r->ids;
	r->xml.attachments = o->attachments.item;
	r->xml.n_attachments = o->attachments.n;
	r->xml.enveloping = o->enveloping;
	return CARD_OK;
}

static enum card_error ask(const struct sign_options *o, const struct sign_document *d,
			   struct request *r)
{
	*r = (struct request){.xml = {.exclusive = o->exclusive, .plain = o->plain}};
	return o->detached ? ask_detached(o, d, r) : ask_elements(o, d, r);
}

static void ask_end(struct request *r)
{
	free(r->list);
	free(r->files);
}

enum card_error kz_sign_xml_make(const struct sign_options *o, const struct flow_signer *signer,
				 const struct sign_document *d, card_buf_t *out)
{
	struct request r;
	enum card_error err = ask(o, d, &r);

	if (err == CARD_OK)
		err = flow_xml_sign(r.in, &r.xml, signer, out);
	ask_end(&r);
	return err;
}

int kz_sign_xml_look(struct kz *kz, const struct sign_options *o, const struct sign_document *d)
{
	struct request r;
	bool covers = true;
	enum card_error err = ask(o, d, &r);

	if (err == CARD_OK)
		err = flow_xml_check(r.in, &r.xml, &covers);
	ask_end(&r);
	if (err != CARD_OK)
		return kz_sign_xml_refuse(kz, d->path, err);
	if (!covers)
		kz_note(kz, "%s",
			_("  Parts of the document stay outside of the signature (comments, "
			  "instructions, or what lies beside the signed elements): whoever verifies "
			  "it may refuse it for that."));
	return KZ_GO;
}

int kz_sign_xml_refuse(struct kz *kz, const char *path, enum card_error err)
{
	static const struct {
		enum card_error error;
		const char *text;
	} texts[] = {
		{CARD_ERR_DENIED, N_("has a DTD: a document with a DTD is not signed.")},
		{CARD_ERR_MALFORMED, N_("is no well-formed XML.")},
		{CARD_ERR_NOT_FOUND, N_("has no element with this identifier.")},
		{CARD_ERR_AMBIGUOUS,
		 N_("uses one identifier for two elements, or two files of one name are to be "
		    "signed with it.")},
		{CARD_ERR_BAD_STATE,
		 N_("carries a signature that covers the whole document and would break. Sign it "
		    "apart with --detached.")},
		{CARD_ERR_TOO_LONG, N_("is larger, or has more parts to be signed, than what can "
				       "be signed.")},
		{CARD_ERR_UNSUPPORTED,
		 N_("cannot be signed so: the root element is signed without --id.")},
	};
	char message[KZ_PATH_MAX + 256], *clean = kz_printable(path, strlen(path));
	const struct kz_failure f = {
		.error = err, .exit = KZ_BAD_DATA, .hint = "", .message = message};
	const char *text = NULL;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		text = texts[i].error == err ? _(texts[i].text) : text;
	snprintf(message, sizeof message, "%s %s", clean != NULL ? clean : "",
		 text != NULL ? text : "");
	free(clean);
	return text != NULL ? kz_fail(kz, &f) : kz_fail_error(kz, err);
}
