/* test_tables.c - pins: every settings table of the program is sound: defaults and limits can be
 * read, keys and kinds are unique, every row has help. Does not pin: any value.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/settings.h"
#include "sim/scenario.h"

/* Resolving an empty map asserts on a bad default; only missing keys may be reported. */
static void
check_table(const char *name, const struct gw_setting *table, size_t blob_bytes)
{
    struct gw_config_node empty = {.type = GW_CONFIG_MAP};
    struct gw_diagnostics diagnostics = {0};
    void *blob = calloc(1, blob_bytes + 1);
    struct gw_settings_target target = {table, blob, blob_bytes, NULL, name};
    size_t required = 0;

    assert_non_null(blob);
    for (const struct gw_setting *row = gw_settings_rows(table); row->name != NULL; row++) {
        required += row->preset == NULL && row->type != GW_SETTING_TEXT;
        assert_true(row->help != NULL && row->help[0] != '\0');
        assert_true(row->type != GW_SETTING_CHOICE || row->choices != NULL);
        assert_true(row->offset < blob_bytes);
        for (const struct gw_setting *other = table; other < row; other++) {
            assert_string_not_equal(other->name, row->name);
        }
    }
    gw_settings_resolve(&target, &empty, &diagnostics);
    assert_int_equal(diagnostics.errors, required);
    gw_settings_clear(table, blob);
    gw_diagnostics_clear(&diagnostics);
    free(blob);
}

static void
plain_parts(void **state)
{
    (void)state;

    check_table("scenario", gw_scenario_table, sizeof(struct gw_scenario));
    check_table("host", gw_host_table, sizeof(struct gw_host_plan));
    check_table("disk", gw_vm_disk_table, sizeof(struct gw_disk_plan));
    check_table("migration", gw_migration_settings_table, sizeof(struct gw_migration_settings));
}

static void
memory_parts(void **state)
{
    (void)state;

    check_table("memory", gw_memory_vm_table, sizeof(struct gw_memory_plan));
    check_table("link", gw_memory_link_table, sizeof(struct gw_memory_link));
    check_table("host", gw_memory_host_table, sizeof(struct gw_memory_host));
    check_table("region", gw_region_settings_table, sizeof(struct gw_region_settings));
    check_table("service", gw_guest_service_table, sizeof(struct gw_guest_service_settings));
    check_table("codec cost", gw_codec_cost_table, sizeof(struct gw_codec_cost));
    check_table("delta cost", gw_delta_cost_table, sizeof(struct gw_delta_cost));
    check_table("migration", gw_memory_settings_table, sizeof(struct gw_memory_settings));
}

static void
devices(void **state)
{
    (void)state;

    for (size_t i = 0; gw_device_kinds[i] != NULL; i++) {
        const struct gw_device_kind *kind = gw_device_kinds[i];

        check_table(kind->name, kind->settings, kind->settings_bytes);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(gw_device_kinds[j]->name, kind->name);
        }
    }
}

static void
workloads(void **state)
{
    (void)state;

    for (size_t i = 0; gw_workload_kinds[i] != NULL; i++) {
        const struct gw_workload_kind *kind = gw_workload_kinds[i];

        check_table(kind->name, kind->settings, kind->settings_bytes);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(gw_workload_kinds[j]->name, kind->name);
        }
    }
}

static void
architectures(void **state)
{
    (void)state;

    for (size_t i = 0; gw_architectures[i] != NULL; i++) {
        const struct gw_architecture *architecture = gw_architectures[i];

        check_table(architecture->name, architecture->settings, architecture->settings_bytes);
        assert_string_not_equal(architecture->name, "none");
        for (const struct gw_setting *row = gw_migration_settings_table; row->name != NULL; row++) {
            assert_string_not_equal(architecture->name, row->name);
        }
    }
}

static void
memory_architectures(void **state)
{
    (void)state;

    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        for (size_t j = 0; gw_architectures[j] != NULL; j++) {
            assert_string_not_equal(gw_memory_architectures[i]->name, gw_architectures[j]->name);
        }
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(gw_memory_architectures[i]->name,
                                    gw_memory_architectures[j]->name);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_parts),   cmocka_unit_test(memory_parts),
        cmocka_unit_test(devices),       cmocka_unit_test(workloads),
        cmocka_unit_test(architectures), cmocka_unit_test(memory_architectures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
