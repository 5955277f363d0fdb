/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the corpus that fuzzing starts from: bytes typed from card-spec, files and certificates
 * of the virtual card, and whole dialogues with it in the form that dialogue.h describes.
 * Usage: seed FOLDER
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <card/common.h>
#include <card/crl.h>
#include <card/jpki.h>
#include <card/sim.h>
#include <card/surface.h>
#include <card/text.h>

#include "dialogue.h"
#include "fuzz.h"
#include "seed_document.h"
#include "seed_issue.h"
#include "seed_pdf.h"

static const char *folder;

static void must(enum card_error err)
{
	if (err != CARD_OK) {
		(void)fprintf(stderr, "seed: %s\n", card_error_name(err));
		exit(1);
	}
}

static void put(const char *target, const char *name, struct card_bytes b)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, target);
	(void)mkdir(path, 0777);
	(void)snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
	f = fopen(path, "wbe");
	if (f == NULL || fwrite(b.p, 1, b.n, f) != b.n || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

static void put_hex(const char *target, const char *name, const char *hex)
{
	card_buf_t b = {0};

	must(card_hex_decode(hex, &b));
	put(target, name, card_buf_bytes(&b));
	card_buf_free(&b);
}

static void put_text(const char *target, const char *name, const char *text)
{
	put(target, name, card_bytes(text, strlen(text)));
}

/* Typed: the published vector (card-spec 10.2), commands of card-spec 4.1. */
static void typed(void)
{
	static const char attributes[] =
		"FF2065DF2108000E002000590064DF220FE9BB92E6A190E38080E5B9B9E4B99F"
		"DF2336E69DB1E4BAACE983BDE6B885E780ACE5B882E8A6B3E5B883E5AD90E58D"
		"97EFBC91EFBC92EFBC8DEFBC97EFBC8DEFBC92EFBC90EFBC92DF240831393830"
		"30323137DF250131";
	static const char *const commands[] = {"00200080",
					       "00A4040C0AD392F000260100000001",
					       "00B08A0000",
					       "00B2010C00",
					       "00200098 04 31323334",
					       "802A0097 03 010203 00",
					       "00CA7F21 000000",
					       "80AE0000 000004 01020304",
					       "00CA00F8 000002 0102 0000",
					       "9000",
					       "63C3",
					       "6A82"};
	char name[8];

	put_hex("tlv", "attributes", attributes);
	put_hex("record", "attributes", attributes);
	put_hex("tlv", "number", "FF100C353337363836363737313838FFFF");
	put_hex("tlv", "simple", "011C34303030303030313237313938343331333232313230333530323137");
	put_hex("tlv", "lengths", "DF43820080 FF40820000 7F218400000001 00 DF220130 FFFF");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		(void)snprintf(name, sizeof(name), "%02zu", i);
		put_hex("apdu", name, commands[i]);
	}
	put_hex("der", "values",
		"3028 0101FF 0202 0080 0303 0105A0 0603 2A8308 170D 3235303130313030303030305A"
		"0C03 E9BB92 0A0101 0500");
	put_text("trace", "dialogue",
		 "# kazasu trace 1\natr 3BE000FF8131FE4514\nbegin\n"
		 "> 00A4040C0AD392F000260100000001\n< 9000\n> 00200098**\n< 63C2\n"
		 "> 00B08A0000\n< 30030101FF9000\n> 00B08A0000\n! REMOVED\nend # power off\n");
	put_text("trace", "hidden", "> 00B08A0000\n< =4 00112233 9000\n");
	/* pcscd: no allocation fails; context, list of one reader, present, … */
	put_hex("pcsc", "quiet", "00 00 00 00 00 20 01 00");
	put_hex("pcsc", "reset",
		"00 00 00 00 00 00 02 01 00 00 00 00 00 02 02 00 00 00 00 00 00 00 C4 00 00 00 00");
	/* 条例利用AP (docs/issuance.md): select, about, challenge, response, 利用者ID, closed. */
	put_hex("card", "local",
		"1000 02009000 1300C2053133323231C30801020304050607089000"
		"1200A0A1A2A3A4A5A6A7A8A9AAABACADAEAF9000"
		"22000303030303030303030303030303030303030303030303030303030303030303"
		"9000 0700C103412D319000 02009000");
}

/* ---- dialogues ---- */

struct recorder {
	card_reader_t *inner;
	card_buf_t answers;
};

static enum card_error record(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
			      size_t *len, bool *maybe_executed)
{
	struct recorder *r = ctx;
	enum card_error err = card_reader_transmit(r->inner, cmd, resp, cap, len, maybe_executed);
	uint8_t n[2] = {(uint8_t)*len, (uint8_t)(*len >> 8)};

	must(err);
	must(card_buf_append(&r->answers, card_bytes(n, 2)));
	must(card_buf_append(&r->answers, card_bytes(resp, *len)));
	return err;
}

static void dialogue(const char *persona, const char *name, uint8_t choice)
{
	static const struct card_reader_ops ops = {.transmit = record};
	struct recorder r = {0};
	card_sim_t *sim = NULL;
	struct card_sim_problem problem;
	card_reader_t *reader = NULL;
	card_channel_t *channel = NULL;
	uint8_t head[2] = {choice, 0};

	if (card_sim_new(&sim, persona, NULL, &problem) != CARD_OK) {
		(void)fprintf(stderr, "seed: %s\n", problem.text);
		exit(1);
	}
	must(card_sim_reader_new(&r.inner, sim));
	must(card_reader_new(&reader, &ops, &r));
	must(card_channel_new(&channel, reader));
	must(card_buf_append(&r.answers, card_bytes(head, 2)));
	dialogue_play(channel, choice);
	put("card", name, card_buf_bytes(&r.answers));
	card_channel_free(&channel);
	card_reader_free(&reader);
	card_reader_free(&r.inner);
	card_sim_free(&sim);
	card_buf_free(&r.answers);
}

/* ---- files ---- */

static void take(const char *target, const char *name, enum card_error err, card_buf_t *b)
{
	must(err);
	put(target, name, card_buf_bytes(b));
	card_buf_clear(b);
}

static void present(card_channel_t *ch, enum card_pin pin, const char *value)
{
	card_secret_t *s = NULL;

	must(card_secret_new(&s));
	must(card_secret_set(s, card_bytes(value, strlen(value))));
	must(card_pin_verify(ch, pin, s, 0, NULL));
	card_secret_free(&s);
}

static void files(void)
{
	card_sim_t *sim = NULL;
	card_reader_t *reader = NULL;
	card_channel_t *ch = NULL;
	card_grant_t *grant = NULL;
	card_buf_t b = {0};
	struct card_surface_age age;
	struct card_surface_face face;
	struct card_surface_number number;
	struct card_text_integrity integrity;
	struct card_text_key key;

	must(card_sim_new(&sim, "test-person", NULL, NULL));
	must(card_sim_reader_new(&reader, sim));
	must(card_channel_new(&ch, reader));
	must(card_grant_new(&grant, 0x7F));
	must(card_channel_begin(ch, 0));
	present(ch, CARD_PIN_TEXT, "1234");
	take("record", "integrity", card_text_read_integrity(ch, &b, &integrity), &b);
	take("record", "key", card_text_read_key(ch, &b, &key), &b);
	take("cvc", "text", card_text_read_certificate(ch, &b), &b);
	present(ch, CARD_PIN_SURFACE_NUMBER_A, "537686677188");
	take("record", "face", card_surface_read_face(ch, grant, &b, &face), &b);
	take("record", "number", card_surface_read_number(ch, grant, &b, &number), &b);
	take("cvc", "surface", card_surface_read_certificate(ch, &b), &b);
	present(ch, CARD_PIN_SURFACE_BIRTH, "550217");
	take("record", "age", card_surface_read_age(ch, grant, &b, &age), &b);
	take("cvc", "root", card_data_object(ch, CARD_DATA_ROOT_CERTIFICATE, &b), &b);
	present(ch, CARD_PIN_SIGN, "ABC123");
	take("cert", "sign", card_jpki_certificate(ch, CARD_JPKI_SIGN, grant, &b), &b);
	take("cert", "auth", card_jpki_certificate(ch, CARD_JPKI_AUTH, grant, &b), &b);
	take("cert", "sign-ca", card_jpki_certificate(ch, CARD_JPKI_SIGN_CA, NULL, &b), &b);
	must(card_jpki_certificate(ch, CARD_JPKI_AUTH_CA, NULL, &b));
	put("cert", "auth-ca", card_buf_bytes(&b));
	put("der", "auth-ca", card_buf_bytes(&b));
	card_buf_free(&b);
	must(card_channel_end(ch));
	card_grant_free(&grant);
	card_channel_free(&ch);
	card_reader_free(&reader);
	card_sim_free(&sim);
}

/* ---- revocation ---- */

static void keep_index(void *ctx, const char *path)
{
	static uint8_t memory[1 << 20];
	FILE *f = fopen(path, "rbe");
	size_t n = f != NULL ? fread(memory, 1, sizeof(memory), f) : 0;

	if (f != NULL)
		(void)fclose(f);
	put("crl", ctx, card_bytes(memory, n));
	(void)unlink(path);
}

/* The lock file is left in it. */
static void remove_store(const char *store)
{
	DIR *d = opendir(store);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' || strlen(e->d_name) > 2)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(store);
}

/* A list as it is, and the index made of it. */
static void list(const char *path, const char *name, const char *index_name)
{
	static uint8_t memory[1 << 20];
	char store[] = "/tmp/kazasu-seed-XXXXXX";
	struct card_crl_import how = {.store = mkdtemp(store), .now = time(NULL)};
	struct card_crl_report report;
	card_trust_t *trust = NULL;
	FILE *f = fopen(path, "rbe");
	union {
		const char *in;
		void *ctx;
	} kept = {.in = index_name};

	if (f == NULL || how.store == NULL)
		exit(1);
	put("crl", name, card_bytes(memory, fread(memory, 1, sizeof(memory), f)));
	must(card_trust_new(&trust, CARD_TRUST_TEST_ROOTS));
	must(card_trust_load(trust, "build/fixtures/trust", NULL, NULL));
	how.trust = trust;
	rewind(f);
	must(card_crl_import(&how, fileno(f), &report));
	(void)fclose(f);
	must(card_crl_store_each(store, keep_index, kept.ctx));
	card_trust_free(&trust);
	remove_store(store);
}

static X509 *certificate(const char *path)
{
	card_buf_t der = {0};
	const uint8_t *p;
	X509 *x;

	must(card_cert_read_file(path, &der));
	p = der.p;
	x = d2i_X509(NULL, &p, (long)der.n);
	if (x == NULL)
		exit(1);
	card_buf_free(&der);
	return x;
}

/* An answer by libcrypto, signed by a stranger: what comes before the signature is right. */
static void ocsp(void)
{
	EVP_PKEY *stranger = EVP_RSA_gen(2048);
	X509 *subject = certificate("build/fixtures/certs/test-person-auth.pem");
	X509 *signer = X509_dup(subject);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), subject, signer);
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	ASN1_GENERALIZEDTIME *now = ASN1_GENERALIZEDTIME_set(NULL, time(NULL));
	OCSP_RESPONSE *response;
	uint8_t *der = NULL, nonce[16] = {1};
	int n;

	if (stranger == NULL || X509_set_pubkey(signer, stranger) != 1 ||
	    OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, -1, NULL, now, now) == NULL ||
	    OCSP_basic_add1_nonce(basic, nonce, sizeof(nonce)) != 1 ||
	    OCSP_basic_sign(basic, signer, stranger, EVP_sha256(), NULL, 0) != 1)
		exit(1);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	n = i2d_OCSP_RESPONSE(response, &der);
	put("ocsp", "good", card_bytes(der, n > 0 ? (size_t)n : 0));
	put_hex("ocsp", "try-later", "30030A0103");
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_GENERALIZEDTIME_free(now);
	X509_free(subject);
	X509_free(signer);
	EVP_PKEY_free(stranger);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 64;
	folder = argv[1];
	typed();
	files();
	list("build/fixtures/crl/auth-1-13221.crl", "list", "index");
	list("build/fixtures/crl/sign-2.crl", "whole-list", "whole-index");
	ocsp();
	seed_pdf(put);
	seed_documents(put);
	seed_issue(put);
	dialogue("test-person", "status", 0);
	dialogue("test-person", "text", DIALOGUE_TEXT);
	dialogue("test-person", "surface", DIALOGUE_SURFACE);
	dialogue("test-person", "sign", DIALOGUE_SIGN);
	dialogue("test-person", "text-no-memory", DIALOGUE_TEXT | DIALOGUE_FAIL);
	return 0;
}
