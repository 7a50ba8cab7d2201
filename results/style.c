/* style.c - the table of looks.
 *
 * Source    Okabe and Ito, Color Universal Design (2008): eight colours that stay apart for the
 *           colour-blind; dash, marker and fill keep them apart in grey print too. Two
 *           dark colours more are of the muted scheme of Tol (Colour Schemes, 2021); brown is none
 *           of theirs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/style.h"

#include <stdint.h>
#include <string.h>

static const struct gw_style styles[] = {
    {"snapshot", "Snapshot", "#0072B2", 3, 5, 0.95},
    {"overlay", "Overlays", "#6A3D1A", 1, 3, 0.95},
    {"stream", "Overlay stream", "#332288", 5, 12, 0.60},
    {"dbt", "DBT", "#D55E00", 2, 7, 0.90},
    {"incremental-dbt", "Incremental DBT", "#E69F00", 4, 9, 0.90},
    {"heat", "DBT with heat", "#CC79A7", 5, 11, 0.50},
    {"mirror", "IO Mirroring", "#009E73", 1, 13, 0.75},
    {"write-blocking", "Write blocking", "#56B4E9", 2, 4, 0.80},
    {"background", "Background", "#882255", 4, 6, 0.95},
    {"cold", "Cold", "#000000", 3, 8, 0.90},
    {"null", "No migration", "#888888", 3, 2, 0.40},
    {"skeleton", "Skeleton", "#AAAAAA", 5, 1, 0.20},
    {"precopy", "Pre-copy", "#0072B2", 1, 5, 0.95},
    {"postcopy", "Post-copy", "#009E73", 2, 7, 0.75},
    {"hybrid", "Pre- then post-copy", "#E69F00", 4, 9, 0.90},
    {"stop-and-copy", "Stop and copy", "#000000", 3, 11, 0.90},
    /* What is not an architecture: */
    {"read-source", "Read IOPS Source", "#0072B2", 1, 5, 0.90},
    {"write-source", "Write IOPS Source", "#D55E00", 2, 7, 0.90},
    {"write-target", "Write IOPS Destination", "#009E73", 4, 9, 0.90},
    {"guest-iops", "Guest IOPS", "#0072B2", 1, 5, 0.90},
    {"before-level", "Level before", "#404040", 2, 5, 0.90},
    {"asked-level", "Rate asked for", "#404040", 2, 5, 0.90},
    {"lost", "Lost work", "#D55E00", 1, 5, 0.35},
    {"latency-mean", "Mean latency", "#0072B2", 1, 5, 0.90},
    {"latency-most", "Largest latency", "#D55E00", 2, 7, 0.90},
    {"copied", "Copied", "#56B4E9", 1, 5, 0.85},
    {"sent-pass", "Sent, as encoded", "#56B4E9", 1, 5, 0.85},
    {"found-dirty", "Found dirty after it", "#D55E00", 1, 7, 0.90},
    {"hot-block", "Hot Block", "#D55E00", 1, 5, 0.90},
    {"cold-block", "Cold Block", "#56B4E9", 1, 7, 0.80},
    {"baseline", "Baseline without Heat", "#000000", 2, 7, 0.90},
    {"lock-latency", "Lock Latency", "#D55E00", 1, 7, 0.90},
    {"mover-time", "Data Mover Time", "#0072B2", 1, 7, 0.90},
    {"remaining", "Remaining", "#0072B2", 1, 5, 0.90},
    {"dirty-rate", "Dirtied", "#D55E00", 2, 7, 0.90},
    {"sent-rate", "Sent", "#009E73", 1, 9, 0.90},
    {"throttle", "Throttle", "#AA4499", 1, 11, 0.30},
    {"guest-speed", "Guest Speed", "#0072B2", 1, 5, 0.90},
    {"expected", "Published", "#888888", 3, 4, 0.90},
    {"measured", "Measured", "#000000", 1, 6, 0.90},
    {"predicted", "Predicted", "#D55E00", 2, 7, 0.90},
    {"diagonal", NULL, "#404040", 1, 7, 0.90},
    {"band", "Within 10 %", "#BBBBBB", 1, 5, 0.30},
    {"side-a", NULL, "#0072B2", 1, 5, 0.90},
    {"side-b", NULL, "#D55E00", 2, 7, 0.90},
    {"interval", NULL, "#202020", 1, 0, 0.90},
    /* Groups of measured cases: */
    {"group-A", NULL, "#0072B2", 1, 5, 0.90},
    {"group-B", NULL, "#D55E00", 1, 7, 0.90},
    {"group-C", NULL, "#009E73", 1, 9, 0.90},
    {"group-D", NULL, "#CC79A7", 1, 11, 0.90},
    {"group-E", NULL, "#E69F00", 1, 13, 0.90},
    {"group-F", NULL, "#56B4E9", 1, 4, 0.90},
    {"group-G", NULL, "#000000", 1, 6, 0.90},
    {"group-H", NULL, "#D55E00", 1, 12, 0.90},
    {"group-I", NULL, "#0072B2", 1, 10, 0.90},
    {"group-J", NULL, "#B8A200", 1, 8, 0.90},
    {"group-K", NULL, "#888888", 1, 5, 0.90},
    {"group-L", NULL, "#009E73", 1, 4, 0.90},
    {"group-U", NULL, "#CC79A7", 1, 6, 0.90},
};

static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#E69F00",
                                      "#CC79A7", "#56B4E9", "#000000", "#882255"};
static const int markers[] = {5, 7, 9, 11, 13, 4, 6, 8};
static const double fills[] = {0.95, 0.9, 0.75, 0.9, 0.5, 0.7, 0.9, 0.6};
/* Own lengths: gnuplot's look different in each of its terminals. */
static const char *const dashes[] = {"1", "(9,3)", "(2,2.5)", "(9,3,2,3)", "(5,2,2,2,2,2)"};

enum {
    COLOUR_COUNT = sizeof colours / sizeof colours[0],
    MARKER_COUNT = sizeof markers / sizeof markers[0],
    DASH_COUNT = sizeof dashes / sizeof dashes[0]
};

const char *
gw_style_dash(int dash)
{
    return dashes[(size_t)(dash - 1) % DASH_COUNT];
}

static const struct gw_style *
find(const char *key, size_t length)
{
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
        if (strlen(styles[i].key) == length && strncmp(styles[i].key, key, length) == 0) {
            return &styles[i];
        }
    }
    return NULL;
}

static struct gw_style
by_letters(const char *key, size_t length)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)key[i]) * 16777619U;
    }
    size_t colour = hash % COLOUR_COUNT;
    return (struct gw_style){key,
                             NULL,
                             colours[colour],
                             (int)(hash / COLOUR_COUNT % DASH_COUNT) + 1,
                             markers[hash / COLOUR_COUNT / DASH_COUNT % MARKER_COUNT],
                             fills[colour]};
}

/* Number n of "KEY#n", from 0; 0 when there is none. */
static size_t
variant_of(const char *key, size_t length)
{
    size_t number = 0;

    for (const char *digit = key + length + (key[length] == '#'); *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9' || number > 1000) {
            return 0;
        }
        number = 10 * number + (size_t)(*digit - '0');
    }
    return number;
}

/* The variants of "series" are told apart by colour, those of an architecture keep its colour. */
struct gw_style
gw_style_of(const char *key)
{
    size_t length = strcspn(key, "#");
    size_t number = variant_of(key, length);
    const struct gw_style *known = find(key, length);

    if (length == strlen("series") && strncmp(key, "series", length) == 0) {
        return (struct gw_style){key,
                                 NULL,
                                 colours[number % COLOUR_COUNT],
                                 (int)(number % DASH_COUNT) + 1,
                                 markers[number % MARKER_COUNT],
                                 fills[number % COLOUR_COUNT]};
    }
    struct gw_style style = known == NULL ? by_letters(key, length) : *known;
    if (number > 0) {
        style.dash = (style.dash + (int)number - 1) % (int)DASH_COUNT + 1;
        style.marker = markers[(size_t)(style.marker + (int)number) % MARKER_COUNT];
        style.fill = style.fill / (1.0 + 0.6 * (double)number);
        style.label = NULL;
    }
    return style;
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
