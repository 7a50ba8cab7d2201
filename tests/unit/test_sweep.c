/* test_sweep.c - pins how the key `sweep`, --sweep and --set become points: designs, named points,
 * conditions, extends; where errors point; the scenario of a point. Designs but grid and zip come
 * from a double here (what they are: test_design). Does not pin ranges (test_sweep_range) nor the
 * language of conditions (test_sweep_where).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "sim/sweep.h"

enum { ROWS_MAX = 8 };

/* A sampler that gives `rows` and remembers what it was asked. */
struct sampler {
    double rows[ROWS_MAX][2];
    size_t row_count;
    struct gw_sweep_sampling asked;
    size_t ways[2];
};

static bool
sample(void *self, const struct gw_sweep_sampling *sampling, double **cube, size_t *rows,
       struct gw_error *err)
{
    struct sampler *sampler = self;

    sampler->asked = *sampling;
    if (sampling->dimensions != 2) {
        return gw_fail(err, GW_EINVAL, "a double for two");
    }
    memcpy(sampler->ways, sampling->ways, sizeof sampler->ways);
    *rows = sampler->row_count;
    *cube = malloc(sizeof sampler->rows);
    assert_non_null(*cube);
    memcpy(*cube, sampler->rows, sizeof sampler->rows);
    return true;
}

static struct sampler double_of_two = {.rows = {{0.0, 0.0}, {0.5, 0.999}, {1.0, 1.0}, {0.25, 0.34}},
                                       .row_count = 4};

static struct gw_sweep_request
request_of(const char *const *settings, const char *const *sweeps)
{
    struct gw_sweep_request request = {settings, 0, sweeps, 0, {sample, &double_of_two}};

    while (settings != NULL && settings[request.setting_count] != NULL) {
        request.setting_count++;
    }
    while (sweeps != NULL && sweeps[request.sweep_count] != NULL) {
        request.sweep_count++;
    }
    return request;
}

/* "a=1 b=2, a=1 b=3": the overrides of all points. */
static char *
spell(const struct gw_sweep *sweep)
{
    struct gw_text text = {0};

    for (size_t i = 0; i < sweep->count; i++) {
        const struct gw_variation *variation = &sweep->points[i].variation;

        gw_text_add(&text, i == 0 ? "" : ", ");
        if (sweep->points[i].name != NULL) {
            gw_text_format(&text, "(%s) ", sweep->points[i].name);
        }
        for (size_t k = 0; k < variation->count; k++) {
            gw_text_format(&text, "%s%s", k == 0 ? "" : " ", variation->overrides[k]);
        }
    }
    return gw_text_take(&text);
}

static void
show(const struct gw_diagnostics *diagnostics, const char *yaml)
{
    struct gw_text text = {0};

    gw_diagnostics_write(diagnostics, false, &text);
    print_error("%s\n%s\n", yaml, text.bytes == NULL ? "" : text.bytes);
    gw_text_clear(&text);
}

static void
expect(const char *yaml, const char *const *settings, const char *const *sweeps, const char *points)
{
    struct gw_sweep_request request = request_of(settings, sweeps);
    struct gw_diagnostics diagnostics = {0};
    struct gw_sweep sweep;
    char *spelled;

    if (!gw_sweep_plan_text(&sweep, "s.yaml", yaml, strlen(yaml), &request, &diagnostics)) {
        show(&diagnostics, yaml);
        fail();
    }
    spelled = spell(&sweep);
    assert_string_equal(spelled, points);
    free(spelled);
    gw_sweep_clear(&sweep);
    gw_diagnostics_clear(&diagnostics);
}

static void
plans_grids(void **state)
{
    (void)state;
    expect("sweep: {over: {a.x: [1, 2], b: 3..5 x3}}\n", NULL, NULL,
           "a.x=1 b=3, a.x=1 b=4, a.x=1 b=5, a.x=2 b=3, a.x=2 b=4, a.x=2 b=5");
    expect("sweep: {over: {a: {from: 1, to: 4, steps: 3, scale: log}, b: only}}\n", NULL, NULL,
           "a=1 b=only, a=2 b=only, a=4 b=only");
    expect("sweep: {over: {a: {from: 1, to: 5, by: 2}}}\n", NULL, NULL, "a=1, a=3, a=5");
    expect("sweep: {over: {a: [\"1..4\", 'x,y', [1, z], {k: 2}]}}\n", NULL, NULL,
           "a=\"1..4\", a=\"x,y\", a=[\"1\", \"z\"], a={\"k\": \"2\"}");
    expect("sweep:\n  over:\n    a:\n    - - k: p, q\n", NULL, NULL, "a=[{\"k\": \"p, q\"}]");
    expect("seed: 1\n", NULL, NULL, "");
    expect("sweep: {}\n", NULL, NULL, "");
}

static void
zips_and_factors(void **state)
{
    (void)state;
    expect("sweep: {design: zip, over: {a: [1, 2], b: 7, c: [x, y]}}\n", NULL, NULL,
           "a=1 b=7 c=x, a=2 b=7 c=y");
    expect("sweep: {design: factorial, over: {a: [on, off], b: 1..9, c: z}}\n", NULL, NULL,
           "a=on b=1 c=z, a=off b=9 c=z, a=off b=9 c=z, a=on b=4 c=z");
}

static void
samples_through_the_port(void **state)
{
    static const char yaml[] = "sweep:\n"
                               "  design: lhs\n"
                               "  points: 4\n"
                               "  seed: 9\n"
                               "  over: {a: 10..30, fixed: 1, b: [p, q, r]}\n"
                               "  replications: 5\n";
    struct gw_sweep_request request = request_of(NULL, NULL);
    struct gw_diagnostics diagnostics = {0};
    struct gw_sweep sweep;
    char *spelled;
    (void)state;

    assert_true(gw_sweep_plan_text(&sweep, "s.yaml", yaml, strlen(yaml), &request, &diagnostics));
    assert_string_equal(double_of_two.asked.design, "lhs");
    assert_int_equal(double_of_two.asked.points, 4);
    assert_int_equal(double_of_two.asked.seed, 9);
    assert_int_equal(double_of_two.asked.levels, 4);
    assert_int_equal(double_of_two.ways[0], 0);
    assert_int_equal(double_of_two.ways[1], 3);
    assert_int_equal(sweep.rows, 4);
    assert_int_equal(sweep.dimensions, 2);
    assert_string_equal(sweep.parameters[1], "b");
    assert_string_equal(sweep.design, "lhs");
    assert_int_equal(sweep.replications, 5);
    spelled = spell(&sweep);
    assert_string_equal(spelled, "a=10 fixed=1 b=p, a=20 fixed=1 b=r, a=30 fixed=1 b=r, "
                                 "a=15 fixed=1 b=q");
    free(spelled);
    gw_sweep_clear(&sweep);
}

static void
crosses_named_points(void **state)
{
    (void)state;
    expect("sweep:\n"
           "  points: {small: {m.size: 1GiB, m: {n: 2, o: {p: q}}}, none: {}}\n"
           "  over: {a: [1, 2]}\n",
           NULL, NULL,
           "(small) m.size=1GiB m.n=2 m.o.p=q a=1, (small) m.size=1GiB m.n=2 m.o.p=q a=2, "
           "(none) a=1, (none) a=2");
    expect("sweep: {points: {s: {m: 1}, l: {m: 8}}, over: {a: [1, 2]}, where: point == s or a > 1}",
           NULL, NULL, "(s) m=1 a=1, (s) m=1 a=2, (l) m=8 a=2");
}

static void
takes_arguments(void **state)
{
    static const char yaml[] = "sweep: {over: {a: [1, 2], b: [x, y]}}\n";
    static const char *const set_one[] = {"a=7", NULL};
    static const char *const set_text[] = {"a=1..4 x2", "c=\"x,y\",z", NULL};
    static const char *const set_zip[] = {"sweep.design=zip", NULL};
    static const char *const set_where[] = {"sweep.where=a < 2 and b == y", NULL};
    static const char *const set_over[] = {"sweep={over: {c: [1, 2]}}", NULL};
    static const char *const sweep_range[] = {"b=1..100 x3 log", NULL};
    static const char *const sweep_list[] = {"c.d=3,[4, 5]", "b=y", NULL};
    (void)state;

    expect(yaml, set_one, NULL, "a=7 b=x, a=7 b=y");
    expect(
        yaml, set_text, NULL,
        "a=1..4 x2 b=x c=\"x,y\", a=1..4 x2 b=x c=z, a=1..4 x2 b=y c=\"x,y\", a=1..4 x2 b=y c=z");
    expect(yaml, set_zip, NULL, "a=1 b=x, a=2 b=y");
    expect(yaml, set_where, NULL, "a=1 b=y");
    expect(yaml, set_over, NULL, "c=1, c=2");
    expect(yaml, set_one, sweep_range, "a=7 b=1, a=7 b=10, a=7 b=100");
    expect(yaml, NULL, sweep_list,
           "a=1 b=y c.d=3, a=1 b=y c.d=[4, 5], a=2 b=y c.d=3, a=2 b=y c.d=[4, 5]");
    expect("seed: 3\n", NULL, sweep_range, "b=1, b=10, b=100");
}

static void
leaves_out_by_condition(void **state)
{
    static const char yaml[] = "disk: {size: 8KiB, list: [{k: 4}]}\n"
                               "sweep:\n"
                               "  over: {a: [1, 2, 3, 4]}\n"
                               "  where: [a * 2KiB <= disk.size, a != disk.list.0.k, a > 1]\n";
    struct gw_sweep_request request = request_of(NULL, NULL);
    struct gw_diagnostics diagnostics = {0};
    struct gw_sweep sweep;
    (void)state;

    assert_true(gw_sweep_plan_text(&sweep, "s.yaml", yaml, strlen(yaml), &request, &diagnostics));
    assert_int_equal(sweep.count, 2);
    assert_int_equal(sweep.left_out, 2);
    assert_int_equal(sweep.points[0].row, 1);
    assert_string_equal(sweep.points[1].variation.values[0], "3");
    gw_sweep_clear(&sweep);
    expect("sweep:\n  over: {a: [1, 2, 3]}\n  where: >\n    a < 3\n    and a > 1\n", NULL, NULL,
           "a=2");
}

/* ---- errors ------------------------------------------------------------------------------------- */

static void
expect_error(const char *yaml, const char *const *settings, const char *const *sweeps,
             const char *where, const char *told)
{
    struct gw_sweep_request request = request_of(settings, sweeps);
    struct gw_diagnostics diagnostics = {0};
    struct gw_sweep sweep;
    bool found = false;

    assert_false(gw_sweep_plan_text(&sweep, "s.yaml", yaml, strlen(yaml), &request, &diagnostics));
    assert_null(sweep.points);
    for (size_t i = 0; i < diagnostics.count; i++) {
        found = found || (strcmp(diagnostics.items[i].where, where) == 0 &&
                          strstr(diagnostics.items[i].message, told) != NULL);
    }
    if (!found || diagnostics.code != GW_EINVAL) {
        show(&diagnostics, yaml);
        fail_msg("wanted %s: %s", where, told);
    }
    gw_diagnostics_clear(&diagnostics);
}

static void
errors_have_a_place(void **state)
{
    static const char *const cases[][3] = {
        {"sweep: 1\n", "s.yaml:1:8", "must be a map"},
        {"[1]\n", "s.yaml:1:1", "a scenario must be a map"},
        {"sweep: {ower: {}}\n", "s.yaml:1:9", "did you mean 'over'"},
        {"sweep: {design: lsh}\n", "s.yaml:1:17", "did you mean 'lhs'"},
        {"sweep: {over: [1]}\n", "s.yaml:1:15", "must be a map of parameters"},
        {"sweep: {over: {a: []}}\n", "s.yaml:1:19", "an empty list"},
        {"sweep: {over: {a: }}\n", "s.yaml:1:19", "an empty value"},
        {"sweep: {over: {a=b: 1}}\n", "s.yaml:1:16", "a key of a scenario"},
        {"sweep:\n  over:\n    a: 1..4 x9 log\n", "s.yaml:3:8", "two of the 9 steps"},
        {"sweep: {over: {a: {from: 1}}}\n", "s.yaml:1:19", "needs 'from' and 'to'"},
        {"sweep: {over: {a: {from: 1, to: 4, step: 2}}}\n", "s.yaml:1:36", "did you mean 'steps'"},
        {"sweep: {over: {a: {from: 1, to: 4KiB}}}\n", "s.yaml:1:19", "is no range"},
        {"sweep: {over: {a: 1..4}}\n", "s.yaml:1:16", "has no steps"},
        {"sweep: {design: zip, over: {a: [1, 2], b: [1, 2, 3]}}\n", "s.yaml:1:40",
         "'b' has 3 values, 'a' has 2"},
        {"sweep: {design: factorial, over: {a: [1, 2, 3]}}\n", "s.yaml:1:35",
         "factorial takes two"},
        {"sweep: {design: lhs, over: {a: [1, 2]}}\n", "s.yaml:1:17", "how many points"},
        {"sweep: {design: lhs, points: 0, over: {a: [1, 2]}}\n", "s.yaml:1:30", "1 to 100000"},
        {"sweep: {design: lhs, points: many, over: {a: 1}}\n", "s.yaml:1:30", "'many' is not a"},
        {"sweep: {design: lhs, points: 4, over: {a: 1}}\n", "s.yaml:1:17", "no parameter has two"},
        {"sweep: {design: lhs, points: 4, over: {a: 1..2}}\n", "s.yaml:1:17", "a double for two"},
        {"sweep: {points: 4, over: {a: [1, 2]}}\n", "s.yaml:1:17", "takes no number of points"},
        {"sweep: {points: [a]}\n", "s.yaml:1:17", "a number, or a map"},
        {"sweep: {points: {}}\n", "s.yaml:1:17", "no points"},
        {"sweep: {points: {a: 4}}\n", "s.yaml:1:21", "a point is a map"},
        {"sweep: {points: {p: {a: 4}}, over: {a: 1}}\n", "s.yaml:1:37", "a named point sets"},
        {"sweep: {points: {p: {a: 4}}, over: {point: 1}}\n", "s.yaml:1:37", "set twice"},
        {"sweep: {where: {a: 1}}\n", "s.yaml:1:16", "'where' is a condition"},
        {"sweep: {where: a < }\n", "s.yaml:1:19", "ends here"},
        {"sweep: {over: {a: [1, 2]}, where: 'a == 1 or a < 2KiB'}\n", "s.yaml:1:48",
         "the left side is a plain number"},
        {"sweep: {over: {a.oio: [1, 2]}, where: a.oii < 2}\n", "s.yaml:1:39", "mean 'a.oio'"},
        {"sweep: {over: {a: [1, 2]}, where: a > 2}\n", "s.yaml:1:28", "leaves no point"},
        {"sweep: {design: morris, points: 4, over: {a: 1..2}, where: a > 2}\n", "s.yaml:1:53",
         "needs all of its points"},
        {"sweep: {over: {a: 1..1000 x1000, b: 1..1000 x1000, c: [1, 2]}}\n", "s.yaml:1:52",
         "more than 1000000"},
        {"sweep: {over: {a: 1..1000 x1000, b: 1..1000 x1000}}\n", "s.yaml:1:1",
         "more than 100000 points"},
        {"include: no/such.yaml\nsweep: {over: {a: 1}}\n", "s.yaml:1:10", "include 'no/such.yaml'"},
        {"sweep: {extends: no/such.yaml}\n", "s.yaml:1:18", "extends 'no/such.yaml': cannot be"},
        {"sweep: {extends: {a: b}}\n", "s.yaml:1:18", "the name of a file"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_error(cases[i][0], NULL, NULL, cases[i][1], cases[i][2]);
    }
}

static void
errors_of_arguments_name_them(void **state)
{
    static const char *const bad_set[] = {"a", NULL};
    static const char *const twice[] = {"a=1", NULL};
    static const char *const bad_range[] = {"a=1..64 x7 logg", NULL};
    static const char *const empty[] = {"a=1,,2", NULL};
    static const char *const order[] = {"sweep.design=lsh", NULL};
    (void)state;

    expect_error("seed: 1\n", bad_set, NULL, "--set a", "expected KEY=VALUE");
    expect_error("seed: 1\n", NULL, bad_set, "--sweep a", "expected KEY=VALUE");
    expect_error("seed: 1\n", twice, twice, "--sweep a=1", "set twice");
    expect_error("seed: 1\n", NULL, bad_range, "--sweep a=1..64 x7 logg", "'logg' in a range");
    expect_error("seed: 1\n", NULL, empty, "--sweep a=1,,2", "an empty value");
    expect_error("seed: 1\n", order, NULL, "--set sweep.design=lsh", "did you mean 'lhs'");
}

/* ---- files and scenarios ------------------------------------------------------------------------ */

static void
write_file(const char *directory, const char *name, const char *text)
{
    char path[300];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool
plan_file(struct gw_sweep *sweep, const char *directory, const char *name,
          struct gw_diagnostics *diagnostics)
{
    struct gw_sweep_request request = request_of(NULL, NULL);
    char path[300];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return gw_sweep_plan(sweep, path, &request, diagnostics);
}

static void
extends_files(void **state)
{
    static const char *const names[] = {"a.yaml", "b.yaml", "c.yaml", "d.yaml"};
    char directory[] = "/tmp/gw-sweep-XXXXXX";
    struct gw_diagnostics diagnostics = {0};
    struct gw_sweep sweep;
    char *spelled;
    (void)state;

    assert_non_null(mkdtemp(directory));
    write_file(directory, "a.yaml", "sweep: {extends: b.yaml, over: {x: [7]}}\n");
    write_file(directory, "b.yaml",
               "seed: 9\nsweep: {extends: [c.yaml], over: {y: [1, 2]}, design: zip}\n");
    write_file(directory, "c.yaml", "sweep: {over: {x: [1, 2, 3], z: [3, 4]}, design: grid}\n");
    write_file(directory, "d.yaml", "sweep: {extends: d.yaml}\n");
    assert_true(plan_file(&sweep, directory, "a.yaml", &diagnostics));
    spelled = spell(&sweep);
    assert_string_equal(spelled, "x=7 y=1 z=3, x=7 y=2 z=4");
    free(spelled);
    gw_sweep_clear(&sweep);
    assert_false(plan_file(&sweep, directory, "d.yaml", &diagnostics));
    assert_non_null(strstr(diagnostics.items[0].message, "does a file extend itself"));
    gw_diagnostics_clear(&diagnostics);
    assert_false(plan_file(&sweep, directory, "e.yaml", &diagnostics));
    assert_int_equal(diagnostics.code, GW_ENOENT);
    gw_diagnostics_clear(&diagnostics);
    for (size_t i = 0; i < 4; i++) {
        char path[300];

        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

static const char whole[] = "devices: {source: {kind: ssd}, target: {kind: ssd}}\n"
                            "vm: {disks: [{size: 1GiB}]}\n"
                            "workload: {kind: closed}\n"
                            "migration: {architecture: dbt}\n"
                            "sweep:\n"
                            "  points: {big: {vm: {name: huge}}}\n"
                            "  over:\n"
                            "    migration.architecture: [mirror, snapshot]\n"
                            "    workload.oio: [4, 8q]\n";

static void
makes_scenarios(void **state)
{
    struct gw_sweep_request request = request_of(NULL, NULL);
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *scenario;
    struct gw_sweep sweep;
    (void)state;

    assert_true(gw_sweep_plan_text(&sweep, "s.yaml", whole, strlen(whole), &request, &diagnostics));
    assert_int_equal(sweep.count, 4);
    scenario = gw_sweep_scenario(&sweep, 2, &diagnostics);
    assert_non_null(scenario);
    assert_string_equal(scenario->guests[0].architecture->name, "snapshot");
    assert_string_equal(scenario->guests[0].name, "huge");
    gw_scenario_destroy(scenario);
    assert_null(gw_sweep_scenario(&sweep, 1, &diagnostics));
    assert_string_equal(diagnostics.items[0].where, "--set workload.oio=8q");
    assert_true(diagnostics.items[1].is_note);
    assert_string_equal(diagnostics.items[1].where, "s.yaml:9:5");
    assert_int_equal(diagnostics.count, 2);
    gw_diagnostics_clear(&diagnostics);
    gw_sweep_clear(&sweep);
}

/* Bytes of a good sweep are changed, dropped or doubled. */
static void
survives_any_change(void **state)
{
    static const char good[] = "sweep:\n"
                               "  design: grid\n"
                               "  points: {s: {m: 1}, l: {m: {n: [1, 2]}}}\n"
                               "  over: {a: 1..64 x7 log, b: {from: 1s, to: 2s, steps: 2}}\n"
                               "  where: [a * 2 < 64 and not b == 1s, point != x]\n";
    static const char telling[] = ":{}[],.<=x 0'\"\n";
    struct gw_stream stream;
    size_t taken = 0;
    (void)state;

    gw_stream_open(&stream, 1, 0, "change", 0);
    for (size_t i = 0; i < 20000; i++) {
        struct gw_sweep_request request = request_of(NULL, NULL);
        struct gw_diagnostics diagnostics = {0};
        struct gw_sweep sweep;
        char text[sizeof good];
        size_t length = sizeof good - 1;

        memcpy(text, good, sizeof good);
        for (size_t k = gw_stream_below(&stream, 4); k > 0; k--) {
            size_t at = (size_t)gw_stream_below(&stream, length);

            if (gw_stream_below(&stream, 3) == 0) {
                memmove(text + at, text + at + 1, length - at);
                length--;
            } else {
                text[at] = telling[gw_stream_below(&stream, sizeof telling - 1)];
            }
        }
        taken += gw_sweep_plan_text(&sweep, "s.yaml", text, length, &request, &diagnostics);
        gw_sweep_clear(&sweep);
        gw_diagnostics_clear(&diagnostics);
    }
    assert_true(taken > 2000 && taken < 18000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_grids),
        cmocka_unit_test(zips_and_factors),
        cmocka_unit_test(samples_through_the_port),
        cmocka_unit_test(crosses_named_points),
        cmocka_unit_test(takes_arguments),
        cmocka_unit_test(leaves_out_by_condition),
        cmocka_unit_test(errors_have_a_place),
        cmocka_unit_test(errors_of_arguments_name_them),
        cmocka_unit_test(extends_files),
        cmocka_unit_test(makes_scenarios),
        cmocka_unit_test(survives_any_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
