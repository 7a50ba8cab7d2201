/* test_golden.c - pins: the convergence curve of every architecture in small.yaml, byte by byte.
 *
 * The curves are our own output: they prove that nothing has changed, not that it is right; the
 * closed forms of tests/oracle do that. With GW_GOLDEN_UPDATE=1 the files are written instead of
 * compared; review the difference like code. Does not pin: rates, latencies, other scenarios.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/golden_rig.h"
#include "tests/support/scenario_rig.h"

/* Columns of the progress series. */
enum { REMAINING, COPIED, MIRRORED, ITERATION = 5 };

static char scenario_text[GOLDEN_BYTES];

static void
write_curve(const struct gw_result *result, char *out)
{
    const struct gw_series *series = &result->series[GW_SERIES_PROGRESS];
    size_t length = 0;

    length += (size_t)snprintf(out, GOLDEN_BYTES,
                               "t_ns,iteration,remaining_bytes,copied_bytes,mirrored_bytes\n");
    for (size_t i = 0; i < series->rows; i++) {
        const double *row = &series->values[i * series->columns];

        length += (size_t)snprintf(out + length, GOLDEN_BYTES - length,
                                   "%lld,%lld,%lld,%lld,%lld\n", (long long)series->t_ns[i],
                                   (long long)row[ITERATION], (long long)row[REMAINING],
                                   (long long)row[COPIED], (long long)row[MIRRORED]);
        assert_true(length < GOLDEN_BYTES);
    }
}

static void
curve_is_as_stored(void **state)
{
    static char curve[GOLDEN_BYTES];
    const struct gw_architecture *architecture = *state;
    struct scenario_rig rig;
    char chosen[80], name[80];
    const char *overrides[] = {chosen, NULL};

    snprintf(chosen, sizeof chosen, "migration.architecture=%s", architecture->name);
    snprintf(name, sizeof name, "small.%s.csv", architecture->name);
    write_curve(scenario_rig_run(&rig, scenario_text, overrides, 0), curve);
    assert_true(gw_world_result(rig.world, 0)->verified);
    scenario_rig_end(&rig);
    golden_compare(name, curve);
}

int
main(void)
{
    struct CMUnitTest tests[64];
    size_t count = 0;

    if (!golden_read("small.yaml", scenario_text)) {
        fprintf(stderr, "no tests/golden/small.yaml below $GW_SOURCE_DIR\n");
        return 1;
    }
    for (; gw_architectures[count] != NULL; count++) {
        gw_assert(count < sizeof tests / sizeof tests[0]);
        tests[count] = (struct CMUnitTest){
            .name = gw_architectures[count]->name,
            .test_func = curve_is_as_stored,
            .initial_state = (void *)(uintptr_t)gw_architectures[count],
        };
    }
    return _cmocka_run_group_tests("golden", tests, count, NULL, NULL);
}
