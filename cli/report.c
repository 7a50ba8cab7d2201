/* report.c - godwit report: a database as one page to read, print and pass on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/damage.h"
#include "cli/exit_code.h"
#include "cli/model_cards.h"
#include "cli/verb.h"
#include "results/parameter_fill.h"
#include "results/report_page.h"

struct report_options {
    const char *directory;
    const char *study;
    bool no_scripts;
};

const struct gw_option gw_report_options[] = {
    {"output", 'o', GW_OPTION_TEXT, offsetof(struct report_options, directory), "DIR",
     "where report.html and its figures go, made when missing; DATABASE-report when not given"},
    {"study", 0, GW_OPTION_TEXT, offsetof(struct report_options, study), "NAME",
     "only the runs of this study; all runs of the database when not given"},
    {"no-scripts", 0, GW_OPTION_FLAG, offsetof(struct report_options, no_scripts), NULL,
     "leave out the curves to point at and zoom into"},
    GW_OPTION_END,
};

/* All that is read for a report. */
struct reading {
    struct gw_result_list runs;
    struct gw_study_states studies; /* owned, */
    struct gw_study_states shown;   /* and those of them that the report is about */
    struct gw_report_facts facts;
    struct gw_cards cards;
};

static bool
find_study(struct reading *reading, const char *name, struct gw_error *err)
{
    for (size_t i = 0; i < reading->studies.count; i++) {
        if (name == NULL || strcmp(reading->studies.items[i].name, name) == 0) {
            reading->shown = name == NULL ? reading->studies
                                          : (struct gw_study_states){&reading->studies.items[i], 1};
            return true;
        }
    }
    return name == NULL ||
           gw_fail(err, GW_EINVAL,
                   "report: no study '%.80s' in the database; 'godwit sweep status' "
                   "lists them",
                   name);
}

static bool
read_store(struct gw_store *store, const char *study, struct reading *reading, struct gw_error *err)
{
    return gw_store_studies(store, &reading->studies, err) && find_study(reading, study, err) &&
           (study == NULL ? gw_store_read(store, &reading->runs, err)
                          : gw_store_read_study(store, study, &reading->runs, err)) &&
           gw_parameters_fill(&reading->runs, err) &&
           gw_report_facts_read(&reading->facts, store, study, err) &&
           gw_model_cards_load(&reading->cards, err);
}

static void
reading_clear(struct reading *reading)
{
    gw_result_list_clear(&reading->runs);
    gw_study_states_clear(&reading->studies);
    gw_report_facts_clear(&reading->facts);
    gw_cards_clear(&reading->cards);
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* "study.db" goes to "study-report". */
static char *
usual_directory(const char *database)
{
    struct gw_text text = {0};
    size_t length = strlen(database);

    if (length > 3 && strcmp(database + length - 3, ".db") == 0) {
        length -= 3;
    }
    gw_text_add_bytes(&text, database, length);
    gw_text_add(&text, "-report");
    return gw_text_take(&text);
}

static bool
write_report(const char *database, const struct reading *reading,
             const struct report_options *options, struct gw_error *err)
{
    char *usual = options->directory == NULL ? usual_directory(database) : NULL;
    const char *directory = options->directory == NULL ? usual : options->directory;
    struct gw_report_input input = {.database = base_name(database),
                                    .runs = &reading->runs,
                                    .studies = &reading->shown,
                                    .facts = &reading->facts,
                                    .cards = &reading->cards,
                                    .scripts = !options->no_scripts,
                                    .dygraphs = getenv("GODWIT_DYGRAPHS")};
    bool fine = directory != NULL ? gw_report_write(&input, directory, err)
                                  : gw_fail(err, GW_ENOMEM, "out of memory");

    if (fine) {
        printf("%s/report.html\n", directory);
    }
    free(usual);
    return fine;
}

static bool
report(const char *database, const struct report_options *options, struct gw_error *err)
{
    struct reading reading = {0};
    struct gw_store *store = gw_open_to_read(database, err);

    if (store == NULL) {
        return false;
    }
    bool fine = read_store(store, options->study, &reading, err);
    gw_store_close(store);
    fine = fine && write_report(database, &reading, options, err);
    reading_clear(&reading);
    return fine;
}

int
gw_verb_report(int argc, char **argv)
{
    struct report_options options = {0};
    struct gw_words operands = {0};
    struct gw_error err = {.code = GW_OK};
    bool fine = gw_options_parse(gw_report_options, argc, argv, &options, &operands, &err);

    if (fine && operands.count != 1) {
        fine = gw_fail(&err, GW_EINVAL, "report: %zu databases given, wanted one", operands.count);
    }
    fine = fine && report(operands.items[0], &options, &err);
    gw_options_clear(gw_report_options, &options, &operands);
    return fine ? GW_EXIT_FINE : gw_report_error(&err);
}
