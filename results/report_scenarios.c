/* report_scenarios.c - the resolved scenarios: what they share once, then what each has of its own.
 *
 * Idea      The scenarios of a study differ in a few settings. What all have is the intersection of
 *           their JSON; of each one only the leaves are shown that are not in it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "results/html.h"
#include "results/report_shared.h"

enum { CONFIGS_MOST = 400, DEPTH_MOST = 64 };

static const char DIFFERS[] = "\xE2\x80\xA6 differs";

/* ---- what all have --------------------------------------------------------------------------- */

static json_t *shared_of(json_t *a, json_t *b, int depth);

static json_t *
shared_members(json_t *a, json_t *b, int depth)
{
    json_t *shared = json_object();
    const char *key;
    json_t *value;

    json_object_foreach(a, key, value)
    {
        json_t *common = shared_of(value, json_object_get(b, key), depth);
        if (common != NULL) {
            json_object_set_new(shared, key, common);
        }
    }
    return shared;
}

static json_t *
shared_items(json_t *a, json_t *b, int depth)
{
    json_t *shared = json_array();

    for (size_t i = 0; i < json_array_size(a); i++) {
        json_t *common = shared_of(json_array_get(a, i), json_array_get(b, i), depth);
        json_array_append_new(shared, common != NULL ? common : json_string(DIFFERS));
    }
    return shared;
}

/* NULL: nothing is common. */
static json_t *
shared_of(json_t *a, json_t *b, int depth)
{
    if (a == NULL || b == NULL || depth == 0) {
        return NULL;
    }
    if (json_equal(a, b)) {
        return json_incref(a);
    }
    if (json_is_object(a) && json_is_object(b)) {
        return shared_members(a, b, depth - 1);
    }
    if (json_is_array(a) && json_array_size(a) == json_array_size(b)) {
        return shared_items(a, b, depth - 1);
    }
    return NULL;
}

/* ---- what one has of its own ----------------------------------------------------------------- */

static void
add_leaf(struct gw_text *out, const char *path, const json_t *value)
{
    char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));

    gw_text_add(out, "<li><code>");
    gw_html_format(out, "%s: %s", path, dumped == NULL ? "?" : dumped);
    gw_text_add(out, "</code></li>\n");
    free(dumped);
}

static void
add_differences(struct gw_text *out, const char *path, json_t *value, json_t *shared, int depth)
{
    struct gw_text below = {0};
    const char *key;
    json_t *member;

    if (shared != NULL && json_equal(value, shared)) {
        return;
    }
    if (depth == 0 || (!json_is_object(value) && !json_is_array(value)) ||
        (json_is_array(value) && shared == NULL)) {
        add_leaf(out, path, value);
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        gw_text_format(&below, "%s[%zu]", path, i);
        add_differences(out, below.failed ? "" : below.bytes, json_array_get(value, i),
                        json_array_get(shared, i), depth - 1);
        gw_text_clear(&below);
    }
    if (!json_is_object(value)) {
        return;
    }
    json_object_foreach(value, key, member)
    {
        gw_text_format(&below, "%s%s%s", path, path[0] == '\0' ? "" : ".", key);
        add_differences(out, below.failed ? "" : below.bytes, member, json_object_get(shared, key),
                        depth - 1);
        gw_text_clear(&below);
    }
}

/* ---- the section ----------------------------------------------------------------------------- */

void
gw_report_shell_word(struct gw_text *out, const char *word)
{
    gw_text_add(out, "'");
    for (; *word != '\0'; word++) {
        gw_text_add(out, *word == '\'' ? "'\\'" : "");
        gw_text_add_bytes(out, word, 1);
    }
    gw_text_add(out, "'");
}

static void
add_command(const struct gw_report_page *page, const struct gw_report_config *config, size_t number)
{
    struct gw_text text = {0};

    gw_text_add(&text, "sqlite3 -readonly ");
    gw_report_shell_word(&text, page->report->database);
    gw_text_format(&text,
                   " \"SELECT canonical FROM config JOIN run ON config_hash = hash WHERE run_id = "
                   "'%s'\" > S%zu.yaml\n"
                   "godwit run S%zu.yaml --replication %lld",
                   config->first->run_id, number, number, (long long)config->first->replication);
    gw_html_element(page->out, "pre", text.bytes);
    page->out->failed |= text.failed;
    gw_text_clear(&text);
}

static void
add_config(const struct gw_report_page *page, size_t index, json_t *scenario, json_t *shared)
{
    const struct gw_report_config *config = &page->book->configs[index];
    const struct gw_result *first = config->first;
    struct gw_text *out = page->out;

    gw_text_format(out,
                   "<details class=\"scenario\" id=\"scenario-%zu\"><summary>S%zu: ", index + 1,
                   index + 1);
    gw_html_text(out, first->architecture);
    for (size_t i = 0; i < first->parameter_count; i++) {
        if (strcmp(first->parameter_values[i], first->architecture) != 0) {
            gw_html_format(out, ", %s=%s", gw_result_short_name(first->parameter_names[i]),
                           first->parameter_values[i]);
        }
    }
    gw_text_format(out, " (%zu run%s)</summary>\n", config->runs, config->runs == 1 ? "" : "s");
    if (scenario == NULL) {
        gw_text_add(out, "<p>This is no scenario that can be read:</p>");
        gw_html_element(out, "pre", config->canonical);
    } else if (!json_equal(scenario, shared)) {
        gw_text_add(out, "<ul class=\"tight\">\n");
        add_differences(out, "", scenario, shared, DEPTH_MOST);
        gw_text_add(out, "</ul>\n");
    }
    add_command(page, config, index + 1);
    gw_text_add(out, "</details>\n");
}

static bool
is_of(const struct gw_report_page *page, size_t index, const char *scenario)
{
    return strcmp(page->book->configs[index].first->scenario, scenario) == 0;
}

static bool
is_first(const struct gw_report_page *page, size_t index)
{
    const char *scenario = page->book->configs[index].first->scenario;

    for (size_t i = 0; i < index; i++) {
        if (is_of(page, i, scenario)) {
            return false;
        }
    }
    return true;
}

static json_t *
shared_of_all(const struct gw_report_page *page, const char *scenario, json_t **parsed)
{
    json_t *shared = NULL;

    for (size_t i = 0; i < page->book->config_count; i++) {
        if (!is_of(page, i, scenario) || parsed[i] == NULL) {
            continue;
        }
        json_t *narrower =
            shared == NULL ? json_incref(parsed[i]) : shared_of(shared, parsed[i], DEPTH_MOST);
        json_decref(shared);
        shared = narrower;
    }
    return shared;
}

static void
add_scenario(const struct gw_report_page *page, const char *scenario, json_t **parsed)
{
    struct gw_text *out = page->out;
    json_t *shared = shared_of_all(page, scenario, parsed);
    char *dumped =
        shared == NULL
            ? NULL
            : json_dumps(shared, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    size_t shown = 0;

    gw_text_add(out, "<h3>");
    gw_html_text(out, scenario);
    gw_text_add(out, "</h3>\n<details><summary>What all of its runs share</summary>\n");
    gw_html_element(out, "pre", dumped == NULL ? "nothing" : dumped);
    gw_text_add(out, "</details>\n");
    for (size_t i = 0; i < page->book->config_count; i++) {
        if (is_of(page, i, scenario) && shown++ < CONFIGS_MOST) {
            add_config(page, i, parsed[i], shared);
        }
    }
    if (shown > CONFIGS_MOST) {
        gw_text_format(out, "<p>And %zu more; they are in the database.</p>\n",
                       shown - CONFIGS_MOST);
    }
    free(dumped);
    json_decref(shared);
}

bool
gw_report_scenarios(const struct gw_report_page *page, struct gw_error *err)
{
    const struct gw_report_book *book = page->book;
    json_t **parsed = calloc(book->config_count + 1, sizeof(json_t *));

    if (parsed == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the scenarios");
    }
    gw_text_add(page->out,
                "<section id=\"scenarios\">\n<h2>Scenarios</h2>\n<p>Every setting with its default "
                "filled in, in base units. The commands take a scenario out of the database and "
                "repeat its first run; <code>-n</code> in place of <code>--replication</code> "
                "repeats several. The same run id means the same numbers, on any machine. A trace "
                "that a scenario replays is named by its digest: put the path of the file in its "
                "place.</p>\n");
    for (size_t i = 0; i < book->config_count; i++) {
        parsed[i] = json_loads(book->configs[i].canonical, 0, NULL);
        if (!json_is_object(parsed[i])) {
            json_decref(parsed[i]);
            parsed[i] = NULL;
        }
    }
    for (size_t i = 0; i < book->config_count; i++) {
        if (is_first(page, i)) {
            add_scenario(page, book->configs[i].first->scenario, parsed);
        }
    }
    for (size_t i = 0; i < book->config_count; i++) {
        json_decref(parsed[i]);
    }
    free(parsed);
    gw_text_add(page->out, "</section>\n");
    return true;
}
