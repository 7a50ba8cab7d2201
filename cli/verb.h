/* verb.h - the verbs of the command line, one file each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_VERB_H
#define GW_VERB_H

#include "cli/options.h"

struct gw_verb {
    const char *name;
    const char *summary; /* one line */
    const char *usage;   /* operands and options, without the verb */
    const struct gw_option *options;
    int (*run)(int argc, char **argv); /* argv[0] is the verb; returns an exit code */
};

extern const struct gw_option gw_list_options[];
extern const struct gw_option gw_show_options[];
extern const struct gw_option gw_run_options[];
extern const struct gw_option gw_sweep_options[];
extern const struct gw_option gw_export_options[];
extern const struct gw_option gw_calibrate_options[];
extern const struct gw_option gw_check_options[];
extern const struct gw_option gw_compare_options[];
extern const struct gw_option gw_reproduce_options[];
extern const struct gw_option gw_validate_options[];
extern const struct gw_option gw_plot_options[];
extern const struct gw_option gw_report_options[];
extern const struct gw_option gw_bench_options[];

int gw_verb_list(int argc, char **argv);
int gw_verb_show(int argc, char **argv);
int gw_verb_run(int argc, char **argv);
int gw_verb_sweep(int argc, char **argv);
int gw_verb_export(int argc, char **argv);
int gw_verb_calibrate(int argc, char **argv);
int gw_verb_check(int argc, char **argv);
int gw_verb_compare(int argc, char **argv);
int gw_verb_reproduce(int argc, char **argv);
int gw_verb_validate(int argc, char **argv);
int gw_verb_plot(int argc, char **argv);
int gw_verb_report(int argc, char **argv);
int gw_verb_bench(int argc, char **argv);

#endif
