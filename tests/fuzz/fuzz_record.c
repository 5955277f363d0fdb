/* SPDX-License-Identifier: Apache-2.0 */
/* The records of the surface and text applications. */
#include <card/surface.h>
#include <card/text.h>

#include "fuzz.h"

static void surface(struct card_bytes in)
{
	struct card_surface_age age;
	struct card_surface_face face;
	struct card_surface_number number;

	if (fuzz_known(card_surface_parse_age(in, &age)) == CARD_OK)
		fuzz_require(fuzz_inside(age.signed_part, in) &&
			     fuzz_inside(age.public_key, age.signed_part) &&
			     age.signature.n == 256);
	if (fuzz_known(card_surface_parse_face(in, &face)) == CARD_OK) {
		for (size_t i = 0; i < 3; i++)
			fuzz_require(face.part[i].n > 0 && fuzz_inside(face.part[i], in));
		fuzz_require(fuzz_inside(face.public_key, face.part[0]));
		fuzz_require(fuzz_inside(face.name_png, face.part[1]));
		fuzz_require(fuzz_inside(face.address_png, face.part[1]));
		fuzz_require(fuzz_inside(face.photo_jp2, face.part[2]));
		fuzz_touch(face.security_code_png);
	}
	if (fuzz_known(card_surface_parse_number(in, &number)) == CARD_OK)
		fuzz_require(fuzz_inside(number.number_png, number.signed_part) &&
			     fuzz_inside(number.public_key, number.signed_part));
}

static void text(struct card_bytes in)
{
	struct card_text_attributes a;
	struct card_text_integrity integrity;
	struct card_text_key key;

	if (fuzz_known(card_text_parse_attributes(in, &a)) == CARD_OK) {
		fuzz_require(fuzz_inside(a.signed_part, in));
		fuzz_require(fuzz_inside(a.name, a.signed_part));
		fuzz_require(fuzz_inside(a.address, a.signed_part));
	}
	if (fuzz_known(card_text_parse_integrity(in, &integrity)) == CARD_OK)
		fuzz_require(fuzz_inside(integrity.number_digest, integrity.signed_part) &&
			     fuzz_inside(integrity.attributes_digest, integrity.signed_part));
	if (fuzz_known(card_text_parse_key(in, &key)) == CARD_OK)
		fuzz_require(fuzz_inside(key.public_key, key.signed_part));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	surface(card_bytes(data, size));
	text(card_bytes(data, size));
	return 0;
}
