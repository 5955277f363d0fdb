/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.h — the result of every call in libcard.
 *
 * A function either returns CARD_OK or exactly one of these values; its header
 * comment names those it can return. CARD_ERR_INVALID_ARGUMENT (a NULL pointer
 * or a value outside its documented range) and CARD_ERR_NO_MEMORY can come from
 * any call and are not repeated there. The numbers are stable: new values are
 * added at the end only.
 */
#ifndef CARD_ERROR_H
#define CARD_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* Marks a function exported from libcard.so. */
#define CARD_API __attribute__((visibility("default")))

enum card_error {
	CARD_OK = 0,

	/* the caller */
	CARD_ERR_INVALID_ARGUMENT = 1, /* NULL, or a value outside its range */
	CARD_ERR_NO_MEMORY = 2,        /* allocation or mlock failed */
	CARD_ERR_BAD_STATE = 3,        /* call out of order, e.g. outside a transaction */
	CARD_ERR_BUFFER_TOO_SMALL = 4, /* a fixed buffer cannot hold the result */
	CARD_ERR_UNSUPPORTED = 5,      /* not offered by this card, reader or build */
	CARD_ERR_CANCELLED = 6,        /* by the caller, or on the pin pad */
	CARD_ERR_TIMEOUT = 7,          /* no card, or nothing typed, in the time given */
	CARD_ERR_IO = 8,               /* a file could not be read or written */

	/* the reader (PC/SC) */
	CARD_ERR_NO_SERVICE = 9,       /* pcscd does not run */
	CARD_ERR_NOT_PERMITTED = 10,   /* pcscd refuses this user (polkit) */
	CARD_ERR_NO_READER = 11,       /* no such reader */
	CARD_ERR_NO_CARD = 12,         /* the reader is empty */
	CARD_ERR_READER_BUSY = 13,     /* another program holds the reader or the card */
	CARD_ERR_READER = 14,          /* the reader or its driver failed */
	CARD_ERR_AMBIGUOUS = 15,       /* more than one reader or card matches */
	CARD_ERR_REMOVED = 16,         /* card or reader gone; nothing was executed that counts */
	CARD_ERR_RESET = 17,           /* another program reset the card; security status unknown */
	CARD_ERR_OUTCOME_UNKNOWN = 18, /* the answer to a VERIFY, CHANGE or SIGN was lost: it may
					  have been executed. Never sent again; read the tries anew */
	CARD_ERR_TRACE_MISMATCH = 19,  /* replay: the command differs from the recorded one */

	/* the card's answers */
	CARD_ERR_MALFORMED = 20,       /* an answer or file breaks its format */
	CARD_ERR_TRUNCATED = 21,       /* ends before its own length says */
	CARD_ERR_TOO_LONG = 22,        /* longer than the documented limit */
	CARD_ERR_STATUS = 23,          /* a status word with no better name; see card_channel_sw */
	CARD_ERR_NOT_FOUND = 24,       /* no such application, file, record or object */
	CARD_ERR_SECURITY_STATUS = 25, /* the card wants a secret first (6982) */
	CARD_ERR_WRONG_TOKEN = 26,     /* not a card this call can use */
	CARD_ERR_NO_CERTIFICATE = 27,  /* the card lacks this certificate */

	/* secrets */
	CARD_ERR_PIN_WRONG = 28,  /* the card refused it; tries left are known */
	CARD_ERR_PIN_LOCKED = 29, /* no tries left (6983, 6984, 63C0) */
	CARD_ERR_PIN_FORMAT = 30, /* cannot be right; nothing was sent */
	CARD_ERR_LAST_TRY = 31, /* one try left and the caller did not allow it; nothing was sent */

	/* trust and rules */
	CARD_ERR_DENIED = 32, /* grant, access matrix or configuration refuses; nothing was sent */
	CARD_ERR_SIGNATURE = 33, /* a signature does not verify */
	CARD_ERR_UNTRUSTED = 34, /* no trusted issuer */
	CARD_ERR_EXPIRED = 35,   /* outside its validity */
	CARD_ERR_REVOKED = 36,
	CARD_ERR_UNDETERMINED = 37, /* no fresh information; never treat as valid */

	CARD_ERR_CRYPTO = 38,   /* libcrypto failed for its own reasons */
	CARD_ERR_INTERNAL = 39, /* a defect in libcard */
	CARD_ERR_COUNT_         /* number of values; not an error */
};

enum card_lang { CARD_LANG_EN = 0, CARD_LANG_JA = 1 };

/*
 * What happened, as one sentence for a person, UTF-8, static storage.
 * Unknown values give a sentence too; never NULL. An unknown lang is English.
 */
CARD_API const char *card_strerror(enum card_error err, enum card_lang lang);

/* The name without its prefix, e.g. "PIN_WRONG"; "UNKNOWN" for other values.
 * Static storage. Stable: JSON output carries it. */
CARD_API const char *card_error_name(enum card_error err);

#ifdef __cplusplus
}
#endif
#endif
