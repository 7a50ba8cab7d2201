/* check_json.c - a check as JSON: every test with its numbers; what is not known is null.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <jansson.h>
#include <math.h>

#include "cli/check.h"

static json_t *
number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static void
put_text(json_t *object, const char *key, const struct gw_text *text)
{
    json_object_set_new(object, key, json_string(text->bytes == NULL ? "" : text->bytes));
}

static void
put_span(json_t *object, const struct gw_gate_test *test)
{
    json_object_set_new(object, "from_s", number(test->from_s));
    json_object_set_new(object, "to_s", number(test->to_s));
    json_object_set_new(object, "peak_s", number(test->peak_s));
}

static json_t *
test_json(const struct gw_baseline_case *one, const struct gw_gate_test *test)
{
    static const char *const kinds[] = {"outcome", "metric", "curve"};
    json_t *object = json_object();

    json_object_set_new(object, "group", json_string(one->groups[test->group_index].name));
    json_object_set_new(object, "kind", json_string(kinds[test->kind]));
    json_object_set_new(object, "key", json_string(test->key));
    json_object_set_new(object, "verdict", json_string(gw_gate_verdict_name(test->verdict)));
    json_object_set_new(object, "before", number(test->before));
    json_object_set_new(object, "after", number(test->after));
    json_object_set_new(object, "difference", number(test->difference));
    json_object_set_new(object, "low", number(test->low));
    json_object_set_new(object, "high", number(test->high));
    json_object_set_new(object, "margin", number(test->margin));
    json_object_set_new(object, "p", number(test->p));
    json_object_set_new(object, "p_adjusted", number(test->adjusted));
    json_object_set_new(object, "p_outside_margin", number(test->within));
    json_object_set_new(object, "too_few_runs", json_boolean(test->few));
    if (test->kind == GW_GATE_CURVE) {
        put_span(object, test);
    }
    return object;
}

static json_t *
case_json(const struct gw_check_view *view, size_t index)
{
    const struct gw_check *check = view->check;
    const struct gw_gate_case *one = &check->report.cases[index];
    json_t *object = json_object();
    json_t *tests = json_array();
    struct gw_text text = {0};

    gw_gate_case_say(&check->report, check->before, index, &text);
    json_object_set_new(object, "case", json_string(check->before->cases[index].name));
    json_object_set_new(object, "verdict", json_string(gw_gate_verdict_name(one->verdict)));
    json_object_set_new(object, "ok", json_boolean(!gw_check_fails(one->verdict, view->strict)));
    json_object_set_new(object, "runs", json_integer((json_int_t)check->runs.cases[index].count));
    json_object_set_new(object, "compared", json_integer((json_int_t)one->runs));
    json_object_set_new(object, "changed", json_integer((json_int_t)one->changed));
    put_text(object, "sentence", &text);
    gw_text_clear(&text);
    for (size_t i = 0; i < check->report.test_count; i++) {
        if (check->report.tests[i].case_index == index) {
            json_array_append_new(tests,
                                  test_json(&check->before->cases[index], &check->report.tests[i]));
        }
    }
    json_object_set_new(object, "tests", tests);
    return object;
}

bool
gw_check_print_json(const struct gw_check_view *view, FILE *stream, struct gw_error *err)
{
    const struct gw_gate_report *report = &view->check->report;
    json_t *root = json_object();
    json_t *cases = json_array();
    bool fine;

    for (size_t i = 0; i < report->case_count; i++) {
        json_array_append_new(cases, case_json(view, i));
    }
    json_object_set_new(root, "ok", json_boolean(!gw_check_fails(report->verdict, view->strict)));
    json_object_set_new(root, "verdict", json_string(gw_gate_verdict_name(report->verdict)));
    json_object_set_new(root, "alpha", number(view->check->alpha));
    json_object_set_new(root, "tests", json_integer((json_int_t)report->family));
    fine = json_object_set_new(root, "cases", cases) == 0 &&
           json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0;
    fputs("\n", stream);
    json_decref(root);
    return fine || ferror(stream) != 0 || gw_fail(err, GW_ENOMEM, "out of memory for the report");
}
