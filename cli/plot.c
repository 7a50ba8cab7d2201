/* plot.c - godwit plot: draws what the runs of a database can show.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "cli/damage.h"
#include "cli/verb.h"
#include "results/figures_run.h"
#include "results/parameter_fill.h"
#include "results/store.h"

struct plot_options {
    const char *figure;
    const char *directory;
    const char *formats;
    bool list;
    unsigned format_set; /* of formats */
};

const struct gw_option gw_plot_options[] = {
    {"figure", 0, GW_OPTION_TEXT, offsetof(struct plot_options, figure), "NAME",
     "the figure to draw, or the first words of the names of several; all when not given"},
    {"output", 'o', GW_OPTION_TEXT, offsetof(struct plot_options, directory), "DIR",
     "where the pictures go, made when missing; the current directory when not given"},
    {"formats", 0, GW_OPTION_TEXT, offsetof(struct plot_options, formats), "LIST",
     "svg, png, pdf, dumb, joined by commas; svg,png when not given"},
    {"list", 0, GW_OPTION_FLAG, offsetof(struct plot_options, list), NULL,
     "only say which figures the runs can feed"},
    GW_OPTION_END,
};

static bool
write_plan(const struct gw_result_list *runs, const struct gw_figure_plan *plan,
           const struct plot_options *options, struct gw_error *err)
{
    struct gw_figure *figure = gw_figures_make(runs->pointers, runs->count, plan, err);
    if (figure == NULL) {
        return false;
    }
    bool ok = gw_figure_write(figure, options->directory, plan->name, options->format_set, err);
    gw_figure_destroy(figure);
    if (ok) {
        printf("%s/%s.{%s,gp,tsv}: %s\n", options->directory, plan->name, options->formats,
               plan->title);
    }
    return ok;
}

static bool
is_planned(const struct gw_figure_plans *plans, const char *name)
{
    for (size_t i = 0; i < plans->count; i++) {
        if (strcmp(plans->items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* "passes" is all of "passes-dbt" and "passes-heat", where there is no figure of that very name. */
static bool
is_wanted(const struct plot_options *options, const struct gw_figure_plans *plans,
          const struct gw_figure_plan *plan)
{
    size_t length = strlen(options->figure);

    return strcmp(options->figure, "all") == 0 || strcmp(options->figure, plan->name) == 0 ||
           (strncmp(options->figure, plan->name, length) == 0 && plan->name[length] == '-' &&
            !is_planned(plans, options->figure));
}

static bool
draw(const struct gw_result_list *runs, const struct gw_figure_plans *plans,
     const struct plot_options *options, struct gw_error *err)
{
    size_t wanted = 0;

    for (size_t i = 0; i < plans->count; i++) {
        const struct gw_figure_plan *plan = &plans->items[i];
        if (!is_wanted(options, plans, plan)) {
            continue;
        }
        wanted++;
        if (options->list) {
            printf("%-44s %s\n", plan->name, plan->title);
            continue;
        }
        if (!write_plan(runs, plan, options, err)) {
            return false;
        }
    }
    if (wanted == 0 && strcmp(options->figure, "all") != 0) {
        return gw_fail(err, GW_EINVAL,
                       "figure '%s': these runs do not feed it; --list shows what they feed",
                       options->figure);
    }
    return true;
}

static bool
read_runs(const char *path, struct gw_result_list *runs, struct gw_error *err)
{
    struct gw_store *store = gw_open_to_read(path, err);

    if (store == NULL) {
        return false;
    }
    bool ok = gw_store_read(store, runs, err);
    gw_store_close(store);
    if (ok && !gw_parameters_fill(runs, err)) {
        gw_result_list_clear(runs);
        ok = false;
    }
    return ok;
}

static bool
plot(const char *path, const struct plot_options *options, struct gw_error *err)
{
    struct gw_result_list runs;
    struct gw_figure_plans plans;

    if (!read_runs(path, &runs, err)) {
        return false;
    }
    bool ok = gw_figures_plan(runs.pointers, runs.count, &plans, err);
    if (ok && plans.count == 0) {
        fprintf(stderr, "godwit: %s: %zu runs, none of them feeds a figure\n", path, runs.count);
    }
    if (ok) {
        ok = draw(&runs, &plans, options, err);
        gw_figures_clear(&plans);
    }
    gw_result_list_clear(&runs);
    return ok;
}

int
gw_verb_plot(int argc, char **argv)
{
    struct plot_options options = {.figure = "all", .directory = ".", .formats = "svg,png"};
    struct gw_words operands = {0};
    struct gw_error err = {0};

    bool ok = gw_options_parse(gw_plot_options, argc, argv, &options, &operands, &err);
    if (ok && operands.count != 1) {
        ok = gw_fail(&err, GW_EINVAL, "plot: %zu databases given, wanted one", operands.count);
    }
    ok = ok && gw_figure_formats_parse(options.formats, &options.format_set, &err);
    ok = ok && plot(operands.items[0], &options, &err);
    int code = ok ? 0 : gw_report_error(&err);
    gw_options_clear(gw_plot_options, &options, &operands);
    return code;
}
