/* test_pairs.c - pins who is paired with whom, within a study and between two sets, the texts of
 * the cells, the order, runs without a partner, and refusals. The statistics of the pairs are for
 * test_contrast.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "results/pairs.h"

enum { PARAMETERS = 2 };

/* A run made of literals; unlike real ones it owns nothing. */
struct run {
    struct gw_result result;
    char scenario[16], vm[16];
    char *names[PARAMETERS], *values[PARAMETERS];
    char texts[2 * PARAMETERS][32];
};

struct told {
    const char *architecture, *oio, *rate;
    int64_t replication;
    uint64_t seed;
};

static void
add_parameter(struct run *run, const char *name, const char *value)
{
    size_t i = run->result.parameter_count++;

    snprintf(run->texts[2 * i], sizeof run->texts[0], "%s", name);
    snprintf(run->texts[2 * i + 1], sizeof run->texts[0], "%s", value);
    run->names[i] = run->texts[2 * i];
    run->values[i] = run->texts[2 * i + 1];
}

static void
fill(struct run *runs, const struct gw_result **pointers, const struct told *told, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct run *run = &runs[i];

        *run = (struct run){.scenario = "oltp", .vm = "vm"};
        run->result.scenario = run->scenario;
        run->result.vm = run->vm;
        run->result.architecture = told[i].architecture;
        run->result.replication = told[i].replication;
        run->result.seed = told[i].seed;
        run->result.metric[GW_METRIC_DOWNTIME_S] = (double)i;
        run->result.parameter_names = run->names;
        run->result.parameter_values = run->values;
        if (told[i].oio != NULL) {
            add_parameter(run, "workload.oio", told[i].oio);
        }
        if (told[i].rate != NULL) {
            add_parameter(run, "link.rate", told[i].rate);
        }
        pointers[i] = &run->result;
    }
}

static void
assert_pairs(const struct gw_pair_group *group, const size_t (*wanted)[2], size_t count)
{
    double a[8];
    double b[8];

    assert_int_equal(group->count, count);
    gw_pair_group_metric(group, GW_METRIC_DOWNTIME_S, a, b);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal((size_t)a[i], wanted[i][0]);
        assert_int_equal((size_t)b[i], wanted[i][1]);
    }
}

/* Two architectures, two loads, replications out of order, one run without a partner. */
static const struct told study[] = {
    {"mirror", "8", "1Gbps", 1, 7}, {"mirror", "8", "1Gbps", 0, 7}, {"dbt", "8", "1Gbps", 0, 7},
    {"dbt", "8", "1Gbps", 1, 7},    {"dbt", "4", "1Gbps", 0, 7},    {"mirror", "4", "1Gbps", 0, 7},
    {"dbt", "8", "1Gbps", 2, 7},
};

enum { STUDY = sizeof study / sizeof study[0] };

static void
test_by_architecture(void **state)
{
    struct run runs[STUDY];
    const struct gw_result *results[STUDY];
    struct gw_pair_groups groups;

    (void)state;
    fill(runs, results, study, STUDY);
    assert_true(gw_pairs_within(results, STUDY, "architecture", NULL, &groups, NULL));
    assert_int_equal(groups.count, 2);
    assert_string_equal(groups.items[0].cell, "oltp, oio=8");
    assert_string_equal(groups.items[0].a_name, "mirror");
    assert_string_equal(groups.items[0].b_name, "dbt");
    assert_pairs(&groups.items[0], (const size_t[][2]){{1, 2}, {0, 3}}, 2);
    assert_int_equal(groups.items[0].a_alone, 0);
    assert_int_equal(groups.items[0].b_alone, 1);
    assert_true(gw_pair_group_same_seed(&groups.items[0]));
    assert_string_equal(groups.items[1].cell, "oltp, oio=4");
    assert_pairs(&groups.items[1], (const size_t[][2]){{5, 4}}, 1);
    gw_pair_groups_clear(&groups);
    assert_int_equal(groups.count, 0);

    assert_true(gw_pairs_within(results, STUDY, "architecture", "dbt", &groups, NULL));
    assert_string_equal(groups.items[0].a_name, "dbt");
    assert_pairs(&groups.items[0], (const size_t[][2]){{2, 1}, {3, 0}}, 2);
    assert_int_equal(groups.items[0].a_alone, 1);
    gw_pair_groups_clear(&groups);
}

static void
test_by_parameter(void **state)
{
    static const char *const asked[] = {"workload.oio", "oio"};
    struct run runs[STUDY];
    const struct gw_result *results[STUDY];
    struct gw_pair_groups groups;

    (void)state;
    fill(runs, results, study, STUDY);
    for (size_t i = 0; i < 2; i++) {
        assert_true(gw_pairs_within(results, STUDY, asked[i], "4", &groups, NULL));
        assert_int_equal(groups.count, 2);
        assert_string_equal(groups.items[0].cell, "oltp, mirror");
        assert_string_equal(groups.items[0].b_name, "8");
        assert_pairs(&groups.items[0], (const size_t[][2]){{5, 1}}, 1);
        assert_string_equal(groups.items[1].cell, "oltp, dbt");
        assert_pairs(&groups.items[1], (const size_t[][2]){{4, 2}}, 1);
        assert_int_equal(groups.items[1].b_alone, 2);
        gw_pair_groups_clear(&groups);
    }
}

/* The first of one side and the first of the other are not one replication. */
static void
test_replications(void **state)
{
    static const struct told told[] = {
        {"dbt", NULL, NULL, 0, 7},
        {"dbt", NULL, NULL, 2, 7},
        {"mirror", NULL, NULL, 1, 7},
        {"mirror", NULL, NULL, 2, 7},
    };
    struct run runs[4];
    const struct gw_result *results[4];
    struct gw_pair_groups groups;

    (void)state;
    fill(runs, results, told, 4);
    assert_true(gw_pairs_within(results, 4, "architecture", NULL, &groups, NULL));
    assert_string_equal(groups.items[0].cell, "oltp");
    assert_pairs(&groups.items[0], (const size_t[][2]){{1, 3}}, 1);
    assert_int_equal(groups.items[0].a_alone + groups.items[0].b_alone, 2);
    gw_pair_groups_clear(&groups);
}

/* Three values; a cell that the base does not have; a run that met another guest. */
static void
test_three_sides(void **state)
{
    static const struct told told[] = {
        {"dbt", "4", NULL, 0, 7},
        {"mirror", "4", NULL, 0, 7},
        {"heat", "4", NULL, 0, 8},
        {"mirror", "9", NULL, 0, 7},
    };
    struct run runs[4];
    const struct gw_result *results[4];
    struct gw_pair_groups groups;

    (void)state;
    fill(runs, results, told, 4);
    assert_true(gw_pairs_within(results, 4, "migration.architecture", NULL, &groups, NULL));
    assert_int_equal(groups.count, 3);
    assert_string_equal(groups.items[0].b_name, "mirror");
    assert_pairs(&groups.items[0], (const size_t[][2]){{0, 1}}, 1);
    assert_string_equal(groups.items[1].b_name, "heat");
    assert_int_equal(groups.items[1].count, 0);
    assert_int_equal(groups.items[1].a_alone + groups.items[1].b_alone, 2);
    assert_string_equal(groups.items[2].cell, "oltp, oio=9");
    assert_int_equal(groups.items[2].b_alone, 1);
    gw_pair_groups_clear(&groups);
}

/* The same cell in two sets, once with other seeds; equal seeds find each other first. */
static void
test_between(void **state)
{
    static const struct told told[] = {
        {"dbt", "4", NULL, 0, 7}, {"dbt", "4", NULL, 0, 8}, {"dbt", "9", NULL, 1, 7},
        {"dbt", "4", NULL, 0, 8}, {"dbt", "9", NULL, 1, 9}, {"dbt", "2", NULL, 0, 7},
    };
    struct run runs[6];
    const struct gw_result *results[6];
    struct gw_pair_groups groups;

    (void)state;
    fill(runs, results, told, 6);
    assert_true(gw_pairs_between(&(struct gw_pair_side){"old", results, 3},
                                 &(struct gw_pair_side){"new", results + 3, 3}, &groups, NULL));
    assert_int_equal(groups.count, 3);
    assert_string_equal(groups.items[0].cell, "oltp, dbt, oio=4");
    assert_string_equal(groups.items[0].a_name, "old");
    assert_pairs(&groups.items[0], (const size_t[][2]){{1, 3}}, 1);
    assert_int_equal(groups.items[0].a_alone, 1);
    assert_true(gw_pair_group_same_seed(&groups.items[0]));
    assert_pairs(&groups.items[1], (const size_t[][2]){{2, 4}}, 1);
    assert_false(gw_pair_group_same_seed(&groups.items[1]));
    assert_int_equal(groups.items[2].count, 0);
    assert_int_equal(groups.items[2].b_alone, 1);
    gw_pair_groups_clear(&groups);

    assert_true(gw_pairs_between(&(struct gw_pair_side){"old", NULL, 0},
                                 &(struct gw_pair_side){"new", NULL, 0}, &groups, NULL));
    assert_int_equal(groups.count, 0);
    gw_pair_groups_clear(&groups);
}

/* Names that would be the same are whole; guests are named where there are several. */
static void
test_labels(void **state)
{
    static const struct told told[] = {{"dbt", "4", "4", 0, 7}, {"dbt", "9", "9", 0, 7}};
    struct run runs[2];
    const struct gw_result *results[2];
    struct gw_pair_groups groups;

    (void)state;
    fill(runs, results, told, 2);
    snprintf(runs[0].texts[2], sizeof runs[0].texts[2], "link.oio");
    snprintf(runs[1].texts[2], sizeof runs[1].texts[2], "link.oio");
    runs[1].vm[0] = 'w';
    assert_true(gw_pairs_between(&(struct gw_pair_side){"old", results, 1},
                                 &(struct gw_pair_side){"new", results + 1, 1}, &groups, NULL));
    assert_string_equal(groups.items[0].cell, "oltp, vm, dbt, workload.oio=4, link.oio=4");
    assert_string_equal(groups.items[1].cell, "oltp, wm, dbt, workload.oio=9, link.oio=9");
    gw_pair_groups_clear(&groups);
    assert_false(gw_pairs_within(results, 2, "oio", NULL, &groups, NULL));
}

static void
test_refusals(void **state)
{
    struct run runs[STUDY];
    const struct gw_result *results[STUDY];
    struct gw_pair_groups groups;
    struct gw_error err = {0};

    (void)state;
    fill(runs, results, study, STUDY);
    assert_false(gw_pairs_within(results, STUDY, "architecture", "heat", &groups, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_non_null(strstr(err.message, "they have mirror, dbt"));
    assert_false(gw_pairs_within(results, STUDY, "rate", NULL, &groups, &err));
    assert_non_null(strstr(err.message, "1Gbps in all runs"));
    assert_non_null(strstr(err.message, "architecture, workload.oio"));
    assert_false(gw_pairs_within(results, STUDY, "speed", NULL, &groups, &err));
    assert_non_null(strstr(err.message, "'speed'"));
    assert_false(gw_pairs_within(results, 0, "architecture", NULL, &groups, &err));
    assert_int_equal(groups.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_architecture), cmocka_unit_test(test_by_parameter),
        cmocka_unit_test(test_replications),    cmocka_unit_test(test_three_sides),
        cmocka_unit_test(test_between),         cmocka_unit_test(test_labels),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
