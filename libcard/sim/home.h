/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home.h — the fixtures folder, small files in it, and what to say when it fails.
 */
#ifndef SIM_HOME_H
#define SIM_HOME_H

#include <card/sim.h>

#include "simbuf.h"

#define SIM_PATH_MAX 1024

struct sim_home {
	char dir[SIM_PATH_MAX];   /* fixtures */
	char spare[SIM_PATH_MAX]; /* where keys go if the fixtures are read-only; "" none */
};

/* Write the sentence and return err. problem may be NULL. */
enum card_error sim_fail(struct card_sim_problem *problem, enum card_error err, const char *fmt,
			 ...) __attribute__((format(printf, 3, 4)));

/* Find the fixtures as sim.h says. CARD_ERR_NOT_FOUND. */
enum card_error sim_home_find(struct sim_home *home, const char *wanted,
			      struct card_sim_problem *problem);

/* "DIR/FOLDER/NAMESUFFIX" into out; false if too long. */
bool sim_path(char out[SIM_PATH_MAX], const char *dir, const char *folder, const char *name,
	      const char *suffix);

/* The whole file appended to out; false if it cannot be read or exceeds 8 MiB. */
bool sim_file_read(const char *path, struct sim_buf *out);

/* Replace a file so that a crash leaves the old or the new one: temporary file,
 * fsync, rename, fsync of the folder. */
bool sim_file_replace(const char *path, const void *p, size_t n, unsigned mode);

/* Create a file only if there is none yet; true also if another process was faster. */
bool sim_file_create(const char *path, const void *p, size_t n, unsigned mode);

#endif
