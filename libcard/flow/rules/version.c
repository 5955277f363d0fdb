/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/version.h>

const char *flow_version(void)
{
	return KAZASU_VERSION;
}
