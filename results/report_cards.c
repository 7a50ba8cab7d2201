/* report_cards.c - what was modelled, after which source, and whether it was held to measurements.
 *
 * Idea      Many scenarios of a study get the same answer of the model card: it is said once, with
 *           the scenarios it is about.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/architecture_list.h"
#include "algorithms/memory_list.h"
#include "results/html.h"
#include "results/report_shared.h"

enum { REASONS_MOST = 12, REASON_BYTES = 400 };

/* ---- architectures --------------------------------------------------------------------------- */

static void
add_architecture(struct gw_text *out, const char *name, const char *title, const char *source)
{
    gw_text_add(out, "<tr>");
    gw_html_element(out, "th", name);
    gw_html_element(out, "td", title);
    gw_html_element(out, "td", source);
    gw_text_add(out, "</tr>\n");
}

static bool
is_used(const struct gw_result_list *runs, const char *architecture)
{
    for (size_t i = 0; i < runs->count; i++) {
        if (strcmp(runs->results[i].architecture, architecture) == 0) {
            return true;
        }
    }
    return false;
}

static void
add_architectures(const struct gw_report_page *page)
{
    const struct gw_result_list *runs = page->report->runs;
    struct gw_text *out = page->out;

    gw_text_add(out, "<div class=\"scroll\" tabindex=\"0\"><table class=\"words\"><thead><tr>"
                     "<th>architecture</th><th>what it does</th><th>source</th></tr></thead>"
                     "<tbody>\n");
    for (size_t i = 0; gw_architectures[i] != NULL; i++) {
        const struct gw_architecture *known = gw_architectures[i];
        if (is_used(runs, known->name)) {
            add_architecture(out, known->name, known->title, known->source);
        }
    }
    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        const struct gw_memory_architecture *known = gw_memory_architectures[i];
        if (is_used(runs, known->name)) {
            add_architecture(out, known->name, known->title, known->source);
        }
    }
    gw_text_add(out, "</tbody></table></div>\n");
}

/* ---- what the cards say ---------------------------------------------------------------------- */

static void
add_percent(struct gw_text *out, double percent)
{
    if (isfinite(percent)) {
        gw_text_format(out, "<td>%.1f</td>", percent);
        return;
    }
    gw_text_add(out, "<td>-</td>");
}

static void
add_spread(struct gw_text *out, const struct gw_spread *spread)
{
    gw_text_format(out, "<td>%zu</td>", spread->count);
    add_percent(out, spread->median);
    add_percent(out, spread->p90);
    add_percent(out, spread->worst);
}

static void
add_errors(struct gw_text *out, const struct gw_card *card)
{
    gw_text_add(
        out, "<details><summary>Errors seen</summary><div class=\"scroll\" tabindex=\"0\"><table>"
             "<thead><tr><th rowspan=\"2\">metric</th><th colspan=\"4\">all cases, error in "
             "%</th><th colspan=\"4\">without those fitted to</th></tr><tr><th>n</th>"
             "<th>median</th><th>p90</th><th>worst</th><th>n</th><th>median</th><th>p90</th>"
             "<th>worst</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < card->error_count; i++) {
        gw_text_add(out, "<tr>");
        gw_html_element(out, "th", card->errors[i].metric);
        add_spread(out, &card->errors[i].all);
        add_spread(out, &card->errors[i].predicted);
        gw_text_add(out, "</tr>\n");
    }
    gw_text_add(out, "</tbody></table></div></details>\n");
}

static void
add_reasons(struct gw_text *out, const struct gw_validity *validity)
{
    gw_text_add(out, validity->reason_count > 0 ? "<ul class=\"tight\">\n" : "");
    for (size_t i = 0; i < validity->reason_count && i < REASONS_MOST; i++) {
        const char *reason = validity->reasons[i];
        bool cut = strlen(reason) > REASON_BYTES;

        gw_text_add(out, "<li>");
        gw_html_format(out, "%.*s%s", (int)REASON_BYTES, reason, cut ? " ..." : "");
        gw_text_add(out, "</li>\n");
    }
    if (validity->reason_count > REASONS_MOST) {
        gw_text_format(out, "<li>and %zu more</li>\n", validity->reason_count - REASONS_MOST);
    }
    gw_text_add(out, validity->reason_count > 0 ? "</ul>\n" : "");
}

/* What is said of one scenario; the caller frees. */
static char *
answer(const struct gw_report_page *page, const char *canonical)
{
    struct gw_validity validity;
    struct gw_text text = {0};
    struct gw_text *out = &text;

    if (!gw_cards_check(page->report->cards, canonical, &validity, NULL)) {
        gw_text_add(out, "<p><strong>? Unknown.</strong> The scenario cannot be read.</p>\n");
        return gw_text_take(out);
    }
    if (validity.card == NULL) {
        gw_text_add(out, "<p><strong>\xE2\x9C\x97 Not validated:</strong></p>\n");
    } else {
        gw_text_format(out, "<p><strong>%s the checked range</strong> of the technique <code>",
                       validity.inside ? "\xE2\x9C\x93 Inside" : "\xE2\x96\xB3 Outside");
        gw_html_text(out, validity.card->technique);
        gw_text_format(out,
                       "</code>: %zu measured cases, costs were fitted to %zu of them; outcome "
                       "right in %zu of %zu.%s</p>\n",
                       validity.card->cases, validity.card->fitted, validity.card->right,
                       validity.card->judged, validity.inside ? "" : " What differs:");
    }
    add_reasons(out, &validity);
    if (validity.card != NULL) {
        add_errors(out, validity.card);
    }
    gw_validity_clear(&validity);
    return gw_text_take(out);
}

static void
add_answer(struct gw_text *out, char *const *answers, size_t count, size_t index)
{
    const char *separator = "<h3>Scenarios ";

    for (size_t i = 0; i < index; i++) {
        if (strcmp(answers[i], answers[index]) == 0) {
            return;
        }
    }
    for (size_t i = index; i < count; i++) {
        if (strcmp(answers[i], answers[index]) == 0) {
            gw_text_format(out, "%s<a href=\"#scenario-%zu\">S%zu</a>", separator, i + 1, i + 1);
            separator = ", ";
        }
    }
    gw_text_add(out, "</h3>\n");
    gw_text_add(out, answers[index]);
}

bool
gw_report_cards(const struct gw_report_page *page, struct gw_error *err)
{
    size_t count = page->book->config_count;
    char **answers = calloc(count + 1, sizeof(char *));
    bool fine = answers != NULL;

    gw_text_add(page->out, "<section id=\"cards\">\n<h2>Model cards</h2>\n");
    add_architectures(page);
    for (size_t i = 0; fine && i < count; i++) {
        answers[i] = answer(page, page->book->configs[i].canonical);
        fine = answers[i] != NULL;
    }
    for (size_t i = 0; fine && i < count; i++) {
        add_answer(page->out, answers, count, i);
    }
    for (size_t i = 0; answers != NULL && i < count; i++) {
        free(answers[i]);
    }
    free(answers);
    gw_text_add(
        page->out,
        "<p class=\"note\">Inside means that every setting is one that a measured case had, "
        "or lies between two; it is no promise. <code>godwit list cards</code> has the "
        "whole cards.</p>\n</section>\n");
    return fine || gw_fail(err, GW_ENOMEM, "out of memory for the model cards");
}
