/* show.c - the verb show: a scenario with its defaults filled in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "cli/exit_code.h"
#include "cli/verb.h"
#include "sim/scenario.h"

struct show_options {
    bool canonical;
    struct gw_words set;
};

const struct gw_option gw_show_options[] = {
    {"canonical", 0, GW_OPTION_FLAG, offsetof(struct show_options, canonical), NULL,
     "one line of sorted JSON in base units, as it enters the run id"},
    GW_OPTION_ROW_SET(struct show_options),
    GW_OPTION_END,
};

static bool
print(const struct gw_scenario *scenario, const struct show_options *options)
{
    char *text =
        options->canonical ? gw_scenario_canonical(scenario, NULL, 0) : gw_scenario_show(scenario);

    if (text == NULL) {
        return false;
    }
    fputs(text, stdout);
    fputs(options->canonical ? "\n" : "", stdout);
    free(text);
    return true;
}

static bool
show_variation(const char *path, const struct gw_variation *variation,
               const struct show_options *options, struct gw_diagnostics *diagnostics)
{
    struct gw_scenario *scenario =
        gw_scenario_load(path, variation->overrides, variation->count, diagnostics);

    if (scenario == NULL) {
        return false;
    }
    if (!print(scenario, options)) {
        gw_diagnostics_fail(diagnostics, GW_ENOMEM, NULL, "out of memory");
    }
    gw_scenario_destroy(scenario);
    return diagnostics->errors == 0;
}

/* Variations of YAML are parted by "---". */
static int
show_path(const char *path, const struct show_options *options)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_variations variations;
    int exit_code = GW_EXIT_FINE;
    bool fine =
        gw_variations_expand(&variations, options->set.items, options->set.count, &diagnostics);

    for (size_t i = 0; fine && i < variations.count; i++) {
        fputs(i > 0 && !options->canonical ? "---\n" : "", stdout);
        fine = show_variation(path, &variations.items[i], options, &diagnostics);
    }
    if (!fine) {
        exit_code = gw_report_diagnostics(&diagnostics);
    }
    gw_variations_clear(&variations);
    gw_diagnostics_clear(&diagnostics);
    return exit_code;
}

int
gw_verb_show(int argc, char **argv)
{
    struct show_options options = {0};
    struct gw_words operands;
    struct gw_error err = {.code = GW_OK};
    char *path = NULL;
    int exit_code;

    if (!gw_options_parse(gw_show_options, argc, argv, &options, &operands, &err)) {
        return gw_report_error(&err);
    }
    if (operands.count != 1) {
        gw_fail(&err, GW_EINVAL, "show takes one scenario, %zu were given", operands.count);
    } else {
        path = gw_scenario_find(operands.items[0], &err);
    }
    exit_code = path == NULL ? gw_report_error(&err) : show_path(path, &options);
    free(path);
    gw_options_clear(gw_show_options, &options, &operands);
    return exit_code;
}
