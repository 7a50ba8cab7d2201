/* host_calibration_report.c - a calibration as a profile that scenarios include, and as tables.
 *
 * Idea      The header of the profile carries the evidence: files with the hashes of their bytes,
 *           what was measured and is met, and how sure each value is. Nothing in it depends on
 *           the day or on the folder, so the same files give the same bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/host_calibration.h"
#include "cli/host_profile.h"
#include "results/table.h"

#ifndef GW_VERSION
#define GW_VERSION "unknown"
#endif

static const char *
finding_word(const struct gw_host_finding *finding)
{
    static const char *const words[] = {
        [GW_IDENTIFIED] = "fitted",
        [GW_IDENTIFIED_NOT] = "not told by these files",
        [GW_IDENTIFIED_TOGETHER_ONLY] = "not told apart from others",
    };

    return finding->at_bound ? "at its bound" : words[finding->identified];
}

static double
reduced_chi2(const struct gw_host_calibration *work)
{
    return work->outcome.chi2 / (double)work->outcome.freedom;
}

static double
prior_percent(const struct gw_host_parameter *parameter)
{
    return 100 * parameter->prior;
}

/* What was measured, and what was known before: two things, never one number. */
static void
add_chi2(const struct gw_host_calibration *work, const char *line_start, struct gw_text *out)
{
    const struct gw_least_squares_outcome *outcome = &work->outcome;

    gw_text_format(out,
                   "%schi2 of the numbers: %.3g, with the prior: %.3g; reduced chi2: %.3g; "
                   "numbers: %zu; parameters: %zu%s\n",
                   line_start, outcome->chi2, outcome->chi2 + outcome->chi2_prior,
                   reduced_chi2(work), work->residual_count, work->fitted_count,
                   outcome->converged ? "" : "; NOT converged");
}

/* Calls add for each pair of fitted parameters that hang together. */
static void
each_pair(const struct gw_host_calibration *work, struct gw_text *out, const char *line_start)
{
    size_t count = work->fitted_count;

    for (size_t i = 0; i < count * count; i++) {
        double r = work->outcome.correlation[i];

        if (i / count < i % count && fabs(r) > GW_HOST_CORRELATED) {
            gw_text_format(out,
                           "%s%s and %s hang together (r = %.2f): trust what they give "
                           "together\n",
                           line_start, work->tables->parameters[work->fitted[i / count]].key,
                           work->tables->parameters[work->fitted[i % count]].key, r);
        }
    }
}

/* How low the fits from the starts came: one minimum, or many. Nothing where there was one. */
static void
add_starts(const struct gw_host_calibration *work, const char *line_start, struct gw_text *out)
{
    if (work->start_count == 1) {
        return;
    }
    gw_text_format(out,
                   "%schi2 with the prior at %zu starts, after a short fit from each:", line_start,
                   work->start_count);
    for (size_t i = 0; i < work->start_count; i++) {
        gw_text_format(out, "%s %.3g, %.3g%s", i == 0 ? "" : ";", work->tried[i].from,
                       work->tried[i].to, i == 0 ? " (the given one)" : "");
    }
    gw_text_format(out, "; in the end: %.3g\n", work->outcome.chi2 + work->outcome.chi2_prior);
}

/* ---- the profile ----------------------------------------------------------------------------- */

static void
add_files(const struct gw_host_calibration *work, struct gw_text *out)
{
    for (size_t i = 0; i < work->file_count; i++) {
        gw_text_format(out, "#   %s  %s\n", work->files[i].hash, work->files[i].name);
    }
}

static void
add_met(const struct gw_host_calibration *work, struct gw_text *out)
{
    for (size_t i = 0; i < work->residual_count; i++) {
        const struct gw_host_residual *residual = &work->residuals[i];
        double measured = residual->number->expected;

        gw_text_format(out, "#   %s, %s: measured %.6g, ", work->files[residual->file].name,
                       residual->number->metric, measured);
        if (isnan(residual->predicted)) {
            gw_text_add(out, "did not complete\n");
            continue;
        }
        gw_text_format(out, "got %.6g (%+.2f %%, standard error %.2g %%)\n", residual->predicted,
                       100 * (residual->predicted / measured - 1), 100 * residual->scale);
    }
}

static void
add_values(const struct gw_host_calibration *work, struct gw_text *out)
{
    for (size_t i = 0; i < work->tables->parameter_count; i++) {
        const struct gw_host_parameter *parameter = &work->tables->parameters[i];
        const struct gw_host_finding *finding = &work->findings[i];

        gw_text_format(out, "#   %s: ", parameter->key);
        if (finding->identified != GW_IDENTIFIED) {
            gw_text_format(out, "%s; left as it was\n", finding_word(finding));
            continue;
        }
        gw_host_parameter_text(parameter, finding->least, out);
        gw_text_add(out, " to ");
        gw_host_parameter_text(parameter, finding->most, out);
        gw_text_format(out, ", from %g, prior +-%.0f %%%s\n", work->starts[i],
                       prior_percent(parameter), finding->at_bound ? "; at its bound" : "");
    }
}

static void
add_cases(const struct gw_host_calibration *work, struct gw_text *out)
{
    for (size_t i = 0; i < work->file_count; i++) {
        if (work->files[i].repeat == 0) {
            gw_host_profile_add_case(out, work->files[i].measured.id);
        }
    }
}

/* What the scenarios included, by its name alone where it lies beside the profile. */
static void
add_include(const struct gw_host_calibration *work, const char *target, struct gw_text *out)
{
    char folder[] = ".";
    const char *slash = target == NULL ? NULL : strrchr(target, '/');
    char *beside = slash == NULL ? strdup(folder) : strndup(target, (size_t)(slash - target) + 1);
    char *whole = beside == NULL ? NULL : realpath(beside, NULL);
    const char *name = work->host;

    if (name == NULL) {
        free(beside);
        free(whole);
        return;
    }
    if (target != NULL && whole != NULL && strncmp(name, whole, strlen(whole)) == 0 &&
        name[strlen(whole)] == '/' && strchr(name + strlen(whole) + 1, '/') == NULL) {
        name += strlen(whole) + 1;
    }
    gw_text_add(out, "include: ");
    gw_text_add_json(out, name);
    gw_text_add(out, "\n");
    free(beside);
    free(whole);
}

char *
gw_host_calibration_write(const struct gw_host_calibration *work, const char *target)
{
    struct gw_text out = {0};

    gw_text_format(
        &out,
        "# Written by godwit " GW_VERSION " calibrate from %zu measured migrations. Do "
        "not edit.\n#\n# Fitted by least squares to these numbers and to nothing else:\n",
        work->file_count);
    add_met(work, &out);
    add_chi2(work, "# ", &out);
    add_starts(work, "# ", &out);
    gw_text_format(&out, "#\n# Intervals of %.0f %%:\n", 100 * GW_HOST_CONFIDENCE);
    add_values(work, &out);
    each_pair(work, &out, "#   ");
    gw_text_add(&out, "#\n# Files, XXH3-128 of their bytes:\n");
    add_files(work, &out);
    gw_text_add(&out, "#\n");
    add_cases(work, &out);
    add_include(work, target, &out);
    gw_text_add(&out, "host:\n");
    for (size_t i = 0; i < work->fitted_count; i++) {
        const struct gw_host_parameter *parameter = &work->tables->parameters[work->fitted[i]];

        gw_text_format(&out, "  %s: ", parameter->key);
        gw_host_parameter_text(parameter, work->findings[work->fitted[i]].value, &out);
        gw_text_add(&out, "\n");
    }
    return gw_text_take(&out);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void
add_number(struct gw_table *table, double value)
{
    if (isnan(value)) {
        gw_table_add(table, "");
    } else {
        gw_table_format(table, "%.4g", value);
    }
}

static void
fill_parameters(const struct gw_host_calibration *work, struct gw_table *table)
{
    static const char *const headings[] = {"parameter", ">start", ">prior +-%", ">fitted",
                                           ">from",     ">to",    "unit",       "what"};

    gw_table_init(table, sizeof headings / sizeof headings[0]);
    for (size_t i = 0; i < table->columns; i++) {
        gw_table_add(table, headings[i]);
    }
    for (size_t i = 0; i < work->tables->parameter_count; i++) {
        const struct gw_host_parameter *parameter = &work->tables->parameters[i];
        const struct gw_host_finding *finding = &work->findings[i];
        bool fitted = finding->identified == GW_IDENTIFIED;

        gw_table_add(table, parameter->key);
        add_number(table, work->starts[i]);
        add_number(table, prior_percent(parameter));
        add_number(table, fitted ? finding->value : (double)NAN);
        add_number(table, finding->least);
        add_number(table, finding->most);
        gw_table_add(table, parameter->unit);
        gw_table_add_toned(table, fitted && !finding->at_bound ? GW_TONE_PLAIN : GW_TONE_QUIET,
                           finding_word(finding));
    }
}

static void
fill_residuals(const struct gw_host_calibration *work, struct gw_table *table)
{
    static const char *const headings[] = {"case", "metric",   ">measured",
                                           ">got", ">error %", ">standard error %"};

    gw_table_init(table, sizeof headings / sizeof headings[0]);
    for (size_t i = 0; i < table->columns; i++) {
        gw_table_add(table, headings[i]);
    }
    for (size_t i = 0; i < work->residual_count; i++) {
        const struct gw_host_residual *residual = &work->residuals[i];
        double measured = residual->number->expected;

        gw_table_add(table, work->files[residual->file].name);
        gw_table_add(table, residual->number->metric);
        gw_table_format(table, "%.6g", measured);
        if (isnan(residual->predicted)) {
            gw_table_add(table, "not completed");
            gw_table_add(table, "");
        } else {
            gw_table_format(table, "%.6g", residual->predicted);
            gw_table_format(table, "%+.2f", 100 * (residual->predicted / measured - 1));
        }
        gw_table_format(table, "%.2g", 100 * residual->scale);
    }
}

static bool
print_table(void (*fill)(const struct gw_host_calibration *work, struct gw_table *table),
            const struct gw_host_calibration *work, enum gw_table_style style)
{
    struct gw_table table;
    bool fine;

    fill(work, &table);
    fine = gw_table_print(&table, stdout, style, gw_colour_wanted(stdout));
    gw_table_clear(&table);
    return fine;
}

static bool
print_tables(const struct gw_host_calibration *work, enum gw_format format)
{
    enum gw_table_style style = format == GW_FORMAT_MD    ? GW_TABLE_MARKDOWN
                                : format == GW_FORMAT_CSV ? GW_TABLE_CSV
                                                          : GW_TABLE_TEXT;
    struct gw_text rest = {0};
    bool fine = print_table(fill_parameters, work, style);

    if (format == GW_FORMAT_CSV) {
        return fine;
    }
    printf("\n");
    fine = fine && print_table(fill_residuals, work, style);
    printf("\nevaluations: %zu; numbers that hang on none of the costs: %zu\n",
           work->outcome.evaluations, work->idle_count);
    if (work->left_out > 0) {
        printf("migrations left out, because they did not complete: %zu\n", work->left_out);
    }
    add_chi2(work, "", &rest);
    add_starts(work, "", &rest);
    each_pair(work, &rest, "warning: ");
    fputs(rest.bytes == NULL ? "" : rest.bytes, stdout);
    fine = fine && !rest.failed;
    gw_text_clear(&rest);
    return fine;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void
add_json_number(struct gw_text *out, const char *key, double value)
{
    if (isfinite(value)) {
        gw_text_format(out, ", \"%s\": %.9g", key, value);
    } else {
        gw_text_format(out, ", \"%s\": null", key);
    }
}

static void
add_json_parameter(const struct gw_host_calibration *work, size_t index, struct gw_text *out)
{
    const struct gw_host_parameter *parameter = &work->tables->parameters[index];
    const struct gw_host_finding *finding = &work->findings[index];
    bool fitted = finding->identified == GW_IDENTIFIED;

    gw_text_format(out, "{\"parameter\": \"%s\", \"unit\": \"%s\", \"what\": \"%s\"",
                   parameter->key, parameter->unit, finding_word(finding));
    add_json_number(out, "start", work->starts[index]);
    add_json_number(out, "prior_pct", prior_percent(parameter));
    add_json_number(out, "fitted", fitted ? finding->value : (double)NAN);
    add_json_number(out, "from", finding->least);
    add_json_number(out, "to", finding->most);
    gw_text_add(out, "}");
}

static void
add_json_residual(const struct gw_host_calibration *work, size_t index, struct gw_text *out)
{
    const struct gw_host_residual *residual = &work->residuals[index];

    gw_text_add(out, "{\"case\": ");
    gw_text_add_json(out, work->files[residual->file].name);
    gw_text_format(out, ", \"metric\": \"%s\"", residual->number->metric);
    add_json_number(out, "expected", residual->number->expected);
    add_json_number(out, "got", residual->predicted);
    add_json_number(out, "error_pct", 100 * (residual->predicted / residual->number->expected - 1));
    add_json_number(out, "standard_error_pct", 100 * residual->scale);
    gw_text_add(out, "}");
}

/* The items of a list, one a line, with what goes between them. */
static void
add_json_list(const struct gw_host_calibration *work, size_t count,
              void (*add)(const struct gw_host_calibration *work, size_t index,
                          struct gw_text *out),
              const char *between, struct gw_text *out)
{
    for (size_t i = 0; i < count; i++) {
        gw_text_add(out, i == 0 ? "" : between);
        add(work, i, out);
    }
}

static void
add_json_start(const struct gw_host_calibration *work, size_t index, struct gw_text *out)
{
    gw_text_format(out, "{\"start\": %zu", index);
    add_json_number(out, "chi2_there", work->tried[index].from);
    add_json_number(out, "chi2_after_short_fit", work->tried[index].to);
    gw_text_add(out, "}");
}

static bool
print_json(const struct gw_host_calibration *work)
{
    struct gw_text out = {0};
    bool fine;

    gw_text_add(&out, "{\"parameters\": [\n  ");
    add_json_list(work, work->tables->parameter_count, add_json_parameter, ",\n  ", &out);
    gw_text_add(&out, "\n], \"residuals\": [\n  ");
    add_json_list(work, work->residual_count, add_json_residual, ",\n  ", &out);
    gw_text_add(&out, "\n], \"starts\": [\n  ");
    add_json_list(work, work->start_count > 1 ? work->start_count : 0, add_json_start, ",\n  ",
                  &out);
    gw_text_add(&out, "\n]");
    add_json_number(&out, "chi2", work->outcome.chi2);
    add_json_number(&out, "chi2_with_prior", work->outcome.chi2 + work->outcome.chi2_prior);
    add_json_number(&out, "reduced_chi2", reduced_chi2(work));
    gw_text_format(&out, ", \"ok\": %s}\n", work->outcome.converged ? "true" : "false");
    fine = !out.failed;
    fputs(fine ? out.bytes : "", stdout);
    gw_text_clear(&out);
    return fine;
}

static bool
print_json_lines(const struct gw_host_calibration *work)
{
    struct gw_text out = {0};
    bool fine;

    add_json_list(work, work->tables->parameter_count, add_json_parameter, "\n", &out);
    gw_text_add(&out, "\n");
    fine = !out.failed;
    fputs(fine ? out.bytes : "", stdout);
    gw_text_clear(&out);
    return fine;
}

bool
gw_host_calibration_print(const struct gw_host_calibration *work, enum gw_format format,
                          struct gw_error *err)
{
    bool fine = format == GW_FORMAT_JSON    ? print_json(work)
                : format == GW_FORMAT_JSONL ? print_json_lines(work)
                                            : print_tables(work, format);

    if (!fine) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the report");
    }
    return fflush(stdout) == 0 || gw_fail(err, GW_EIO, "standard output: cannot be written");
}
