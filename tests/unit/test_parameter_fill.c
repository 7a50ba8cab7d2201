/* test_parameter_fill.c - pins: a run that left a setting at its default gets it from its resolved
 * scenario where another run of the scenario varied it, in that run's writing or as users write it;
 * what it has is kept, what its scenario does not have is not added, other scenarios are let alone.
 * Does not pin what reports and figures make of it (tests/cli/report.sh).
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

#include "results/parameter_fill.h"

enum { RUNS = 4 };

static char *
copy(const char *text)
{
    char *bytes = strdup(text);

    assert_non_null(bytes);
    return bytes;
}

/* Names and values, NULL-terminated; the lists of a result are allocated. */
static void
make(struct gw_result *run, const char *scenario, const char *canonical, const char *const *words)
{
    gw_result_init(run);
    run->scenario = copy(scenario);
    run->vm = copy("vm");
    run->canonical = copy(canonical);
    while (words[2 * run->parameter_count] != NULL) {
        run->parameter_count++;
    }
    run->parameter_names = calloc(run->parameter_count + 1, sizeof(char *));
    run->parameter_values = calloc(run->parameter_count + 1, sizeof(char *));
    assert_true(run->parameter_names != NULL && run->parameter_values != NULL);
    for (size_t i = 0; i < run->parameter_count; i++) {
        run->parameter_names[i] = copy(words[2 * i]);
        run->parameter_values[i] = copy(words[2 * i + 1]);
    }
}

static void
check(const struct gw_result *run, size_t index, const char *name, const char *value)
{
    assert_true(index < run->parameter_count);
    assert_string_equal(run->parameter_names[index], name);
    assert_string_equal(run->parameter_values[index], value);
}

static void
test_defaults_are_said(void **state)
{
    struct gw_result runs[RUNS];
    struct gw_result_list list = {.results = runs, .count = RUNS};

    (void)state;
    make(&runs[0], "s", "{\"m\":{\"goal\":\"5000000000ns\",\"rounds\":3},\"w\":{\"oio\":8}}",
         (const char *const[]){"w.oio", "8", NULL});
    make(&runs[1], "s", "{\"m\":{\"goal\":\"5000000000ns\",\"rounds\":3},\"w\":{\"oio\":16}}",
         (const char *const[]){"m.goal", "5000ms", "w.oio", "16", "point", "a", NULL});
    make(&runs[2], "s", "{\"m\":{\"goal\":\"7000000000ns\",\"rounds\":4},\"w\":{\"oio\":8}}",
         (const char *const[]){"m.rounds", "4", NULL});
    make(&runs[3], "other", "{\"m\":{\"goal\":\"5000000000ns\"}}", (const char *const[]){NULL});
    assert_true(gw_parameters_fill(&list, NULL));
    assert_int_equal(runs[0].parameter_count, 3);
    check(&runs[0], 0, "w.oio", "8");
    check(&runs[0], 1, "m.goal", "5000ms"); /* as its sibling writes it */
    check(&runs[0], 2, "m.rounds", "3");
    assert_int_equal(runs[1].parameter_count, 4);
    check(&runs[1], 2, "point", "a");
    check(&runs[1], 3, "m.rounds", "3");
    assert_int_equal(runs[2].parameter_count, 3);
    check(&runs[2], 1, "w.oio", "8");
    check(&runs[2], 2, "m.goal", "7s"); /* nobody else has this value */
    assert_int_equal(runs[3].parameter_count, 0);
    for (size_t i = 0; i < RUNS; i++) {
        gw_result_clear(&runs[i]);
    }
}

static void
test_full_runs_and_none_stay_as_they_are(void **state)
{
    struct gw_result run;
    struct gw_result_list list = {.results = &run, .count = 1};
    struct gw_result_list none = {0};

    (void)state;
    make(&run, "s", "no scenario at all", (const char *const[]){"w.oio", "8", NULL});
    assert_true(gw_parameters_fill(&list, NULL));
    assert_true(gw_parameters_fill(&none, NULL));
    assert_int_equal(run.parameter_count, 1);
    check(&run, 0, "w.oio", "8");
    gw_result_clear(&run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_said),
        cmocka_unit_test(test_full_runs_and_none_stay_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
