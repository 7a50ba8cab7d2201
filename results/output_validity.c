/* output_validity.c - whether results lie inside of what was held to measurements.
 *
 * Idea      Said below the table once for all runs of which it is the same; in JSON with each run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/output_shared.h"

enum { REASONS_SHOWN = 5 };

/* What is asked first of a migration. */
static const char *const headline_metrics[] = {"total_time_s", "ready_time_s", "downtime_s",
                                               "guest_iops_during"};

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *
spread_json(const char *metric, const struct gw_spread *spread)
{
    json_t *object = json_object();

    json_object_set_new(object, "metric", json_string(metric));
    json_object_set_new(object, "n", json_integer((json_int_t)spread->count));
    json_object_set_new(object, "median_abs_error_pct", gw_output_number_json(spread->median));
    json_object_set_new(object, "p90_abs_error_pct", gw_output_number_json(spread->p90));
    json_object_set_new(object, "worst_abs_error_pct", gw_output_number_json(spread->worst));
    return object;
}

static json_t *
card_json(const struct gw_card *card)
{
    json_t *object = json_object();

    json_object_set_new(object, "technique", json_string(card->technique));
    json_object_set_new(object, "cases", json_integer((json_int_t)card->cases));
    json_object_set_new(object, "fitted", json_integer((json_int_t)card->fitted));
    return object;
}

static json_t *
validity_json(const struct gw_validity *validity)
{
    const struct gw_card *card = validity->card;
    json_t *object = json_object();
    json_t *reasons = json_array();
    json_t *errors = json_array();

    for (size_t i = 0; i < validity->reason_count; i++) {
        json_array_append_new(reasons, json_string(validity->reasons[i]));
    }
    for (size_t i = 0; card != NULL && i < card->error_count; i++) {
        json_array_append_new(errors, spread_json(card->errors[i].metric, &card->errors[i].all));
    }
    json_object_set_new(object, "inside", json_boolean(validity->inside));
    json_object_set_new(object, "card", card == NULL ? json_null() : card_json(card));
    json_object_set_new(object, "reasons", reasons);
    json_object_set_new(object, "errors", errors);
    return object;
}

json_t *
gw_output_validity_json(const struct gw_cards *cards, const struct gw_result *result)
{
    struct gw_validity validity;
    json_t *object;

    if (!gw_cards_check(cards, result->canonical, &validity, NULL)) {
        return json_null();
    }
    object = validity_json(&validity);
    gw_validity_clear(&validity);
    return object;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void
add_errors(struct gw_text *text, const struct gw_card *card)
{
    for (size_t k = 0; k < sizeof headline_metrics / sizeof headline_metrics[0]; k++) {
        for (size_t i = 0; i < card->error_count; i++) {
            const struct gw_card_error *error = &card->errors[i];

            if (strcmp(error->metric, headline_metrics[k]) == 0) {
                gw_text_format(text, "\n  %s: median error %.1f %%, worst %.1f %%, n = %zu",
                               error->metric, error->all.median, error->all.worst,
                               error->all.count);
            }
        }
    }
}

static void
add_validity(struct gw_text *text, const struct gw_validity *validity)
{
    const struct gw_card *card = validity->card;

    if (card == NULL) {
        gw_text_format(text, "not validated: %s", validity->reasons[0]);
        return;
    }
    gw_text_format(text, "%s range of %s (%zu measured cases, %zu of them fitted to):",
                   validity->inside ? "inside the validated" : "outside the validated",
                   card->technique, card->cases, card->fitted);
    for (size_t i = 0; i < validity->reason_count && i < REASONS_SHOWN; i++) {
        gw_text_format(text, "\n  %.200s%s", validity->reasons[i],
                       strlen(validity->reasons[i]) > 200 ? " ..." : "");
    }
    if (validity->reason_count > REASONS_SHOWN) {
        gw_text_format(text, "\n  and %zu more reasons; --format json has them all",
                       validity->reason_count - REASONS_SHOWN);
    }
    if (validity->inside) {
        add_errors(text, card);
    }
}

/* Caller frees; NULL: memory out. */
static char *
validity_text(const struct gw_cards *cards, const struct gw_result *result)
{
    struct gw_validity validity;
    struct gw_text text = {0};

    if (!gw_cards_check(cards, result->canonical, &validity, NULL)) {
        return NULL;
    }
    add_validity(&text, &validity);
    gw_validity_clear(&validity);
    return gw_text_take(&text);
}

static void
print_once(FILE *stream, char *const *texts, size_t count, size_t index)
{
    size_t same = 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i], texts[index]) == 0) {
            if (i < index) {
                return;
            }
            same++;
        }
    }
    if (same < count) {
        fprintf(stream, "\n%zu of %zu runs: %s\n", same, count, texts[index]);
        return;
    }
    fprintf(stream, "\n%s\n", texts[index]);
}

bool
gw_output_validity_text(const struct gw_output *output, const struct gw_result *const *results,
                        size_t count)
{
    char **texts = calloc(count + 1, sizeof(char *));
    bool fine = texts != NULL;

    for (size_t i = 0; fine && i < count; i++) {
        texts[i] = validity_text(output->cards, results[i]);
        fine = texts[i] != NULL;
    }
    for (size_t i = 0; fine && i < count; i++) {
        print_once(output->stream, texts, count, i);
    }
    for (size_t i = 0; texts != NULL && i < count; i++) {
        free(texts[i]);
    }
    free(texts);
    return fine;
}
