/* SPDX-License-Identifier: Apache-2.0 */
/* digits.h — check digits of numbers that people write. (The 個人番号: card_number_valid.) */
#ifndef CARDFLOW_DIGITS_H
#define CARDFLOW_DIGITS_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 住民票コード: 11 digits, the last is the check digit; the same rule as for the 個人番号 over
 * ten digits (住民基本台帳法施行規則: weights n + 1 for n <= 6, n - 5 for n >= 7, modulo 11). */
CARD_API bool flow_resident_code_valid(const char *text);

/* 団体コード: 6 digits; the first five weigh 6, 5, 4, 3, 2, the last is the last digit of
 * 11 - (sum mod 11). */
CARD_API bool flow_municipality_code_valid(const char *text);

/* The same with the check digit for five digits; out[7]. False if text is not five digits. */
CARD_API bool flow_municipality_code_complete(const char *text, char out[7]);

#ifdef __cplusplus
}
#endif
#endif
