/* SPDX-License-Identifier: Apache-2.0 */
#include "lazy.h"

#include <dlfcn.h>
#include <string.h>

bool lazy_load(const char *soname, const struct lazy_symbol *symbols, size_t n)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		void *at = dlsym(library, symbols[i].name);

		if (at == NULL) {
			dlclose(library);
			return false;
		}
		memcpy(symbols[i].where, &at, sizeof at); /* no cast from object to function */
	}
	return true;
}
