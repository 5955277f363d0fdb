/* SPDX-License-Identifier: Apache-2.0 */
/* message.c — one line of JSON and the bytes that follow it (docs/issuance.md). */
#include <cardflow/issue_message.h>

#include <openssl/evp.h>
#include <string.h>

static bool digest_is(struct card_bytes bytes, const json_t *part)
{
	uint8_t wanted[32], digest[32];

	return flow_issue_hex(part, "sha256", wanted, sizeof wanted) == CARD_OK &&
	       EVP_Digest(bytes.p, bytes.n, digest, NULL, EVP_sha256(), NULL) == 1 &&
	       memcmp(wanted, digest, sizeof digest) == 0;
}

static enum card_error read_part(struct flow_issue_message *m, const json_t *described,
				 struct card_bytes *rest)
{
	struct flow_issue_part *part = &m->part[m->parts];
	const json_t *length = json_object_get(described, "length");

	part->name = flow_issue_text(described, "name", 60);
	part->type = flow_issue_text(described, "type", 100);
	if (part->name == NULL || part->type == NULL || !json_is_integer(length) ||
	    json_integer_value(length) < 0 || (uint64_t)json_integer_value(length) > rest->n)
		return CARD_ERR_MALFORMED;
	if (flow_issue_message_part(m, part->name).p != NULL)
		return CARD_ERR_MALFORMED;
	part->bytes = card_bytes(rest->p, (size_t)json_integer_value(length));
	if (!digest_is(part->bytes, described))
		return CARD_ERR_MALFORMED;
	rest->p += part->bytes.n;
	rest->n -= part->bytes.n;
	m->parts++;
	return CARD_OK;
}

enum card_error flow_issue_message_read(struct flow_issue_message *out, struct card_bytes bytes)
{
	const uint8_t *end = bytes.n > 0 ? memchr(bytes.p, '\n', bytes.n) : NULL;
	const size_t line = end != NULL ? (size_t)(end - bytes.p) : bytes.n;
	struct card_bytes rest = {NULL, 0};
	const json_t *parts;
	enum card_error err = CARD_OK;

	memset(out, 0, sizeof *out);
	if (line > FLOW_ISSUE_JSON_MAX)
		return CARD_ERR_TOO_LONG;
	if (end != NULL)
		rest = card_bytes(end + 1, bytes.n - line - 1);
	out->json = json_loadb((const char *)bytes.p, line, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(out->json))
		err = CARD_ERR_MALFORMED;
	parts = json_object_get(out->json, "parts");
	if (parts != NULL && !json_is_array(parts))
		err = CARD_ERR_MALFORMED;
	if (json_array_size(parts) > FLOW_ISSUE_PARTS)
		err = CARD_ERR_TOO_LONG;
	for (size_t i = 0; err == CARD_OK && i < json_array_size(parts); i++)
		err = read_part(out, json_array_get(parts, i), &rest);
	if (err == CARD_OK && rest.n != 0)
		err = CARD_ERR_MALFORMED;
	if (err != CARD_OK)
		flow_issue_message_free(out);
	return err;
}

void flow_issue_message_free(struct flow_issue_message *m)
{
	if (m == NULL)
		return;
	json_decref(m->json);
	memset(m, 0, sizeof *m);
}

struct card_bytes flow_issue_message_part(const struct flow_issue_message *m, const char *name)
{
	for (size_t i = 0; i < m->parts; i++) {
		if (strcmp(m->part[i].name, name) == 0)
			return m->part[i].bytes;
	}
	return card_bytes(NULL, 0);
}

static enum card_error describe(json_t *json, const struct flow_issue_part *parts, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const char *sha256 = parts[i].sha256;
		uint8_t digest[32];
		char text[65];

		if (sha256 == NULL && EVP_Digest(parts[i].bytes.p, parts[i].bytes.n, digest, NULL,
						 EVP_sha256(), NULL) != 1) {
			json_decref(list);
			return CARD_ERR_CRYPTO;
		}
		if (sha256 == NULL) {
			flow_issue_hex_text(digest, sizeof digest, text);
			sha256 = text;
		}
		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:I,s:s}", "name", parts[i].name, "type",
						parts[i].type, "length",
						(json_int_t)parts[i].bytes.n, "sha256", sha256));
	}
	return json_object_set_new(json, "parts", list) == 0 && json_array_size(list) == n
		       ? CARD_OK
		       : CARD_ERR_NO_MEMORY;
}

static int append(const char *text, size_t n, void *ctx)
{
	return card_buf_append(ctx, card_bytes(text, n)) == CARD_OK ? 0 : -1;
}

enum card_error flow_issue_message_write(json_t *json, const struct flow_issue_part *parts,
					 size_t n, card_buf_t *out)
{
	const size_t start = out->n;
	enum card_error err;

	if (!json_is_object(json))
		return CARD_ERR_INVALID_ARGUMENT;
	if (n > FLOW_ISSUE_PARTS)
		return CARD_ERR_TOO_LONG;
	err = n > 0 ? describe(json, parts, n) : CARD_OK;
	if (err != CARD_OK)
		return err;
	if (json_dump_callback(json, append, out, JSON_COMPACT) != 0)
		err = CARD_ERR_TOO_LONG;
	if (err == CARD_OK && out->n - start > FLOW_ISSUE_JSON_MAX)
		err = CARD_ERR_TOO_LONG;
	if (err == CARD_OK)
		err = card_buf_append_byte(out, '\n');
	for (size_t i = 0; i < n && err == CARD_OK; i++)
		err = card_buf_append(out, parts[i].bytes);
	if (err != CARD_OK)
		out->n = start;
	return err;
}
