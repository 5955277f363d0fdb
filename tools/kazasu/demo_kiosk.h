/* SPDX-License-Identifier: Apache-2.0 */
/* demo_kiosk.h — a municipality and a centre of the demo's own, on loopback. */
#ifndef KAZASU_DEMO_KIOSK_H
#define KAZASU_DEMO_KIOSK_H

#include "place.h"

#include <sys/types.h>

struct demo_kiosk {
	char folder[KZ_PATH_MAX], config[KZ_PATH_MAX], programs[KZ_PATH_MAX], fixtures[KZ_PATH_MAX];
	pid_t issuer, center;
	int issuer_out, center_out;
};

/*
 * Make keys, records and tables below FOLDER/kiosk and start kazasu-issuer and kazasu-center, their
 * clock at noon in Japan; out->config is for `kazasu kiosk`. False: one of the programs is not there
 * or did not start. Always to be ended.
 */
bool demo_kiosk_begin(struct demo_kiosk *out, const char *folder);
void demo_kiosk_end(struct demo_kiosk *d);

#endif
