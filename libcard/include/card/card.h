/* SPDX-License-Identifier: Apache-2.0 */
/* card.h — all of libcard. */
#ifndef CARD_CARD_H
#define CARD_CARD_H

#include <card/apdu.h>
#include <card/authenticity.h>
#include <card/bytes.h>
#include <card/cert.h>
#include <card/check.h>
#include <card/channel.h>
#include <card/common.h>
#include <card/crl.h>
#include <card/cvc.h>
#include <card/date.h>
#include <card/der.h>
#include <card/error.h>
#include <card/fetch.h>
#include <card/grant.h>
#include <card/jpki.h>
#include <card/juki.h>
#include <card/local.h>
#include <card/log.h>
#include <card/name.h>
#include <card/ocsp.h>
#include <card/path.h>
#include <card/pcsc.h>
#include <card/pin.h>
#include <card/reader.h>
#include <card/secret.h>
#include <card/sig.h>
#include <card/surface.h>
#include <card/sw.h>
#include <card/text.h>
#include <card/tlv.h>
#include <card/token.h>
#include <card/trace.h>
#include <card/trust.h>
#include <card/verdict.h>
#include <card/verify.h>

#endif
