/* gate_say.c - what the gate found, as sentences.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/gate.h"

enum { CURVES_MOST = 2, METRICS_MOST = 4 }; /* said in one sentence */

/* A figure with four digits, never as 1e+05. */
static void
put_number(struct gw_text *out, double value)
{
    int digits = fabs(value) >= 1000 || !(fabs(value) > 0) ? 0 : 3 - (int)floor(log10(fabs(value)));

    if (fabs(value) >= 1e7) {
        gw_text_format(out, "%.4g", value);
        return;
    }
    gw_text_format(out, "%.*f", digits > 9 ? 9 : digits, value);
}

/* p values that the reader compares with nothing are cut. */
static void
put_p(struct gw_text *out, double p)
{
    if (p < 0.001) {
        gw_text_add(out, "p < 0.001");
        return;
    }
    gw_text_format(out, "p = %.2g", p);
}

static void
put_chance(struct gw_text *out, const struct gw_gate_test *test, const char *before,
           const char *after)
{
    if (!test->few && isnan(test->adjusted)) {
        return;
    }
    gw_text_add(out, before);
    if (test->few) {
        gw_text_add(out, "too few runs for a p");
    } else {
        put_p(out, test->adjusted);
    }
    gw_text_add(out, after);
}

static const char *
unit_of(const struct gw_gate_test *test)
{
    if (test->kind == GW_GATE_CURVE) {
        return gw_curve_info[test->which].unit;
    }
    return gw_metric_info[gw_gate_metrics[test->which].metric].unit;
}

static void
say_outcome(const struct gw_gate_test *test, struct gw_text *out)
{
    static const char *const words[] = {"completed", "failed",
                                        "with a target that is not its source"};

    gw_text_format(out, "%.0f of %zu -> %.0f of %zu runs %s",
                   test->before * (double)test->runs_before, test->runs_before,
                   test->after * (double)test->runs_after, test->runs_after, words[test->which]);
    put_chance(out, test, " (", ")");
}

static void
say_metric(const struct gw_gate_test *test, struct gw_text *out)
{
    double base = fabs(test->before);
    bool relative = base > 0;
    double unit = relative ? 100 / base : 1;
    const char *word = relative ? " %" : "";

    gw_text_format(out, "%s ", test->key);
    put_number(out, test->before);
    gw_text_add(out, " -> ");
    put_number(out, test->after);
    gw_text_format(out, "%s%s, %+.3g%s (", *unit_of(test) == '\0' ? "" : " ", unit_of(test),
                   test->difference * unit, word);
    if (!isnan(test->low)) {
        gw_text_format(out, "95 %% of difference: %.3g to %.3g%s; ", test->low * unit,
                       test->high * unit, word);
    }
    gw_text_format(out, "margin %.3g%s", test->margin * unit, word);
    put_chance(out, test, "; ", "");
    gw_text_add(out, ")");
}

static void
say_curve(const struct gw_gate_test *test, struct gw_text *out)
{
    const char *way = test->difference < 0 ? "lower" : "higher";

    if (isnan(test->from_s)) {
        gw_text_format(out, "curve %s differs nowhere for sure, most at ", test->key);
    } else {
        gw_text_format(out, "curve %s is %s from ", test->key,
                       test->both_ways ? "higher and lower" : way);
        put_number(out, test->from_s);
        gw_text_add(out, " s to ");
        put_number(out, test->to_s);
        gw_text_add(out, " s, most at ");
    }
    put_number(out, test->peak_s);
    gw_text_add(out, " s: ");
    put_number(out, test->before);
    gw_text_add(out, " -> ");
    put_number(out, test->after);
    gw_text_format(out, " %s (margin ", unit_of(test));
    put_number(out, test->margin);
    put_chance(out, test, "; ", "");
    gw_text_add(out, ")");
}

void
gw_gate_test_say(const struct gw_gate_test *test, struct gw_text *out)
{
    if (test->kind == GW_GATE_OUTCOME) {
        say_outcome(test, out);
        return;
    }
    if (isnan(test->margin)) {
        gw_text_format(out, "%s is in %.0f of %zu -> %.0f of %zu runs", test->key,
                       test->before * (double)test->runs_before, test->runs_before,
                       test->after * (double)test->runs_after, test->runs_after);
        return;
    }
    (test->kind == GW_GATE_METRIC ? say_metric : say_curve)(test, out);
}

/* The runs themselves, when their seeds were those of the baseline. */
static void
say_digests(const struct gw_gate_case *one, struct gw_text *out)
{
    if (one->changed == 0) {
        return;
    }
    gw_text_format(out, "; %zu of %zu runs are not the baseline's", one->changed, one->runs);
    if (one->parts_key != NULL) {
        gw_text_format(out, ", the first parts by %.4g s (%s)", one->parts_s, one->parts_key);
    } else {
        gw_text_add(out, ", the first in none of the recorded curves");
    }
}

/* What is said of a case: worst first in each kind. */
struct saying {
    const struct gw_gate_report *report;
    const struct gw_baseline_case *one;
    const struct gw_gate_case *found;
    const size_t *order;
    size_t count, said;
    size_t group; /* the one named last; SIZE_MAX: none */
    struct gw_text *out;
};

static void
say_one(struct saying *saying, const struct gw_gate_test *test)
{
    gw_text_add(saying->out, saying->said == 0 ? "" : "; ");
    if (saying->one->group_count > 1 && test->group_index != saying->group) {
        gw_text_format(saying->out, "[%s] ", saying->one->groups[test->group_index].name);
    }
    saying->group = test->group_index;
    saying->said++;
    gw_gate_test_say(test, saying->out);
}

/* Those of one kind; the curve on which runs part first comes first: it is nearest to the cause. */
static void
say_kind(struct saying *saying, enum gw_gate_kind kind, size_t most)
{
    const char *first = kind == GW_GATE_CURVE ? saying->found->parts_key : NULL;
    const struct gw_gate_test *done = NULL;
    size_t said = 0;

    for (size_t i = 0; first != NULL && done == NULL && i < saying->count; i++) {
        const struct gw_gate_test *test = &saying->report->tests[saying->order[i]];

        if (test->kind == kind && strcmp(test->key, first) == 0) {
            say_one(saying, test);
            done = test;
            said++;
        }
    }
    for (size_t i = 0; i < saying->count && said < most; i++) {
        const struct gw_gate_test *test = &saying->report->tests[saying->order[i]];

        if (test->kind == kind && test != done) {
            say_one(saying, test);
            said++;
        }
    }
}

static void
say_tests(const struct gw_gate_report *report, const struct gw_baseline *baseline,
          size_t case_index, enum gw_gate_verdict verdict, struct gw_text *out)
{
    size_t *order = calloc(report->test_count + 1, sizeof *order);
    struct saying saying = {.report = report,
                            .one = &baseline->cases[case_index],
                            .found = &report->cases[case_index],
                            .order = order,
                            .group = SIZE_MAX,
                            .out = out};

    if (order == NULL) {
        out->failed = true;
        return;
    }
    saying.count = gw_gate_worst(report, case_index, verdict, order);
    say_kind(&saying, GW_GATE_OUTCOME, saying.count);
    say_kind(&saying, GW_GATE_CURVE, CURVES_MOST);
    say_kind(&saying, GW_GATE_METRIC, METRICS_MOST);
    if (saying.count > saying.said) {
        gw_text_format(out, "; and %zu more", saying.count - saying.said);
    }
    free(order);
}

static void
say_case(const struct gw_gate_report *report, const struct gw_baseline *baseline, size_t case_index,
         struct gw_text *out)
{
    const struct gw_gate_case *one = &report->cases[case_index];

    gw_text_format(out, "%s: ", baseline->cases[case_index].name);
    if (one->verdict == GW_GATE_BROKEN) {
        gw_text_add(out, one->trouble);
        return;
    }
    if (one->verdict == GW_GATE_IDENTICAL) {
        gw_text_format(out, "identical, %zu runs", one->runs);
        return;
    }
    if (one->verdict == GW_GATE_SAME) {
        gw_text_add(out, "equivalent within the margins");
    } else {
        gw_text_add(out, one->verdict == GW_GATE_OPEN ? "not shown equivalent: " : "");
        say_tests(report, baseline, case_index, one->verdict, out);
    }
    say_digests(one, out);
}

void
gw_gate_clean(struct gw_text *out, size_t first)
{
    for (size_t i = first; i < out->length; i++) {
        unsigned char byte = (unsigned char)out->bytes[i];

        out->bytes[i] = byte < ' ' || byte == 0x7f ? ' ' : out->bytes[i];
    }
}

void
gw_gate_case_say(const struct gw_gate_report *report, const struct gw_baseline *baseline,
                 size_t case_index, struct gw_text *out)
{
    size_t first = out->length;

    say_case(report, baseline, case_index, out);
    gw_gate_clean(out, first);
}
