/* main.c - the table of verbs; knows everything and contains nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <signal.h>
#include <string.h>

#include "cli/exit_code.h"
#include "cli/verb.h"

#ifndef GW_VERSION
#define GW_VERSION "unknown"
#endif

static const struct gw_verb verbs[] = {
    {"list", "what there is, one line each",
     "[architectures|workloads|devices|packs|metrics|settings|cards [NAME]]", gw_list_options,
     gw_verb_list},
    {"show", "a scenario with its defaults filled in", "SCENARIO", gw_show_options, gw_verb_show},
    {"run", "simulate scenarios and print what came out", "SCENARIO...", gw_run_options,
     gw_verb_run},
    {"sweep", "many runs: plan them, run them on all cores, go on after a stop, merge shards",
     "plan|run|resume|status|describe|differences|effects|frontier|merge|submit"
     " [SCENARIO|DIR|FILE]...",
     gw_sweep_options, gw_verb_sweep},
    {"export", "a database as CSV, JSON lines, Markdown, LaTeX or OMNeT++ files", "DATABASE",
     gw_export_options, gw_verb_export},
    {"compare", "two databases, studies or versions: what differs, and how sure that is", "A B",
     gw_compare_options, gw_verb_compare},
    {"calibrate", "fit settings to published numbers, or costs to measured migrations",
     "CALIBRATION|FILE.json...", gw_calibrate_options, gw_verb_calibrate},
    {"check", "did a curve or a metric move against a baseline: the gate for CI",
     "[SCENARIO]... --baseline FILE [--accept REASON]", gw_check_options, gw_verb_check},
    {"reproduce", "published numbers beside ours", "PACK", gw_reproduce_options, gw_verb_reproduce},
    {"validate", "measured migrations beside our predictions", "FILE.json...", gw_validate_options,
     gw_verb_validate},
    {"plot", "draw the results of a database", "DATABASE", gw_plot_options, gw_verb_plot},
    {"report", "a database as one HTML page: summary, verdicts, figures, model cards, scenarios",
     "DATABASE", gw_report_options, gw_verb_report},
    {"bench", "time the real code on this machine", "codec", gw_bench_options, gw_verb_bench},
};

enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] };

static int
print_help(void)
{
    puts("usage: godwit VERB [OPERAND]... [OPTION]...\n\n"
         "Simulates VM migration architectures and compares them.\n");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        printf("  %-11s %s\n", verbs[i].name, verbs[i].summary);
    }
    puts("\n  godwit help VERB   options of a verb\n"
         "  godwit --version   version\n\n"
         "Exit codes: 0 fine, 1 a finding, 2 usage or scenario error, 3 input/output error,\n"
         "4 some runs crashed, 75 incomplete, 128+n signal.");
    return GW_EXIT_FINE;
}

static int
print_verb_help(const struct gw_verb *verb)
{
    printf("usage: godwit %s %s [OPTION]...\n\n%s\n\n", verb->name, verb->usage, verb->summary);
    gw_options_help(verb->options, stdout);
    return GW_EXIT_FINE;
}

/* NULL after an error message. */
static const struct gw_verb *
find_verb(const char *name)
{
    const char *words[VERB_COUNT + 2] = {"help"};
    struct gw_error err = {.code = GW_OK};
    const char *nearest;

    for (size_t i = 0; i < VERB_COUNT; i++) {
        words[i + 1] = verbs[i].name;
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    nearest = gw_nearest_word(name, words);
    if (nearest != NULL) {
        gw_fail(&err, GW_EINVAL, "unknown verb '%.80s'; did you mean '%s'?", name, nearest);
    } else {
        gw_fail(&err, GW_EINVAL, "unknown verb '%.80s'; see godwit --help", name);
    }
    gw_report_error(&err);
    return NULL;
}

static bool
asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            return true;
        }
    }
    return false;
}

static int
run_verb(int argc, char **argv)
{
    const struct gw_verb *verb = find_verb(argv[0]);

    if (verb == NULL) {
        return GW_EXIT_USAGE;
    }
    return asks_help(argc, argv) ? print_verb_help(verb) : verb->run(argc, argv);
}

static int
run_help(const char *name)
{
    const struct gw_verb *verb = find_verb(name);

    return verb == NULL ? GW_EXIT_USAGE : print_verb_help(verb);
}

static int
dispatch(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: godwit VERB [OPERAND]... [OPTION]...; see godwit --help\n", stderr);
        return GW_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("godwit " GW_VERSION);
        return GW_EXIT_FINE;
    }
    if (strcmp(argv[1], "--help") == 0 || (strcmp(argv[1], "help") == 0 && argc == 2)) {
        return print_help();
    }
    return strcmp(argv[1], "help") == 0 ? run_help(argv[2]) : run_verb(argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
    int exit_code;

    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails, which is told */
    exit_code = dispatch(argc, argv);

    if ((fflush(stdout) != 0 || ferror(stdout)) && exit_code == GW_EXIT_FINE) {
        struct gw_error err = {.code = GW_OK};

        gw_fail(&err, GW_EIO, "standard output cannot be written");
        return gw_report_error(&err);
    }
    return exit_code;
}
