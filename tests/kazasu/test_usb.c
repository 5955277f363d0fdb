/* SPDX-License-Identifier: Apache-2.0 */
/* Proves: `doctor` finds card readers among USB devices and tells those that pcscd cannot drive. */
#include "test.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kazasu/usb.h"

static char root[64];

static void put(const char *device, const char *attribute, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", root, device);
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
	snprintf(path, sizeof path, "%s/%s/%s", root, device, attribute);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

static void put_device(const char *device, const char *vendor, const char *product,
		       const char *name, const char *class)
{
	char interface[64];

	put(device, "idVendor", vendor);
	put(device, "idProduct", product);
	if (name != NULL)
		put(device, "product", name);
	snprintf(interface, sizeof interface, "%s:1.0", device);
	put(interface, "bInterfaceClass", class);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(root, sizeof root, "/tmp/kazasu-usb-XXXXXX");
	return mkdtemp(root) == NULL;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(root, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void a_ccid_reader_is_found_by_its_interface(void **state)
{
	struct kz_usb_reader r[4];

	(void)state;
	put_device("1-1", "054c", "0dc8", "RC-S300/S", "0b");
	put_device("1-2", "046d", "c077", "Mouse", "03");
	assert_int_equal(kz_usb_scan(root, r, 4), 1);
	assert_string_equal(r[0].name, "RC-S300/S");
	assert_true(r[0].ccid);
	assert_null(r[0].no_ccid);
	assert_string_equal(r[0].driver, "");
}

static void the_rc_s380_is_known_as_no_ccid_with_its_kernel_driver(void **state)
{
	struct kz_usb_reader r[4];
	char link[256];

	(void)state;
	put_device("3-1.2", "054c", "06c1", NULL, "ff");
	snprintf(link, sizeof link, "%s/3-1.2:1.0/driver", root);
	assert_int_equal(symlink("../../../../bus/usb/drivers/port100", link), 0);
	assert_int_equal(kz_usb_scan(root, r, 4), 1);
	assert_false(r[0].ccid);
	assert_string_equal(r[0].no_ccid, "Sony RC-S380/S");
	assert_string_equal(r[0].name, "054C:06C1");
	assert_string_equal(r[0].driver, "port100");
}

static void interfaces_of_another_device_are_not_its_own(void **state)
{
	struct kz_usb_reader r[4];

	(void)state;
	put_device("1-1", "1234", "5678", "hub", "09");
	put_device("1-1.4", "08e6", "3437", "GemPC", "0b");
	assert_int_equal(kz_usb_scan(root, r, 4), 1);
	assert_string_equal(r[0].name, "GemPC");
}

static void no_more_than_there_is_room_for(void **state)
{
	struct kz_usb_reader r[1];

	(void)state;
	put_device("1-1", "08e6", "3437", "a", "0b");
	put_device("1-2", "08e6", "3437", "b", "0b");
	assert_int_equal(kz_usb_scan(root, r, 1), 1);
	assert_int_equal(kz_usb_scan("/no/such/folder", r, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_ccid_reader_is_found_by_its_interface, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			the_rc_s380_is_known_as_no_ccid_with_its_kernel_driver, set_up, tear_down),
		cmocka_unit_test_setup_teardown(interfaces_of_another_device_are_not_its_own,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_more_than_there_is_room_for, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
