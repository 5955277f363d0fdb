/* SPDX-License-Identifier: Apache-2.0 */
/* pem.h — a certificate as text (RFC 7468). */
#ifndef KAZASU_PEM_H
#define KAZASU_PEM_H

#include <card/bytes.h>

/* Append "-----BEGIN CERTIFICATE-----" … to out. Errors of card_buf_append. */
enum card_error kz_pem_write(struct card_bytes der, card_buf_t *out);

#endif
