/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves cards that come and go, waiting for them, threads, fork and C_Finalize in the midst of
 * everything.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "source_sim.h"

static void nap(long ms)
{
	const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

static void one_event_for_each_slot(void **state)
{
	CK_SLOT_ID slot = 99;

	(void)state;
	p11_start(NULL, NULL);
	assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	p11_remove();
	assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_OK);
	assert_int_equal(slot, AUTH_SLOT);
	assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_OK);
	assert_int_equal(slot, SIGN_SLOT);
	assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	p11_insert();
	assert_rv(p11->C_WaitForSlotEvent(0, &slot, NULL), CKR_OK);
	assert_rv(p11->C_WaitForSlotEvent(0, &slot, NULL), CKR_OK);
	assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &slot), CKR_ARGUMENTS_BAD);
	p11_stop();
}

static void *wait_event(void *ctx)
{
	CK_RV *rv = ctx;
	CK_SLOT_ID slot = 99;

	*rv = p11->C_WaitForSlotEvent(0, &slot, NULL);
	return NULL;
}

static void a_waiting_thread_hears_of_a_removal(void **state)
{
	pthread_t t;
	CK_RV rv = 99;

	(void)state;
	p11_start(NULL, NULL);
	assert_int_equal(pthread_create(&t, NULL, wait_event, &rv), 0);
	nap(20);
	p11_remove();
	pthread_join(t, NULL);
	assert_rv(rv, CKR_OK);
	p11_stop();
}

static void finalising_ends_a_wait(void **state)
{
	pthread_t t;
	CK_RV rv = 99;

	(void)state;
	p11_start(NULL, NULL);
	assert_int_equal(pthread_create(&t, NULL, wait_event, &rv), 0);
	nap(20);
	assert_rv(p11->C_Finalize(NULL), CKR_OK);
	pthread_join(t, NULL);
	assert_rv(rv, CKR_CRYPTOKI_NOT_INITIALIZED);
	p11_stop();
}

static void a_removal_ends_sessions_and_the_slot_goes_on(void **state)
{
	CK_SESSION_HANDLE h, other;
	CK_SESSION_INFO info;
	CK_TOKEN_INFO token;
	CK_ULONG n = 0;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	other = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	p11_remove();
	assert_rv(p11_sign(h), CKR_DEVICE_REMOVED);
	assert_rv(p11->C_GetSessionInfo(other, &info), CKR_DEVICE_REMOVED);
	assert_rv(p11->C_GetTokenInfo(AUTH_SLOT, &token), CKR_TOKEN_NOT_PRESENT);
	assert_rv(p11->C_OpenSession(AUTH_SLOT, CKF_SERIAL_SESSION, NULL, NULL, &other),
		  CKR_TOKEN_NOT_PRESENT);
	assert_rv(p11->C_GetSlotList(CK_FALSE, NULL, &n), CKR_OK);
	assert_int_equal(n, 4); /* slots stay */
	assert_rv(p11->C_GetSlotList(CK_TRUE, NULL, &n), CKR_OK);
	assert_int_equal(n, 0);
	p11_insert();
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_DEVICE_REMOVED);
	assert_rv(p11->C_CloseSession(h), CKR_OK);
	assert_rv(p11->C_CloseSession(h), CKR_SESSION_HANDLE_INVALID);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11->C_GetSessionInfo(h, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RO_PUBLIC_SESSION);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_stop();
}

static void an_exchange_that_nobody_watched_is_noticed(void **state)
{
	CK_SESSION_HANDLE h;
	unsigned long before;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	p11_remove();
	p11_insert();
	before = p11_commands();
	assert_rv(p11_sign(h), CKR_DEVICE_REMOVED);
	assert_int_equal(p11_commands(), before); /* the PIN is not presented to another card */
	p11_stop();
}

/* ---- threads ---- */

struct work {
	CK_SESSION_HANDLE h;
	unsigned good;
};

static void *sign_often(void *ctx)
{
	struct work *w = ctx;

	for (int i = 0; i < 20; i++)
		if (p11_sign_init(w->h) == CKR_OK && p11_sign(w->h) == CKR_OK)
			w->good++;
	return NULL;
}

static void *look_often(void *ctx)
{
	struct work *w = ctx;
	CK_SESSION_INFO info;
	CK_TOKEN_INFO token;

	for (int i = 0; i < 50; i++)
		if (p11->C_GetSessionInfo(w->h, &info) == CKR_OK &&
		    p11->C_GetTokenInfo(AUTH_SLOT, &token) == CKR_OK &&
		    p11_object(w->h, CKO_CERTIFICATE) != 0)
			w->good++;
	return NULL;
}

static void threads_sign_and_look_side_by_side(void **state)
{
	pthread_t t[4];
	struct work w[4] = {{0, 0}};

	(void)state;
	p11_start(NULL, NULL);
	for (int i = 0; i < 4; i++)
		w[i].h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(w[0].h, CKU_USER, "1234"), CKR_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&t[i], NULL, i < 3 ? sign_often : look_often, &w[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(w[i].good, 20);
	assert_int_equal(w[3].good, 50);
	p11_stop();
}

static void finalising_amid_signatures_is_orderly(void **state)
{
	pthread_t t[3];
	struct work w[3] = {{0, 0}};

	(void)state;
	p11_start(NULL, NULL);
	for (int i = 0; i < 3; i++)
		w[i].h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(w[0].h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_sign_init(w[0].h), CKR_OK);
	assert_rv(p11_sign(w[0].h), CKR_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&t[i], NULL, wait_event, &w[i].h), 0);
	assert_rv(p11->C_Finalize(NULL), CKR_OK);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	p11_stop();
}

/* ---- fork ---- */

static int child(CK_SESSION_HANDLE h)
{
	CK_SESSION_INFO info;
	CK_SESSION_HANDLE own = 0;
	CK_ULONG n = 0;

	if (p11->C_GetSessionInfo(h, &info) != CKR_CRYPTOKI_NOT_INITIALIZED)
		return 1;
	if (p11->C_GetSlotList(CK_FALSE, NULL, &n) != CKR_CRYPTOKI_NOT_INITIALIZED)
		return 2;
	if (p11->C_Initialize(NULL) != CKR_OK)
		return 3;
	if (p11->C_GetSessionInfo(h, &info) != CKR_SESSION_HANDLE_INVALID)
		return 4;
	if (p11->C_OpenSession(AUTH_SLOT, CKF_SERIAL_SESSION, NULL, NULL, &own) != CKR_OK)
		return 5;
	return p11->C_Finalize(NULL) == CKR_OK ? 0 : 6;
}

static void a_child_starts_anew_and_the_parent_goes_on(void **state)
{
	CK_SESSION_HANDLE h;
	int status = 0;
	pid_t pid;

	(void)state;
	p11_start(NULL, NULL);
	(void)p11_open(SIGN_SLOT, 0);
	h = p11_open(AUTH_SLOT, 0);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	pid = fork();
	if (pid == 0)
		_exit(child(h));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_event_for_each_slot),
		cmocka_unit_test(a_waiting_thread_hears_of_a_removal),
		cmocka_unit_test(finalising_ends_a_wait),
		cmocka_unit_test(a_removal_ends_sessions_and_the_slot_goes_on),
		cmocka_unit_test(an_exchange_that_nobody_watched_is_noticed),
		cmocka_unit_test(threads_sign_and_look_side_by_side),
		cmocka_unit_test(finalising_amid_signatures_is_orderly),
		cmocka_unit_test(a_child_starts_anew_and_the_parent_goes_on),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
