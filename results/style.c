/* style.c - the table of looks.
 *
 * Source    Okabe and Ito, Color Universal Design (2008): eight colours that stay apart for the
 *           colour-blind; dash and marker keep them apart in grey print too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/style.h"

#include <stdint.h>
#include <string.h>

static const struct gw_style styles[] = {
    {"snapshot", "Snapshot", "#0072B2", 1, 5},
    {"dbt", "DBT", "#D55E00", 2, 7},
    {"incremental-dbt", "Incremental DBT", "#E69F00", 4, 9},
    {"heat", "DBT with heat", "#CC79A7", 5, 11},
    {"mirror", "IO Mirroring", "#009E73", 1, 13},
    {"write-blocking", "Write blocking", "#56B4E9", 2, 4},
    {"background", "Background", "#B8A200", 4, 6},
    {"cold", "Cold", "#000000", 3, 8},
    {"null", "No migration", "#888888", 3, 2},
    {"precopy", "Pre-copy", "#0072B2", 1, 5},
    {"postcopy", "Post-copy", "#009E73", 1, 7},
    {"hybrid", "Pre- then post-copy", "#E69F00", 4, 9},
    {"stop-and-copy", "Stop and copy", "#000000", 3, 11},
    /* What is not an architecture: */
    {"read-source", "Read IOPS Source", "#0072B2", 1, 5},
    {"write-source", "Write IOPS Source", "#D55E00", 1, 7},
    {"write-target", "Write IOPS Destination", "#009E73", 1, 9},
    {"hot-block", "Hot Block", "#D55E00", 1, 5},
    {"cold-block", "Cold Block", "#56B4E9", 1, 7},
    {"baseline", "Baseline without Heat", "#000000", 2, 7},
    {"lock-latency", "Lock Latency", "#D55E00", 1, 7},
    {"mover-time", "Data Mover Time", "#0072B2", 1, 7},
    {"remaining", "Remaining", "#0072B2", 1, 5},
    {"dirty-rate", "Dirtied", "#D55E00", 1, 7},
    {"sent-rate", "Sent", "#009E73", 1, 9},
    {"throttle", "Throttle", "#CC79A7", 1, 11},
    {"guest-speed", "Guest Speed", "#0072B2", 1, 5},
    {"expected", "Published", "#888888", 3, 4},
    {"measured", "Measured", "#000000", 1, 6},
    {"predicted", "Predicted", "#D55E00", 1, 7},
    {"diagonal", NULL, "#404040", 1, 7},
    {"band", "Within 10 %", "#BBBBBB", 1, 5},
    /* Groups of measured cases: */
    {"group-A", NULL, "#0072B2", 1, 5},
    {"group-B", NULL, "#D55E00", 1, 7},
    {"group-C", NULL, "#009E73", 1, 9},
    {"group-D", NULL, "#CC79A7", 1, 11},
    {"group-E", NULL, "#E69F00", 1, 13},
    {"group-F", NULL, "#56B4E9", 1, 4},
    {"group-G", NULL, "#000000", 1, 6},
    {"group-H", NULL, "#D55E00", 1, 12},
    {"group-I", NULL, "#0072B2", 1, 10},
    {"group-J", NULL, "#B8A200", 1, 8},
    {"group-K", NULL, "#888888", 1, 5},
    {"group-L", NULL, "#009E73", 1, 4},
    {"group-U", NULL, "#CC79A7", 1, 6},
};

static const char *const colours[] = {"#0072B2", "#E69F00", "#009E73", "#D55E00",
                                      "#56B4E9", "#CC79A7", "#000000"};
static const int markers[] = {5, 7, 9, 11, 13, 4, 6, 8};

enum {
    COLOUR_COUNT = sizeof colours / sizeof colours[0],
    MARKER_COUNT = sizeof markers / sizeof markers[0],
    DASH_COUNT = 5
};

struct gw_style
gw_style_of(const char *key)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
        if (strcmp(styles[i].key, key) == 0) {
            return styles[i];
        }
    }
    for (const char *letter = key; *letter != '\0'; letter++) {
        hash = (hash ^ (unsigned char)*letter) * 16777619U;
    }
    return (struct gw_style){key, NULL, colours[hash % COLOUR_COUNT],
                             (int)(hash / COLOUR_COUNT % DASH_COUNT) + 1,
                             markers[hash / COLOUR_COUNT / DASH_COUNT % MARKER_COUNT]};
}

size_t
gw_style_rank(const char *key)
{
    size_t rank = 0;

    while (rank < sizeof styles / sizeof styles[0] && strcmp(styles[rank].key, key) != 0) {
        rank++;
    }
    return rank;
}

const char *
gw_style_label(const char *key)
{
    const char *label = gw_style_of(key).label;

    return label == NULL ? key : label;
}
