/* SPDX-License-Identifier: Apache-2.0 */
#include "source_sim.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "source.h"

CK_FUNCTION_LIST *p11;

static struct {
	pthread_mutex_t lock;
	struct {
		card_sim_t *sim;
		bool card;
		uint32_t events;
	} reader[2];
	char home[64];
} world = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *const names[2] = {"Virtual reader A", "Virtual reader B"};

/* ---- source.h ---- */

struct source {
	int unused;
};

enum card_error source_new(struct source **out)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;
}

void source_free(struct source **s)
{
	free(*s);
	*s = NULL;
}

enum card_error source_list(struct source *s, struct card_pcsc_reader *list, size_t *n)
{
	(void)s;
	pthread_mutex_lock(&world.lock);
	for (size_t i = 0; i < 2; i++) {
		memset(&list[i], 0, sizeof(list[i]));
		snprintf(list[i].name, sizeof(list[i].name), "%s", names[i]);
		list[i].card = world.reader[i].card;
		list[i].events = world.reader[i].events;
	}
	pthread_mutex_unlock(&world.lock);
	*n = 2;
	return CARD_OK;
}

enum card_error source_wait(struct source *s, const struct card_pcsc_reader *list, size_t n,
			    unsigned timeout_ms)
{
	const struct timespec tick = {.tv_nsec = 5000000L};

	for (unsigned waited = 0; waited < timeout_ms; waited += 5) {
		struct card_pcsc_reader now[CARD_PCSC_READERS_MAX];
		size_t m = n;

		(void)source_list(s, now, &m);
		for (size_t i = 0; i < n; i++)
			if (now[i].events != list[i].events)
				return CARD_OK;
		nanosleep(&tick, NULL);
	}
	return CARD_ERR_TIMEOUT;
}

enum card_error source_open(struct source *s, const char *name, card_reader_t **out)
{
	size_t i = strcmp(name, names[0]) == 0 ? 0 : 1;

	(void)s;
	if (!world.reader[i].card)
		return CARD_ERR_NO_CARD;
	return card_sim_reader_new(out, world.reader[i].sim);
}

/* ---- the world ---- */

static card_sim_t *make(const char *persona, const char *quirk)
{
	struct card_sim_options opt = {.quirks = &quirk, .n_quirks = quirk != NULL};
	struct card_sim_problem problem = {""};
	card_sim_t *sim = NULL;

	if (card_sim_new(&sim, persona, &opt, &problem) != CARD_OK)
		fail_msg("%s", problem.text);
	return sim;
}

static void change(size_t i, bool card)
{
	pthread_mutex_lock(&world.lock);
	world.reader[i].card = card;
	world.reader[i].events++;
	pthread_mutex_unlock(&world.lock);
}

static void write_settings(const char *conf)
{
	char path[160];
	FILE *f;

	snprintf(world.home, sizeof(world.home), "/tmp/kazasu-p11-XXXXXX");
	assert_non_null(mkdtemp(world.home));
	assert_int_equal(setenv("XDG_CONFIG_HOME", world.home, 1), 0);
	snprintf(path, sizeof(path), "%s/kazasu", world.home);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/kazasu/pkcs11.conf", world.home);
	f = fopen(path, "w");
	assert_non_null(f);
	if (conf != NULL)
		fputs(conf, f);
	fclose(f);
}

void p11_start(const char *quirk, const char *conf)
{
	if (world.reader[0].sim != NULL)
		p11_stop(); /* the test before failed */
	write_settings(conf);
	world.reader[0].sim = make("test-person", quirk);
	world.reader[0].card = true;
	world.reader[0].events = 1;
	world.reader[1].card = false;
	assert_rv(C_GetFunctionList(&p11), CKR_OK);
	assert_rv(p11->C_Initialize(NULL), CKR_OK);
}

void p11_stop(void)
{
	char command[160];

	(void)p11->C_Finalize(NULL);
	card_sim_free(&world.reader[0].sim);
	card_sim_free(&world.reader[1].sim);
	snprintf(command, sizeof(command), "rm -r '%s'", world.home);
	assert_int_equal(system(command), 0);
}

card_sim_t *p11_card(void)
{
	return world.reader[0].sim;
}

unsigned long p11_commands(void)
{
	return card_sim_count(world.reader[0].sim);
}

void p11_remove(void)
{
	card_sim_remove(world.reader[0].sim);
	change(0, false);
}

void p11_insert(void)
{
	card_sim_insert(world.reader[0].sim, 0, CARD_SIM_TEAR_BEFORE);
	change(0, true);
}

bool p11_present(void)
{
	return world.reader[0].card;
}

void p11_insert_other(const char *persona)
{
	world.reader[1].sim = make(persona, NULL);
	change(1, true);
}

/* ---- another program ---- */

static unsigned foreign(const uint8_t *cmd, size_t n)
{
	uint8_t resp[260];
	size_t len = 0;

	assert_ok(card_sim_transmit(world.reader[0].sim, card_bytes(cmd, n), resp, sizeof(resp),
				    &len));
	assert_true(len >= 2);
	return (unsigned)resp[len - 2] << 8 | resp[len - 1];
}

void p11_foreign_select(void)
{
	static const uint8_t text[] = {0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0x10,
				       0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08};

	assert_int_equal(foreign(text, sizeof(text)), 0x9000);
}

void p11_foreign_unpower(void)
{
	card_sim_power_off(world.reader[0].sim);
	card_sim_power_on(world.reader[0].sim);
}

void p11_foreign_reset(void)
{
	card_sim_reset(world.reader[0].sim);
}

static const uint8_t jpki[] = {0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0,
			       0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};

unsigned p11_foreign_sign(unsigned file)
{
	unsigned sw;
	uint8_t sign[] = {0x80, 0x2A, 0x00, 0x80, 0x04, 1, 2, 3, 4, 0x00};

	sign[3] = (uint8_t)(0x80u | file);
	sw = foreign(sign, sizeof(sign));
	if (sw == 0x9000)
		return sw;
	assert_int_equal(foreign(jpki, sizeof(jpki)), 0x9000);
	return foreign(sign, sizeof(sign));
}

void p11_foreign_wrong_pin(unsigned file)
{
	uint8_t verify[] = {0x00, 0x20, 0x00, 0x80, 0x04, '9', '9', '9', '9'};

	assert_int_equal(foreign(jpki, sizeof(jpki)), 0x9000);
	verify[3] = (uint8_t)(0x80u | file);
	assert_int_equal(foreign(verify, sizeof(verify)) & 0xFFF0u, 0x63C0);
}

void p11_foreign_right_pin(unsigned file)
{
	uint8_t verify[] = {0x00, 0x20, 0x00, 0x80, 0x04, '1', '2', '3', '4'};

	assert_int_equal(foreign(jpki, sizeof(jpki)), 0x9000);
	verify[3] = (uint8_t)(0x80u | file);
	assert_int_equal(foreign(verify, sizeof(verify)), 0x9000);
}

/* ---- shorthand ---- */

CK_SESSION_HANDLE p11_open(CK_SLOT_ID slot, CK_FLAGS extra)
{
	CK_SESSION_HANDLE h = 0;

	assert_rv(p11->C_OpenSession(slot, CKF_SERIAL_SESSION | extra, NULL, NULL, &h), CKR_OK);
	assert_int_not_equal(h, 0);
	return h;
}

CK_RV p11_login(CK_SESSION_HANDLE h, CK_USER_TYPE type, const char *pin)
{
	CK_UTF8CHAR copy[80];
	size_t n = strlen(pin);

	memcpy(copy, pin, n);
	return p11->C_Login(h, type, copy, n);
}

CK_OBJECT_HANDLE p11_object(CK_SESSION_HANDLE h, CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE t = {CKA_CLASS, &class, sizeof(class)};
	CK_OBJECT_HANDLE o = 0;
	CK_ULONG n = 0;

	assert_rv(p11->C_FindObjectsInit(h, &t, 1), CKR_OK);
	assert_rv(p11->C_FindObjects(h, &o, 1, &n), CKR_OK);
	assert_rv(p11->C_FindObjectsFinal(h), CKR_OK);
	return n > 0 ? o : 0;
}

CK_RV p11_sign_init(CK_SESSION_HANDLE h)
{
	CK_MECHANISM m = {CKM_SHA256_RSA_PKCS, NULL, 0};
	CK_SESSION_INFO info;

	assert_rv(p11->C_GetSessionInfo(h, &info), CKR_OK);
	return p11->C_SignInit(h, &m, info.slotID % 2 == SIGN_SLOT ? 10 : 5);
}

CK_RV p11_sign(CK_SESSION_HANDLE h)
{
	CK_BYTE data[] = "some bytes", signature[256];
	CK_ULONG n = sizeof(signature);

	return p11->C_Sign(h, data, sizeof(data), signature, &n);
}
