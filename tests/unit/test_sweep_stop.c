/* test_sweep_stop.c - pins: what `sweep.stop` says, with its defaults; that replications are the
 * least ones; metrics as one, as several, each with a share of its own; that the rule, written as
 * settings, is read back the same; mistakes.
 * Does not pin: what the rule does (test_stop_rule.c, test_stopping.c).
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

#include "base/text.h"
#include "sim/sweep.h"

/* Plans "sweep: TEXT"; false: *message has what is wrong, to be freed. */
static bool
plan(const char *text, const char *const *settings, size_t count, struct gw_sweep *sweep,
     char **message)
{
    const struct gw_sweep_request request = {.settings = settings, .setting_count = count};
    struct gw_diagnostics diagnostics = {0};
    struct gw_text scenario = {0};
    struct gw_text wrong = {0};

    gw_text_format(&scenario, "name: x\nsweep: %s\n", text);
    bool fine = gw_sweep_plan_text(sweep, "x.yaml", scenario.bytes, scenario.length, &request,
                                   &diagnostics);
    gw_diagnostics_write(&diagnostics, false, &wrong);
    *message = gw_text_take(&wrong);
    gw_diagnostics_clear(&diagnostics);
    gw_text_clear(&scenario);
    return fine;
}

static struct gw_sweep_stop
stop_of(const char *text)
{
    struct gw_sweep sweep;
    char *message;

    if (!plan(text, NULL, 0, &sweep, &message)) {
        fail_msg("%s", message);
    }
    struct gw_sweep_stop stop = sweep.stop;
    free(message);
    gw_sweep_clear(&sweep);
    return stop;
}

static void
assert_share(double got, double wanted)
{
    assert_true(got - wanted < 1e-12 && wanted - got < 1e-12);
}

static void
test_defaults(void **state)
{
    struct gw_sweep_stop stop = stop_of("{stop: {metric: downtime_s}}");

    (void)state;
    assert_int_equal(stop.count, 1);
    assert_int_equal(stop.metrics[0].metric, GW_METRIC_DOWNTIME_S);
    assert_share(stop.metrics[0].half_width, 0.05);
    assert_share(stop.confidence, 0.95);
    assert_int_equal(stop.least, 10);
    assert_int_equal(stop.most, 200);
    stop = stop_of("{replications: 3}");
    assert_int_equal(stop.count, 0);
}

static void
test_replications_are_the_least(void **state)
{
    (void)state;
    assert_int_equal(stop_of("{replications: 7, stop: {metric: downtime_s}}").least, 7);
    assert_int_equal(stop_of("{replications: 7, stop: {metric: downtime_s, least: 9}}").least, 9);
}

static void
test_several_metrics(void **state)
{
    static const char *const texts[] = {
        "{stop: {metric: [migration_time_s, downtime_s=10%], half_width: 2%}}",
        "{stop: {metric: 'migration_time_s,downtime_s=10%', half_width: 2%}}"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct gw_sweep_stop stop = stop_of(texts[i]);

        assert_int_equal(stop.count, 2);
        assert_int_equal(stop.metrics[0].metric, GW_METRIC_MIGRATION_TIME_S);
        assert_share(stop.metrics[0].half_width, 0.02);
        assert_int_equal(stop.metrics[1].metric, GW_METRIC_DOWNTIME_S);
        assert_share(stop.metrics[1].half_width, 0.1);
    }
}

static void
test_read_back(void **state)
{
    struct gw_sweep_stop stop = stop_of("{stop: {metric: [migration_time_s=0.7%, downtime_s=33%],"
                                        " confidence: 99.9%, least: 4, most: 77}}");
    const char *settings[8];
    char *owned[8];
    struct gw_text word = {0};
    struct gw_sweep sweep;
    size_t count = 0;
    char *message;

    (void)state;
    while (gw_sweep_stop_setting(&stop, count, &word)) {
        owned[count] = gw_text_take(&word);
        assert_true(gw_sweep_stop_is_setting(owned[count]));
        settings[count] = owned[count];
        count++;
    }
    /* They replace what stands there. */
    assert_true(
        plan("{stop: {metric: [iterations, bytes_sent]}}", settings, count, &sweep, &message));
    assert_int_equal(sweep.stop.count, stop.count);
    for (size_t i = 0; i < stop.count; i++) {
        assert_int_equal(sweep.stop.metrics[i].metric, stop.metrics[i].metric);
        assert_true(sweep.stop.metrics[i].half_width >= stop.metrics[i].half_width &&
                    sweep.stop.metrics[i].half_width <= stop.metrics[i].half_width);
    }
    assert_int_equal(sweep.stop.least, 4);
    assert_int_equal(sweep.stop.most, 77);
    assert_share(sweep.stop.confidence, 0.999);
    assert_false(gw_sweep_stop_is_setting("sweep.stopping=3"));
    gw_sweep_clear(&sweep);
    free(message);
    for (size_t i = 0; i < count; i++) {
        free(owned[i]);
    }
}

static void
test_mistakes(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{stop: {metric: migration_time}}", "did you mean 'migration_time_s'?"},
        {"{stop: {metric: zzzzzzzzz}}", "'godwit list metrics' shows them"},
        {"{stop: {half_width: 3%}}", "needs a metric"},
        {"{stop: {metric: []}}", "needs a metric"},
        {"{stop: {metric: {a: b}}}", "METRIC or METRIC=SHARE"},
        {"{stop: downtime_s}", "must be a map"},
        {"{stop: {metric: downtime_s=0.1}}", "0.1"},
        {"{stop: {metric: downtime_s=0%}}", "out of range"},
        {"{stop: {metric: [downtime_s, downtime_s=3%]}}", "is there twice"},
        {"{stop: {metric: downtime_s, least: 1}}", "have no spread"},
        {"{stop: {metric: downtime_s, least: 9, most: 8}}", "are above 'most', which is 8"},
        {"{stop: {metric: downtime_s, leats: 9}}", "did you mean 'least'?"},
        {"{stop: {metric: downtime_s, confidence: 100%}}", "confidence"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gw_sweep sweep;
        char *message;

        assert_false(plan(rows[i].text, NULL, 0, &sweep, &message));
        if (strstr(message, rows[i].says) == NULL || strstr(message, "x.yaml:2:") == NULL) {
            fail_msg("%s: %s", rows[i].text, message);
        }
        free(message);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),        cmocka_unit_test(test_replications_are_the_least),
        cmocka_unit_test(test_several_metrics), cmocka_unit_test(test_read_back),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
