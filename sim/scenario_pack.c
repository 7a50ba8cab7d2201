/* scenario_pack.c - scenarios by name: "atc11/oltp" in ./scenarios or in the installed ones.
 *
 * Idea      A path that exists wins. Otherwise ./scenarios, $GODWIT_DATADIR/scenarios, the folder
 *           beside that of the program (a build inside the source) and the installed directory are
 *           tried in this order, with and without .yaml. Lists are sorted by byte value, never in
 *           directory order.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/scenario.h"

#ifndef GW_DATADIR
#define GW_DATADIR "/usr/local/share/godwit"
#endif

static bool
has_mode(const char *path, mode_t type)
{
    struct stat status;

    return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == type;
}

static char *
join(const char *directory, const char *name, const char *suffix)
{
    struct gw_text text = {0};

    if (directory[0] != '\0') {
        gw_text_format(&text, "%s/", directory);
    }
    gw_text_format(&text, "%s%s", name, suffix);
    return gw_text_take(&text);
}

enum { DIRECTORY_COUNT = 4, PATH_BYTES = 4096 };

/* The folder above the program's; "." when it cannot be told. */
static const char *
above_program(char path[PATH_BYTES])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_BYTES - 1);

    path[length > 0 ? length : 0] = '\0';
    for (int levels = 0; levels < 2; levels++) {
        char *slash = strrchr(path, '/');

        if (slash == NULL || slash == path) {
            return ".";
        }
        *slash = '\0';
    }
    return path;
}

/* The directories in the order of look-up. */
static bool
list_directories(char *directories[DIRECTORY_COUNT])
{
    char path[PATH_BYTES];
    const char *own = getenv("GODWIT_DATADIR");
    const char *const parents[DIRECTORY_COUNT] = {".", own == NULL ? "." : own, above_program(path),
                                                  GW_DATADIR};
    bool fine = true;

    for (size_t i = 0; i < DIRECTORY_COUNT; i++) {
        directories[i] =
            strcmp(parents[i], ".") == 0 ? strdup("scenarios") : join(parents[i], "scenarios", "");
        fine = fine && directories[i] != NULL;
    }
    return fine;
}

static void
free_directories(char *directories[DIRECTORY_COUNT])
{
    for (size_t i = 0; i < DIRECTORY_COUNT; i++) {
        free(directories[i]);
    }
}

/* The path if it is a file; NULL otherwise. */
static char *
try_file(const char *directory, const char *name, const char *suffix)
{
    char *path = join(directory, name, suffix);

    if (path != NULL && has_mode(path, S_IFREG)) {
        return path;
    }
    free(path);
    return NULL;
}

/* ---- lists -------------------------------------------------------------------------------------- */

/* Names in a directory, sorted. */
struct names {
    char **items;
    size_t count;
};

static void
names_clear(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i]);
    }
    free(names->items);
    *names = (struct names){0};
}

static bool
names_add(struct names *names, const char *name, size_t length)
{
    char **items = realloc(names->items, (names->count + 2) * sizeof *items);

    if (items == NULL) {
        return false;
    }
    names->items = items;
    items[names->count] = strndup(name, length);
    items[names->count + 1] = NULL;
    return items[names->count] != NULL && ++names->count > 0;
}

static int
compare_names(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;

    return strcmp(*a, *b);
}

/* Length of the part to keep: of "x.yaml" the stem, of a directory all; 0 = not wanted. */
static size_t
wanted_length(const char *directory, const char *name, bool directories_only)
{
    size_t length = strlen(name);
    char *path = join(directory, name, "");
    bool is_directory = path != NULL && has_mode(path, S_IFDIR);

    free(path);
    if (name[0] == '.') {
        return 0;
    }
    if (directories_only) {
        return is_directory ? length : 0;
    }
    return !is_directory && length > 5 && strcmp(name + length - 5, ".yaml") == 0 ? length - 5 : 0;
}

/* False: memory out. A directory that cannot be read is empty. */
static bool
names_read(struct names *names, const char *directory, bool directories_only)
{
    DIR *stream = opendir(directory);
    bool fine = true;

    if (stream == NULL) {
        return true;
    }
    for (struct dirent *entry = readdir(stream); entry != NULL && fine; entry = readdir(stream)) {
        size_t length = wanted_length(directory, entry->d_name, directories_only);

        fine = length == 0 || names_add(names, entry->d_name, length);
    }
    closedir(stream);
    if (names->count > 1) {
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    }
    return fine;
}

static bool
has_pack(const struct gw_packs *packs, const char *name)
{
    for (size_t i = 0; i < packs->count; i++) {
        if (strcmp(packs->items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool
add_pack(struct gw_packs *packs, const char *directory, const char *name)
{
    struct gw_pack *items = realloc(packs->items, (packs->count + 1) * sizeof *items);
    struct names scenarios = {0};
    struct gw_pack *pack;

    if (items == NULL) {
        return false;
    }
    packs->items = items;
    pack = &items[packs->count++];
    *pack = (struct gw_pack){.name = strdup(name), .directory = join(directory, name, "")};
    if (pack->name == NULL || pack->directory == NULL) {
        return false;
    }
    if (!names_read(&scenarios, pack->directory, false)) {
        names_clear(&scenarios);
        return false;
    }
    pack->scenarios = scenarios.items;
    pack->scenario_count = scenarios.count;
    return true;
}

static int
compare_packs(const void *left, const void *right)
{
    const struct gw_pack *a = left;
    const struct gw_pack *b = right;

    return strcmp(a->name, b->name);
}

bool
gw_packs_list(struct gw_packs *packs, struct gw_error *err)
{
    char *directories[DIRECTORY_COUNT];
    bool fine = list_directories(directories);

    *packs = (struct gw_packs){0};
    for (size_t d = 0; d < DIRECTORY_COUNT && fine; d++) {
        struct names names = {0};

        fine = names_read(&names, directories[d], true);
        for (size_t i = 0; fine && i < names.count; i++) {
            fine =
                has_pack(packs, names.items[i]) || add_pack(packs, directories[d], names.items[i]);
        }
        names_clear(&names);
    }
    free_directories(directories);
    if (!fine) {
        gw_packs_clear(packs);
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    if (packs->count > 1) {
        qsort(packs->items, packs->count, sizeof *packs->items, compare_packs);
    }
    return true;
}

void
gw_packs_clear(struct gw_packs *packs)
{
    for (size_t i = 0; i < packs->count; i++) {
        struct names scenarios = {packs->items[i].scenarios, packs->items[i].scenario_count};

        names_clear(&scenarios);
        free(packs->items[i].name);
        free(packs->items[i].directory);
    }
    free(packs->items);
    *packs = (struct gw_packs){0};
}

/* ---- finding ------------------------------------------------------------------------------------ */

static bool
fail_missing(const char *argument, struct gw_error *err)
{
    struct gw_packs packs;
    char best[256] = "";

    if (!gw_packs_list(&packs, err)) {
        return false;
    }
    for (size_t i = 0; i < packs.count; i++) {
        for (size_t j = 0; j < packs.items[i].scenario_count && best[0] == '\0'; j++) {
            char name[256];
            const char *const words[] = {name, NULL};

            snprintf(name, sizeof name, "%s/%s", packs.items[i].name, packs.items[i].scenarios[j]);
            if (gw_nearest_word(argument, words) != NULL) {
                memcpy(best, name, sizeof best);
            }
        }
    }
    gw_packs_clear(&packs);
    if (best[0] != '\0') {
        return gw_fail(err, GW_ENOENT, "no scenario '%.300s'; did you mean '%s'?", argument, best);
    }
    return gw_fail(err, GW_ENOENT,
                   "no scenario '%.300s': neither a file nor in ./scenarios or %s (see: godwit "
                   "list packs)",
                   argument, GW_DATADIR "/scenarios");
}

/* The first file of that name in the scenario directories; NULL: none, or memory out. */
static char *
search(const char *argument)
{
    char *directories[DIRECTORY_COUNT];
    char *path = NULL;

    if (list_directories(directories)) {
        path = try_file("", argument, ".yaml");
        for (size_t i = 0; i < DIRECTORY_COUNT && path == NULL; i++) {
            path = try_file(directories[i], argument, ".yaml");
            path = path != NULL ? path : try_file(directories[i], argument, "");
        }
    }
    free_directories(directories);
    return path;
}

char *
gw_scenario_find(const char *argument, struct gw_error *err)
{
    char *path;

    if (has_mode(argument, S_IFREG) || has_mode(argument, S_IFIFO) || has_mode(argument, S_IFCHR)) {
        path = strdup(argument);
        if (path == NULL) {
            gw_fail(err, GW_ENOMEM, "out of memory");
        }
        return path;
    }
    path = search(argument);
    if (path == NULL) {
        fail_missing(argument, err);
    }
    return path;
}
