/* SPDX-License-Identifier: Apache-2.0 */
/* PINs typed on the reader: PC/SC part 10, FEATURE_VERIFY_PIN_DIRECT and MODIFY_PIN_DIRECT. */
#include <string.h>

#include "pcsc_internal.h"
/* pcsc-lite's header of part 10 */
#include <reader.h>

#define APDU_MAX 32u

/* Reader's own answers, PC/SC part 10 §2.5.2 */
#define SW_PAD_TIMEOUT   0x6400u
#define SW_PAD_CANCELLED 0x6401u
#define SW_PAD_DIFFERENT 0x6402u /* the two entries of the new PIN differ */
#define SW_PAD_LENGTH    0x6403u

LONG pcsc_read_features(SCARDHANDLE card, struct pinpad_features *out)
{
	uint8_t buf[256];
	DWORD n = 0;
	LONG rv = SCardControl(card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, buf, sizeof(buf), &n);

	*out = (struct pinpad_features){0};
	if (rv != SCARD_S_SUCCESS || n > sizeof(buf))
		return rv;
	/* Triples of tag, length 4, control code (big-endian). */
	for (size_t i = 0; i + 6 <= n && buf[i + 1] == 4; i += 6) {
		uint32_t code = (uint32_t)buf[i + 2] << 24 | (uint32_t)buf[i + 3] << 16 |
				(uint32_t)buf[i + 4] << 8 | buf[i + 5];

		if (buf[i] == FEATURE_VERIFY_PIN_DIRECT)
			out->verify_direct = code;
		else if (buf[i] == FEATURE_MODIFY_PIN_DIRECT)
			out->modify_direct = code;
	}
	return rv;
}

/* bmFormatString: digits as ASCII, left-justified, position in bytes from the data field. */
#define FORMAT_ASCII_LEFT_BYTES 0x82u
#define VALIDATE_BY_KEY         0x02u /* bEntryValidationCondition: the OK key */

static size_t verify_block(const struct card_pinpad_request *req, uint8_t *out)
{
	PIN_VERIFY_STRUCTURE p;

	memset(&p, 0, sizeof(p));
	p.bTimerOut = (uint8_t)req->timeout_s;
	p.bTimerOut2 = (uint8_t)req->timeout_s;
	p.bmFormatString = FORMAT_ASCII_LEFT_BYTES;
	p.bmPINBlockString = req->max_digits; /* size of the block, no length field in it */
	p.wPINMaxExtraDigit = (uint16_t)(req->min_digits << 8 | req->max_digits);
	p.bEntryValidationCondition = VALIDATE_BY_KEY;
	p.bNumberMessage = 1;
	p.wLangId = req->language;
	p.ulDataLength = (uint32_t)req->apdu.n;
	memcpy(out, &p, offsetof(PIN_VERIFY_STRUCTURE, abData));
	memcpy(out + offsetof(PIN_VERIFY_STRUCTURE, abData), req->apdu.p, req->apdu.n);
	return offsetof(PIN_VERIFY_STRUCTURE, abData) + req->apdu.n;
}

static size_t modify_block(const struct card_pinpad_request *req, uint8_t *out)
{
	PIN_MODIFY_STRUCTURE p;

	memset(&p, 0, sizeof(p));
	p.bTimerOut = (uint8_t)req->timeout_s;
	p.bTimerOut2 = (uint8_t)req->timeout_s;
	p.bmFormatString = FORMAT_ASCII_LEFT_BYTES;
	p.bmPINBlockString = req->max_digits;
	p.wPINMaxExtraDigit = (uint16_t)(req->min_digits << 8 | req->max_digits);
	p.bConfirmPIN = 0x01; /* the new PIN twice; the old one was verified before */
	p.bEntryValidationCondition = VALIDATE_BY_KEY;
	p.bNumberMessage = 2;
	p.wLangId = req->language;
	p.bMsgIndex1 = 1;
	p.bMsgIndex2 = 2;
	p.ulDataLength = (uint32_t)req->apdu.n;
	memcpy(out, &p, offsetof(PIN_MODIFY_STRUCTURE, abData));
	memcpy(out + offsetof(PIN_MODIFY_STRUCTURE, abData), req->apdu.p, req->apdu.n);
	return offsetof(PIN_MODIFY_STRUCTURE, abData) + req->apdu.n;
}

enum card_error pcsc_pinpad(SCARDHANDLE card, const struct pinpad_features *features,
			    const struct card_pinpad_request *req, uint8_t *resp, size_t cap,
			    size_t *len, LONG *rv)
{
	uint8_t block[sizeof(PIN_MODIFY_STRUCTURE) + APDU_MAX];
	uint32_t code = req->change ? features->modify_direct : features->verify_direct;
	DWORD got = 0;
	size_t n;

	*rv = SCARD_S_SUCCESS;
	if (code == 0)
		return CARD_ERR_UNSUPPORTED;
	if (req->apdu.n > APDU_MAX || req->timeout_s > 255 || cap < 2)
		return CARD_ERR_INVALID_ARGUMENT;
	n = req->change ? modify_block(req, block) : verify_block(req, block);
	*rv = SCardControl(card, code, block, (DWORD)n, resp, (DWORD)cap, &got);
	if (*rv == SCARD_E_CANCELLED)
		return CARD_ERR_CANCELLED;
	if (*rv != SCARD_S_SUCCESS)
		return CARD_ERR_READER;
	*len = got <= cap ? got : 0;
	if (got != 2)
		return CARD_OK; /* the channel judges an answer without status word */
	switch (resp[0] << 8 | resp[1]) {
	case SW_PAD_TIMEOUT:
		return CARD_ERR_TIMEOUT;
	case SW_PAD_CANCELLED:
		return CARD_ERR_CANCELLED;
	case SW_PAD_DIFFERENT:
	case SW_PAD_LENGTH:
		return CARD_ERR_PIN_FORMAT;
	default:
		return CARD_OK;
	}
}
