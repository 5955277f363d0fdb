/* SPDX-License-Identifier: Apache-2.0 */
/* The published test person byte by byte (card-spec 10), the other personas' data, records,
 * GET DATA (3.5, 3.7), and what a wrong persona file is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openjpeg.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "simtalk.h"

static uint8_t file[65536];

static const char *digest(const uint8_t *p, size_t n)
{
	uint8_t out[32];
	unsigned len = sizeof out;

	assert_int_equal(EVP_Digest(p, n, out, &len, EVP_sha256(), NULL), 1);
	return simtalk_hex(out, len);
}

static void text_files_of_the_test_person(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_TEXT, "9000");
	say(c, "0020009104" DATA_1234, "9000");
	/* 10.2 */
	say(c, "00B0810000", "FF100C353337363836363737313838FFFF9000");
	say(c, "00B0820068",
	    "FF2065DF2108000E002000590064DF220FE9BB92E6A190E38080E5B9B9E4B99F"
	    "DF2336E69DB1E4BAACE983BDE6B885E780ACE5B882E8A6B3E5B883E5AD90E58D"
	    "97EFBC91EFBC92EFBC8DEFBC97EFBC8DEFBC92EFBC90EFBC92DF240831393830"
	    "30323137DF2501319000");
	say(c, "00B0820068", "*9000");
	assert_string_equal(digest(told + 0x0E, 90),
			    "B9E0D09427B23B1D4BEDA2848512B4103752DC2667E51F9712872D65F472CB3B");
	say(c, "00B0810011", "*9000");
	assert_string_equal(digest(told, 17),
			    "6D5A4C1EF9AB15BF506862D7E66B9C0F179CA065BC936C8E634E9E57449CA9CD");
	/* 10.3: the digests in EF 0003, 336 bytes */
	say(c, "00B0830050",
	    "FF3082014B"
	    "DF31206D5A4C1EF9AB15BF506862D7E66B9C0F179CA065BC936C8E634E9E57449CA9CD"
	    "DF3220B9E0D09427B23B1D4BEDA2848512B4103752DC2667E51F9712872D65F472CB3B"
	    "DF338201 00 9000");
	/* 10.5 */
	say(c, "00B0850024",
	    "FF4082009FDF410401030E01DF421036303030303334080530303100000000"
	    "DF438200809000");
	say(c, "00B085A400", "FF*9000");
	assert_int_equal(told_n, 256 - 0xA4);
	card_sim_free(&c);
}

static void secrets_of_the_test_person(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	/* 10.4 */
	say(c, SELECT_SURFACE, "9000");
	say(c, "002000930C353337363836363737313838", "9000");
	say(c, "002000920E3535303231373230333532323835", "9000");
	say(c, "0020009106353530323137", "9000");
	say(c, SELECT_TEXT, "9000");
	say(c, "002000940C353337363836363737313838", "9000");
	say(c, "002000950E3535303231373230333532323835", "9000");
	card_sim_free(&c);
}

static void records_of_the_common_application(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	uint8_t reference[18];

	(void)state;
	say(c, SELECT_COMMON, "9000");
	say(c, "00B2010400", "6986");
	/* 10.2 */
	say(c, "00B2010C00", "011C343030303030303132373139383433313332323132303335303231379000");
	say(c, "00A4020C020001", "9000");
	say(c, "00B2010400", "011C34303030*9000");
	say(c, "00B2010500", "011C34303030*9000"); /* from this record to the last */
	say(c, "00B2010410", "011C34303030303030313237313938349000");
	say(c, "00B2020400", "6A83");
	say(c, "00B2000400", "6A86");
	say(c, "00B2010600", "6A86");
	say(c, "00B2012400", "6A82"); /* EF 0004 */
	say(c, "00B0000000", "6981"); /* READ BINARY of a record EF */
	say(c, "00B2011400", "0110*9000");
	memcpy(reference, told, sizeof reference);
	say(c, SELECT_JUKI, "9000");
	say(c, "00B2011400", "0110*9000");
	assert_memory_equal(reference, told, sizeof reference); /* 3.6: same bytes */
	card_sim_free(&c);
}

static void objects_of_the_card_manager(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, "00CA00F000", "31333232319000");
	say(c, "00CA00F200", "32303335303231379000");
	say(c, "00CA004200", "36303030303230080539303100000 0A89000");
	say(c, "00CA5F5100", "E000FF8131FE45149000");
	say(c, "00CA006600", "66*9000");
	say(c, "00CA00F700", "*9000");
	assert_int_equal(told_n, 16);
	say(c, "00CA004500", "*9000");
	say(c, "00CA00F800", "6700"); /* large: again with extended Le */
	say(c, "00CA00F8000000", "5F4E820129*9000");
	assert_int_equal(told_n, 563);
	say(c, "00CA7F21000000", "5F4E820129*9000");
	assert_int_equal(told_n, 563);
	say(c, "00CA00F1000000", "6A88");
	say(c, "00CA00F0", "6700");
	say(c, SELECT_JPKI, "9000");
	say(c, "00CA00F000", "6A88"); /* not inside an AP */
	say(c, "00CA5F5100", "6A88");
	say(c, SELECT_ISD, "9000");
	say(c, "00CA00F000", "31333232319000");
	card_sim_free(&c);
}

static void challenges_have_the_length_asked_for(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	uint8_t first[16];

	(void)state;
	say(c, "0084000010", "*9000"); /* at the MF */
	assert_int_equal(told_n, 16);
	memcpy(first, told, 16);
	say(c, SELECT_TEXT, "9000");
	say(c, "0084000010", "*9000");
	assert_memory_not_equal(first, told, 16);
	say(c, "0084000001", "*9000");
	assert_int_equal(told_n, 1);
	say(c, "00840000FF", "*9000");
	assert_int_equal(told_n, 255);
	say(c, "0084000000", "*9000");
	assert_int_equal(told_n, 256);
	say(c, "00840000000010", "6985"); /* extended */
	say(c, "00840000", "6700");
	say(c, "0084010010", "6A86");
	card_sim_free(&c);
}

/* The face of a persona: what the nine offsets point at. */
static void the_face_record(void **state)
{
	static const char *const personas[] = {"test-person", "long-names"};
	static const char *const number_b[] = {"3535303231373230333532323835",
					       "3333313232353230333434363439"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		card_sim_t *c = simtalk_card(personas[i], NULL);
		char verify[64];
		size_t len, n;

		say(c, SELECT_SURFACE, "9000");
		snprintf(verify, sizeof verify, "002000920E%s", number_b[i]);
		say(c, verify, "9000");
		say(c, "00A4020C020002", "9000");
		n = simtalk_read_all(c, file, sizeof file);
		assert_memory_equal(file, "\xFF\x20\x82", 3);
		assert_memory_equal(file + 5, "\xDF\x21\x12", 3);
		for (unsigned k = 0; k < 9; k++) {
			size_t at = (size_t)file[8 + 2 * k] << 8 | file[9 + 2 * k];

			assert_true(at + 2 < n);
			assert_int_equal(file[at], 0xDF);
			assert_int_equal(file[at + 1], 0x22 + k);
		}
		const uint8_t *record = simtalk_tlv(file, n, 0xFF20, &n);
		const uint8_t *png = simtalk_tlv(record, n, 0xDF25, &len);
		assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
		assert_int_equal(png[24], 1); /* bit depth */
		assert_int_equal(png[25], 0); /* greyscale */
		png = simtalk_tlv(record, n, 0xDF26, &len);
		assert_memory_equal(png, "\x89PNG", 4);
		const uint8_t *jp2 = simtalk_tlv(record, n, 0xDF27, &len);
		assert_memory_equal(jp2, "\0\0\0\x0CjP  ", 8);
		assert_in_range(len, 6000, 10240);
		png = simtalk_tlv(record, n, 0xDF2A, &len);
		assert_memory_equal(png + 16, "\0\0\0\x18\0\0\0\x0C\x01", 9); /* 24 × 12, 1 bit */
		card_sim_free(&c);
	}
}

struct source {
	const uint8_t *p;
	size_t n, at;
};

static OPJ_SIZE_T source_read(void *out, OPJ_SIZE_T n, void *ctx)
{
	struct source *s = ctx;

	if (s->at == s->n)
		return (OPJ_SIZE_T)-1;
	if (n > s->n - s->at)
		n = s->n - s->at;
	memcpy(out, s->p + s->at, n);
	s->at += n;
	return n;
}

static void the_photo_decodes(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	struct source source = {0};
	opj_dparameters_t parm;
	opj_image_t *image = NULL;

	(void)state;
	say(c, SELECT_SURFACE, "9000");
	say(c, "002000920E" DATA_B, "9000");
	say(c, "00A4020C020002", "9000");
	size_t n = simtalk_read_all(c, file, sizeof file);
	const uint8_t *record = simtalk_tlv(file, n, 0xFF20, &n);
	source.p = simtalk_tlv(record, n, 0xDF27, &source.n);
	opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_JP2);
	opj_stream_t *stream = opj_stream_default_create(OPJ_TRUE);
	opj_stream_set_read_function(stream, source_read);
	opj_stream_set_user_data(stream, &source, NULL);
	opj_stream_set_user_data_length(stream, source.n);
	opj_set_default_decoder_parameters(&parm);
	assert_true(opj_setup_decoder(codec, &parm));
	assert_true(opj_read_header(stream, codec, &image));
	assert_true(opj_decode(codec, stream, image));
	assert_int_equal(image->numcomps, 1);
	assert_int_equal(image->comps[0].w, 240);
	assert_int_equal(image->comps[0].h, 320);
	assert_int_equal(image->comps[0].prec, 8);
	opj_image_destroy(image);
	opj_destroy_codec(codec);
	opj_stream_destroy(stream);
	card_sim_free(&c);
}

static void the_number_picture_and_age_record(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_SURFACE, "9000");
	say(c, "002000930C" DATA_A, "9000");
	say(c, "00B0850000", "FF4082*9000");
	const uint8_t *png = told + 5 + 3;
	if (told[5 + 2] == 0x81)
		png++;
	assert_memory_equal(png + 12, "IHDR\0\0\0\x48\0\0\0\x0C\x01", 13); /* 72 × 12, 1 bit */
	say(c, "0020009106" DATA_BIRTH, "9000");
	/* 3.3: FF10 82 021E { DF11 08 birth; DF12 82 0109 …; DF13 82 0100 … } */
	say(c, "00B081001E", "FF1082021EDF11083139383030323137DF128201099003010001918201009000");
	card_sim_free(&c);
}

static void long_name_and_address_are_whole(void **state)
{
	card_sim_t *c = simtalk_card("long-names", NULL);
	size_t n, len;

	(void)state;
	say(c, SELECT_TEXT, "9000");
	say(c, "0020009104" DATA_1234, "9000");
	say(c, "00A4020C020002", "9000");
	n = simtalk_read_all(c, file, sizeof file);
	const uint8_t *record = simtalk_tlv(file, n, 0xFF20, &n);
	assert_non_null(record);
	const uint8_t *name = simtalk_tlv(record, n, 0xDF22, &len);
	assert_memory_equal(name, "𣘺邉󠄂　葛󠄁乃", strlen("𣘺邉󠄂　葛󠄁乃"));
	const uint8_t *address = simtalk_tlv(record, n, 0xDF23, &len);
	size_t characters = 0;
	for (size_t i = 0; i < len; i++)
		characters += (address[i] & 0xC0) != 0x80;
	assert_int_equal(characters, 201); /* 200 and a variation selector */
	for (unsigned k = 0; k < 4; k++) {
		size_t at = (size_t)file[8 + 2 * k] << 8 | file[9 + 2 * k];

		assert_int_equal(file[at + 1], 0x22 + k);
	}
	card_sim_free(&c);
}

/* ------------------------------------------------------------ persona files */

static void write_persona(const char *path, const char *json)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(json, f);
	fclose(f);
}

static void every_field_has_a_default(void **state)
{
	char path[] = "/tmp/kazasu-persona-XXXXXX.json";
	uint8_t first[64];

	(void)state;
	int fd = mkstemps(path, 5);
	assert_true(fd >= 0);
	close(fd);
	write_persona(path, "{}");
	card_sim_t *c = simtalk_card(path, NULL);
	say(c, SELECT_TEXT, "9000");
	say(c, "0020009104" DATA_1234, "9000");
	say(c, "00B0810000", "FF100C*FFFF9000");
	/* the number has its check digit (9.1): weights 6 5 4 3 2 7 6 5 4 3 2 */
	static const int weight[11] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
	int sum = 0;
	for (int i = 0; i < 11; i++)
		sum += (told[3 + i] - '0') * weight[i];
	assert_int_equal(told[14] - '0', sum % 11 <= 1 ? 0 : 11 - sum % 11);
	memcpy(first, told, told_n);
	say(c, SELECT_JPKI, "9000");
	say(c, "00B08A0004", "3082*9000");
	card_sim_free(&c);
	c = simtalk_card(path, NULL); /* the same file, the same person */
	say(c, SELECT_TEXT, "9000");
	say(c, "0020009104" DATA_1234, "9000");
	say(c, "00B0810011", "*9000");
	assert_memory_equal(first, told, told_n);
	card_sim_free(&c);
	unlink(path);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *json, *words;
		enum card_error err;
	} rows[] = {
		{"{", "line 1", CARD_ERR_MALFORMED},
		{"{\"naem\":\"x\"}", "naem: no such field", CARD_ERR_MALFORMED},
		{"{\"birth\":\"1980-02-30\"}", "birth: must be a day", CARD_ERR_MALFORMED},
		{"{\"birth\":19800217}", "birth: must be text", CARD_ERR_MALFORMED},
		{"{\"number\":\"537686677189\"}", "check digit", CARD_ERR_MALFORMED},
		{"{\"sex\":\"x\"}", "sex: must be", CARD_ERR_MALFORMED},
		{"{\"secrets\":{\"auth\":\"12345\"}}", "four digits", CARD_ERR_MALFORMED},
		{"{\"secrets\":{\"sign\":\"abc123\"}}", "6 to 16 of A-Z", CARD_ERR_MALFORMED},
		{"{\"tries\":{\"auth\":4}}", "tries.auth: there are 3", CARD_ERR_MALFORMED},
		{"{\"quirks\":[\"none-such\"]}", "no quirk none-such", CARD_ERR_MALFORMED},
		{"{\"token\":\"plastic\"}", "token: must be", CARD_ERR_MALFORMED},
		{"{\"certificates\":{\"auth\":{\"serial\":\"FF\"}}}", "8 hexadecimal",
		 CARD_ERR_MALFORMED},
		{"{\"certificates\":{\"sign\":{\"name_flags\":\"01\"}}}", "one 0 or 1",
		 CARD_ERR_MALFORMED},
		{"{\"certificates\":{\"auth\":{\"revoked\":{\"reason\":\"lost\"}}}}", "CRLReason",
		 CARD_ERR_MALFORMED},
	};
	char path[] = "/tmp/kazasu-persona-XXXXXX.json";
	struct card_sim_problem problem;
	card_sim_t *c = NULL;

	(void)state;
	int fd = mkstemps(path, 5);
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_persona(path, rows[i].json);
		assert_int_equal(card_sim_new(&c, path, NULL, &problem), rows[i].err);
		if (!strstr(problem.text, rows[i].words))
			fail_msg("\"%s\" lacks \"%s\"", problem.text, rows[i].words);
	}
	unlink(path);
	assert_int_equal(card_sim_new(&c, "nobody-at-all", NULL, &problem), CARD_ERR_NOT_FOUND);
	struct card_sim_options opt = {.fixtures = "/nonexistent"};
	assert_int_equal(card_sim_new(&c, "child", &opt, &problem), CARD_ERR_NOT_FOUND);
	assert_non_null(strstr(problem.text, "cv-ca.csv"));
	assert_null(c);
}

static void tries_and_locks_of_a_persona(void **state)
{
	char path[] = "/tmp/kazasu-persona-XXXXXX.json";

	(void)state;
	int fd = mkstemps(path, 5);
	assert_true(fd >= 0);
	close(fd);
	write_persona(path, "{\"tries\":{\"auth\":0,\"sign\":1},\"secrets\":{\"text\":\"5678\"},"
			    "\"quirks\":[\"locked-6983\"]}");
	card_sim_t *c = simtalk_card(path, NULL);
	say(c, SELECT_JPKI, "9000");
	say(c, "00200098", "63C0");
	say(c, "0020009804" DATA_1234, "6983");
	say(c, "0020009B", "63C1");
	say(c, SELECT_TEXT, "9000");
	say(c,
	    "0020009104"
	    "35363738",
	    "9000");
	card_sim_free(&c);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_files_of_the_test_person),
		cmocka_unit_test(secrets_of_the_test_person),
		cmocka_unit_test(records_of_the_common_application),
		cmocka_unit_test(objects_of_the_card_manager),
		cmocka_unit_test(challenges_have_the_length_asked_for),
		cmocka_unit_test(the_face_record),
		cmocka_unit_test(the_photo_decodes),
		cmocka_unit_test(the_number_picture_and_age_record),
		cmocka_unit_test(long_name_and_address_are_whole),
		cmocka_unit_test(every_field_has_a_default),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(tries_and_locks_of_a_persona),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
