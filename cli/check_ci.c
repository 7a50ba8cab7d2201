/* check_ci.c - a check for other programs: JUnit XML and annotations of GitHub workflows.
 *
 * Source    The JUnit of Jenkins' and GitLab's readers: testsuites, testsuite, testcase with
 *           failure, error, skipped or system-out. GitHub: "Workflow commands", ::error title=..,file=..::,
 *           with %, CR and LF escaped, in properties also ':' and ','.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "cli/check.h"
#include "results/html.h"

/* ---- JUnit ---------------------------------------------------------------------------------------------- */

/* What no page may hold no XML may either; the escapes of HTML are XML's. */
static void
put_xml(struct gw_text *out, const char *text)
{
    gw_html_attribute(out, text);
}

/* What a case is to a reader of JUnit: NULL is a test that passed. What is open has not failed, and
 * should not look as if it had passed. */
static const char *
element_of(const struct gw_check_view *view, size_t index)
{
    enum gw_gate_verdict verdict = view->check->report.cases[index].verdict;

    if (verdict == GW_GATE_BROKEN) {
        return "error";
    }
    if (gw_check_fails(verdict, view->strict)) {
        return "failure";
    }
    return verdict == GW_GATE_OPEN ? "skipped" : NULL;
}

/* The sentence stands there twice: Jenkins shows the message, GitLab the content alone. */
static void
put_finding(struct gw_text *out, const char *element, const char *type, const char *sentence)
{
    gw_text_format(out, "<%s", element);
    if (strcmp(element, "skipped") != 0) {
        gw_text_format(out, " type=\"%s\"", type);
    }
    gw_text_add(out, " message=\"");
    put_xml(out, sentence);
    gw_text_add(out, "\">");
    put_xml(out, sentence);
    gw_text_format(out, "</%s>", element);
}

/* Of one run after the other, whoever made them. */
static double
seconds_of(const struct gw_check *check, size_t index)
{
    const struct gw_check_case *runs = &check->runs.cases[index];
    double sum = 0;

    for (size_t i = 0; i < runs->count; i++) {
        sum += runs->results[i].wall_s;
    }
    return sum;
}

static void
put_case(struct gw_text *out, const struct gw_check_view *view, size_t index)
{
    const struct gw_check *check = view->check;
    const char *element = element_of(view, index);
    struct gw_text sentence = {0};

    gw_gate_case_say(&check->report, check->before, index, &sentence);
    gw_text_add(out, "    <testcase classname=\"");
    put_xml(out, view->path);
    gw_text_add(out, "\" name=\"");
    put_xml(out, check->before->cases[index].name);
    gw_text_format(out, "\" time=\"%.3f\">", seconds_of(check, index));
    if (element != NULL) {
        put_finding(out, element, gw_gate_verdict_name(check->report.cases[index].verdict),
                    sentence.bytes);
    } else {
        gw_text_add(out, "<system-out>");
        put_xml(out, sentence.bytes);
        gw_text_add(out, "</system-out>");
    }
    gw_text_add(out, "</testcase>\n");
    out->failed = out->failed || sentence.failed;
    gw_text_clear(&sentence);
}

static void
put_counts(struct gw_text *out, const struct gw_check_view *view)
{
    static const struct {
        const char *element, *count;
    } kinds[] = {{"failure", "failures"}, {"error", "errors"}, {"skipped", "skipped"}};
    const size_t cases = view->check->report.case_count;
    double seconds = 0;

    gw_text_format(out, " tests=\"%zu\"", cases);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t count = 0;

        for (size_t k = 0; k < cases; k++) {
            const char *element = element_of(view, k);

            count += element != NULL && strcmp(element, kinds[i].element) == 0;
        }
        gw_text_format(out, " %s=\"%zu\"", kinds[i].count, count);
    }
    for (size_t i = 0; i < cases; i++) {
        seconds += seconds_of(view->check, i);
    }
    gw_text_format(out, " time=\"%.3f\"", seconds);
}

static bool
finish(struct gw_text *out, FILE *stream, struct gw_error *err)
{
    bool fine = !out->failed;

    if (fine && out->bytes != NULL) {
        fputs(out->bytes, stream);
    }
    gw_text_clear(out);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory for the report");
}

bool
gw_check_print_junit(const struct gw_check_view *view, FILE *stream, struct gw_error *err)
{
    struct gw_text out = {0};

    gw_text_add(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    put_counts(&out, view);
    gw_text_add(&out, ">\n  <testsuite name=\"godwit check\"");
    put_counts(&out, view);
    gw_text_add(&out, ">\n");
    for (size_t i = 0; i < view->check->report.case_count; i++) {
        put_case(&out, view, i);
    }
    gw_text_add(&out, "  </testsuite>\n</testsuites>\n");
    return finish(&out, stream, err);
}

/* ---- GitHub --------------------------------------------------------------------------------------------- */

static void
put_escaped(struct gw_text *out, const char *text, const char *escaped)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr(escaped, *at) != NULL) {
            gw_text_format(out, "%%%02X", (unsigned)(unsigned char)*at);
        } else {
            gw_text_add_bytes(out, at, 1);
        }
    }
}

static void
put_annotation(struct gw_text *out, const struct gw_check_view *view, size_t index)
{
    const struct gw_check *check = view->check;
    enum gw_gate_verdict verdict = check->report.cases[index].verdict;
    struct gw_text sentence = {0};

    if (verdict < GW_GATE_OPEN) {
        return;
    }
    gw_gate_case_say(&check->report, check->before, index, &sentence);
    gw_text_format(out, "::%s title=godwit check%%3A ",
                   gw_check_fails(verdict, view->strict) ? "error" : "warning");
    put_escaped(out, check->before->cases[index].name, "%\r\n:,");
    gw_text_add(out, ",file=");
    put_escaped(out, view->path, "%\r\n:,");
    gw_text_add(out, "::");
    put_escaped(out, sentence.bytes == NULL ? "" : sentence.bytes, "%\r\n");
    gw_text_add(out, "\n");
    out->failed = out->failed || sentence.failed;
    gw_text_clear(&sentence);
}

bool
gw_check_print_github(const struct gw_check_view *view, FILE *stream, struct gw_error *err)
{
    struct gw_text out = {0};

    for (size_t i = 0; i < view->check->report.case_count; i++) {
        put_annotation(&out, view, i);
    }
    gw_text_add(&out, "::notice title=godwit check,file=");
    put_escaped(&out, view->path, "%\r\n:,");
    gw_text_add(&out, "::");
    gw_check_conclude(view, &out);
    gw_text_add(&out, "\n");
    return finish(&out, stream, err);
}
