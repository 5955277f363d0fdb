/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reed_solomon.h — RS(255, 191) over GF(256): repairs up to 32 wrong bytes in a block of 255.
 *
 * Field polynomial x⁸ + x⁴ + x³ + x² + 1 (0x11D), generator roots α⁰ … α⁶³. Systematic: the
 * parity follows the data.
 */
#ifndef CARDFLOW_REED_SOLOMON_H
#define CARDFLOW_REED_SOLOMON_H

#include <stdint.h>

#define RS_BLOCK  255
#define RS_PARITY 64
#define RS_DATA   (RS_BLOCK - RS_PARITY)

/* Fill block[RS_DATA …] from the data before it. */
void rs_encode(uint8_t block[RS_BLOCK]);

/* Repair in place. Returns the number of bytes repaired, or -1: more were wrong than can be. */
int rs_decode(uint8_t block[RS_BLOCK]);

#endif
