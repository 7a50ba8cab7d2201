/* check.c - godwit check: did anything move against the baseline?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/verb.h"

const struct gw_option gw_check_options[] = {
    {"baseline", 0, GW_OPTION_TEXT, offsetof(struct gw_check_options, baseline), "FILE",
     "what is compared with"},
    {"accept", 0, GW_OPTION_TEXT, offsetof(struct gw_check_options, accept), "REASON",
     "make the runs of now the baseline: of the scenarios named, or of all its cases"},
    {"case", 0, GW_OPTION_TEXT, offsetof(struct gw_check_options, name), "NAME",
     "with --accept: name of the case, instead of the scenario's"},
    {"set", 0, GW_OPTION_WORDS, offsetof(struct gw_check_options, set), "KEY=VALUE[,VALUE]...",
     "with --accept: settings of the case; else what if: one value, in all cases"},
    {"replications", 'n', GW_OPTION_COUNT, offsetof(struct gw_check_options, replications), "N",
     "runs of each variation, instead of the baseline's; a new case: 12"},
    {"most", 0, GW_OPTION_COUNT, offsetof(struct gw_check_options, most), "N",
     "runs of each variation where few leave it open; default: four times the baseline's"},
    {"reseed", 0, GW_OPTION_TEXT, offsetof(struct gw_check_options, reseed), "SEED",
     "run with this seed instead of the baseline's: nothing can be identical then"},
    {"alpha", 0, GW_OPTION_TEXT, offsetof(struct gw_check_options, alpha), "P",
     "chance of a false alarm of the whole file; default: 0.002"},
    {"strict", 0, GW_OPTION_FLAG, offsetof(struct gw_check_options, strict), NULL,
     "fail also where it could not be shown that nothing moved"},
    {"format", 0, GW_OPTION_TEXT, offsetof(struct gw_check_options, format), "FORMAT",
     "text, json, junit, github (annotations) or md"},
    {"junit", 0, GW_OPTION_TEXT, offsetof(struct gw_check_options, junit), "FILE",
     "write JUnit XML there as well"},
    {"summary", 0, GW_OPTION_TEXT, offsetof(struct gw_check_options, summary), "FILE",
     "append Markdown there as well, as to $GITHUB_STEP_SUMMARY"},
    {"output", 'o', GW_OPTION_TEXT, offsetof(struct gw_check_options, directory), "DIRECTORY",
     "draw each curve that moved there, old and new"},
    {"jobs", 'j', GW_OPTION_COUNT, offsetof(struct gw_check_options, threads), "N",
     "runs at a time; default: the processors of this machine"},
    GW_OPTION_END,
};

typedef bool printer(const struct gw_check_view *view, FILE *stream, struct gw_error *err);

static const struct face {
    const char *name;
    printer *print;
} faces[] = {
    {"text", gw_check_print_text},     {"table", gw_check_print_text},
    {"json", gw_check_print_json},     {"junit", gw_check_print_junit},
    {"github", gw_check_print_github}, {"md", gw_check_print_md},
};

enum { FACE_COUNT = sizeof faces / sizeof faces[0] };

int
gw_check_stopped(const struct gw_error *err)
{
    if (gw_interrupted() != 0) {
        fputs("godwit: interrupted: nothing was decided; run the same command again\n", stderr);
        return GW_EXIT_SIGNAL + gw_interrupted();
    }
    return gw_report_error(err);
}

/* ---- what is asked ------------------------------------------------------------------------------------ */

static bool
find_face(const char *name, printer **print, struct gw_error *err)
{
    for (size_t i = 0; i < FACE_COUNT; i++) {
        if (strcmp(faces[i].name, name) == 0) {
            *print = faces[i].print;
            return true;
        }
    }
    return gw_fail(err, GW_EINVAL, "--format '%.40s': must be text, json, junit, github or md",
                   name);
}

static bool
read_alpha(const char *text, double *alpha, struct gw_error *err)
{
    char *end;

    *alpha = strtod(text, &end);
    if (*end != '\0' || end == text || !(*alpha > 0 && *alpha < 0.5)) {
        return gw_fail(err, GW_EINVAL, "--alpha '%.40s': must be a chance such as 0.002", text);
    }
    return true;
}

static bool
make_request(const struct gw_check_options *options, struct gw_check_request *request,
             struct gw_error *err)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    request->workers =
        options->threads > 0 ? (size_t)options->threads : (size_t)(processors > 0 ? processors : 1);
    request->replications = options->replications;
    request->most = options->most;
    if (options->baseline == NULL) {
        return gw_fail(err, GW_EINVAL,
                       "check: --baseline FILE is missing; --accept REASON with scenarios makes "
                       "the file");
    }
    return read_alpha(options->alpha, &request->alpha, err) &&
           gw_seed_parse(options->reseed, &request->seed, err);
}

/* ---- comparing ---------------------------------------------------------------------------------------- */

/* The cases that the operands name, by case or by scenario; all when there are none. The view
 * borrows them. */
static bool
select_cases(const struct gw_baseline *file, const struct gw_words *operands,
             struct gw_baseline *view, struct gw_error *err)
{
    *view = *file;
    view->case_count = 0;
    view->cases = calloc(file->case_count + 1, sizeof *view->cases);
    if (view->cases == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the cases");
    }
    for (size_t i = 0; i < file->case_count; i++) {
        bool wanted = operands->count == 0;

        for (size_t k = 0; k < operands->count; k++) {
            wanted = wanted || strcmp(operands->items[k], file->cases[i].name) == 0 ||
                     strcmp(operands->items[k], file->cases[i].scenario) == 0;
        }
        if (wanted) {
            view->cases[view->case_count++] = file->cases[i];
        }
    }
    if (view->case_count == 0) {
        free(view->cases);
        return gw_fail(err, GW_EINVAL, "check: no case of the baseline is called '%.200s'",
                       operands->count > 0 ? operands->items[0] : "");
    }
    return true;
}

static bool
print_to_file(const struct gw_check_view *view, const char *path, const char *mode, printer *print,
              struct gw_error *err)
{
    FILE *file;
    bool fine;

    if (path == NULL) {
        return true;
    }
    file = fopen(path, mode);
    if (file == NULL) {
        return gw_fail(err, GW_EIO, "%s: %s", path, strerror(errno));
    }
    fine = print(view, file, err);
    if ((ferror(file) | fclose(file)) != 0 && fine) {
        return gw_fail(err, GW_EIO, "%s cannot be written", path);
    }
    return fine;
}

static int
report(const struct gw_check_view *view, const struct gw_check_options *options, printer *print)
{
    struct gw_error err = {.code = GW_OK};
    int code =
        gw_check_fails(view->check->report.verdict, view->strict) ? GW_EXIT_FINDING : GW_EXIT_FINE;

    if (!print(view, stdout, &err) ||
        !print_to_file(view, options->junit, "w", gw_check_print_junit, &err) ||
        !print_to_file(view, options->summary, "a", gw_check_print_md, &err)) {
        return gw_report_error(&err);
    }
    if (options->directory != NULL && !gw_check_draw(view->check, options->directory, &err)) {
        gw_report_error(&err);
        return code != GW_EXIT_FINE ? code : GW_EXIT_IO;
    }
    return code;
}

static int
compare(const struct gw_check_options *options, const struct gw_words *operands,
        const struct gw_check_request *asked, printer *print)
{
    struct gw_check_request request = *asked;
    struct gw_baseline file, view;
    struct gw_check check;
    struct gw_error err = {.code = GW_OK};
    int code;

    if (!gw_baseline_read(&file, options->baseline, &err)) {
        return gw_report_error(&err);
    }
    if (!select_cases(&file, operands, &view, &err)) {
        gw_baseline_clear(&file);
        return gw_report_error(&err);
    }
    request.before = &view;
    request.settings = (struct gw_check_settings){options->set.items, options->set.count};
    if (gw_check_make(&check, &request, &err)) {
        const struct gw_check_view face = {&check, options->baseline, options->strict};

        code = report(&face, options, print);
        gw_check_clear(&check);
    } else {
        code = gw_check_stopped(&err);
    }
    free(view.cases);
    gw_baseline_clear(&file);
    return code;
}

static int
check_parsed(const struct gw_check_options *options, const struct gw_words *operands)
{
    struct gw_check_request request = {0};
    struct gw_error err = {.code = GW_OK};
    printer *print = NULL;

    if (!find_face(options->format, &print, &err) || !make_request(options, &request, &err)) {
        return gw_report_error(&err);
    }
    gw_interrupt_catch();
    return options->accept != NULL ? gw_check_accept(options, operands, &request)
                                   : compare(options, operands, &request, print);
}

int
gw_verb_check(int argc, char **argv)
{
    struct gw_check_options options = {.format = "text", .alpha = "0.002"};
    struct gw_words operands = {0};
    struct gw_error err;
    int code;

    code = gw_options_parse(gw_check_options, argc, argv, &options, &operands, &err)
               ? check_parsed(&options, &operands)
               : gw_report_error(&err);
    gw_options_clear(gw_check_options, &options, &operands);
    return code;
}
