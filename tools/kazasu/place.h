/* SPDX-License-Identifier: Apache-2.0 */
/* place.h — where the program and the files that belong to it lie. */
#ifndef KAZASU_PLACE_H
#define KAZASU_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define KZ_PATH_MAX 4096

/* The folder of the running program. False if it cannot be told. */
bool kz_place_program(char *out, size_t cap);

/* The test data made for this tree, the folder that holds trust/cv-ca.csv: `fixtures` in the
 * folder of the program or up to four folders above it, else DATADIR/kazasu/fixtures. */
bool kz_place_fixtures(char *out, size_t cap);

/* The folder of message catalogues. */
bool kz_place_catalogues(char *out, size_t cap);

#endif
