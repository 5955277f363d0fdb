/* SPDX-License-Identifier: Apache-2.0 */
/* version.h — which libcardflow this is. */
#ifndef CARDFLOW_VERSION_H
#define CARDFLOW_VERSION_H

#include <card/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0", static. */
CARD_API const char *flow_version(void);

#ifdef __cplusplus
}
#endif
#endif
