/* SPDX-License-Identifier: Apache-2.0 */
/* attribute.h — what is known about a person, as a set of bits (本人確認情報, rules R6-01). */
#ifndef CARDFLOW_ATTRIBUTE_H
#define CARDFLOW_ATTRIBUTE_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum flow_attribute {
	FLOW_ATTR_NAME = 0x001,
	FLOW_ATTR_ADDRESS = 0x002,
	FLOW_ATTR_BIRTH_DATE = 0x004,
	FLOW_ATTR_SEX = 0x008,
	FLOW_ATTR_ALIVE = 0x010,         /* 生存の事実; registers only */
	FLOW_ATTR_MY_NUMBER = 0x020,     /* 個人番号 */
	FLOW_ATTR_FORMER_NAME = 0x040,   /* 旧氏; registers only */
	FLOW_ATTR_RESIDENT_CODE = 0x080, /* 住民票コード; registers only */
	FLOW_ATTR_PHOTO = 0x100,         /* card only */
	FLOW_ATTR_EXPIRY = 0x200         /* card only */
};
#define FLOW_ATTR_REGISTER 0x0FFu
#define FLOW_ATTR_CARD     0x30Fu /* all that procedures.csv may list */

/* "name", "address", "birth_date", …; NULL if the bit is none of them. Static, stable. */
CARD_API const char *flow_attribute_name(enum flow_attribute a);

/* A list joined by `;` as a set; allowed limits it. CARD_ERR_MALFORMED: a word that is unknown,
 * not allowed or there twice; it is then in wrong (cut to its room). */
CARD_API enum card_error flow_attributes_parse(const char *list, unsigned allowed, unsigned *out,
					       char wrong[40]);

/* The set as a list joined by `;`, in the order of the bits. */
CARD_API void flow_attributes_format(unsigned set, char out[128]);

#ifdef __cplusplus
}
#endif
#endif
