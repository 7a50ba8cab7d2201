/* model_card_file.c - cards as a CSV file: one line a range, a set of words or an error.
 *
 * Idea      One long table with the same columns everywhere can be read by people, spreadsheets
 *           and the program alike. No field holds a comma: facts see to that.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/model_card_shared.h"

enum { TECHNIQUE, KIND, NAME, COUNT, LEAST, MOST, UNIT, WORDS, MEDIAN, P90, WORST, FIELD_COUNT };

static const char header[] =
    "technique,kind,name,n,least,most,unit,words,median_pct,p90_pct,worst_pct";

/* ---- writing --------------------------------------------------------------------------------- */

static void
write_spread(FILE *file, const struct gw_card *card, const char *kind,
             const struct gw_card_error *error, const struct gw_spread *spread)
{
    if (spread->count > 0) {
        fprintf(file, "%s,%s,%s,%zu,,,,,%.2f,%.2f,%.2f\n", card->technique, kind, error->metric,
                spread->count, spread->median, spread->p90, spread->worst);
    }
}

static void
write_fact(FILE *file, const struct gw_card *card, const struct gw_card_fact *fact)
{
    if (fact->text_count == 0) {
        fprintf(file, "%s,range,%s,,%.17g,%.17g,%s,,,,\n", card->technique, fact->key, fact->least,
                fact->most, fact->unit);
        return;
    }
    fprintf(file, "%s,words,%s,,,,,", card->technique, fact->key);
    for (size_t i = 0; i < fact->text_count; i++) {
        fprintf(file, "%s%s", i == 0 ? "" : "|", fact->texts[i]);
    }
    fputs(",,,\n", file);
}

static void
write_card(FILE *file, const struct gw_card *card)
{
    const struct {
        const char *kind;
        size_t count;
    } counts[] = {{"cases", card->cases},
                  {"fitted", card->fitted},
                  {"judged", card->judged},
                  {"right", card->right}};

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        fprintf(file, "%s,%s,,%zu,,,,,,,\n", card->technique, counts[i].kind, counts[i].count);
    }
    for (size_t i = 0; i < card->error_count; i++) {
        write_spread(file, card, "error", &card->errors[i], &card->errors[i].all);
        write_spread(file, card, "predicted", &card->errors[i], &card->errors[i].predicted);
    }
    for (size_t i = 0; i < card->fact_count; i++) {
        write_fact(file, card, &card->facts[i]);
    }
}

bool
gw_cards_write(const struct gw_cards *cards, const char *path, struct gw_error *err)
{
    FILE *file = fopen(path, "w");
    bool fine;

    if (file == NULL) {
        return gw_fail(err, GW_EIO, "%s: cannot be written: %s", path, strerror(errno));
    }
    fprintf(file, "%s\n", header);
    for (size_t i = 0; i < cards->count; i++) {
        write_card(file, &cards->items[i]);
    }
    fine = ferror(file) == 0;
    fine = fclose(file) == 0 && fine;
    return fine || gw_fail(err, GW_EIO, "%s: cannot be written: %s", path, strerror(errno));
}

/* ---- reading --------------------------------------------------------------------------------- */

enum verdict { READ, WRONG, MEMORY_OUT };

struct row {
    char *fields[FIELD_COUNT];
};

/* Cuts the line up in its place. */
static bool
split(char *line, struct row *row)
{
    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        char *comma = strchr(line, ',');

        row->fields[i] = line;
        if ((comma == NULL) != (i + 1 == FIELD_COUNT)) {
            return false;
        }
        if (comma != NULL) {
            *comma = '\0';
            line = comma + 1;
        }
    }
    return true;
}

static bool
number_of(const struct row *row, size_t field, double *out)
{
    char *end;

    *out = strtod(row->fields[field], &end);
    return end != row->fields[field] && *end == '\0' && isfinite(*out);
}

static enum verdict
read_count(struct gw_card *card, const struct row *row)
{
    const struct {
        const char *kind;
        size_t *count;
    } counts[] = {{"cases", &card->cases},
                  {"fitted", &card->fitted},
                  {"judged", &card->judged},
                  {"right", &card->right}};
    double number;

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (strcmp(counts[i].kind, row->fields[KIND]) == 0 && number_of(row, COUNT, &number) &&
            number >= 0) {
            *counts[i].count = (size_t)number;
            return READ;
        }
    }
    return WRONG;
}

/* The line of the predicted ones follows that of all. */
static enum verdict
read_error(struct gw_card *card, const struct row *row)
{
    bool predicted = strcmp(row->fields[KIND], "predicted") == 0;
    struct gw_spread none = {0, NAN, NAN, NAN};
    struct gw_spread spread;
    double count;

    if (!number_of(row, COUNT, &count) || !(count > 0) || !number_of(row, MEDIAN, &spread.median) ||
        !number_of(row, P90, &spread.p90) || !number_of(row, WORST, &spread.worst)) {
        return WRONG;
    }
    spread.count = (size_t)count;
    if (!predicted) {
        return gw_card_add_error(card, row->fields[NAME], &spread, &none, NULL) ? READ : MEMORY_OUT;
    }
    if (card->error_count == 0 ||
        strcmp(card->errors[card->error_count - 1].metric, row->fields[NAME]) != 0) {
        return WRONG;
    }
    card->errors[card->error_count - 1].predicted = spread;
    return READ;
}

static enum verdict
read_range(struct gw_card *card, const struct row *row)
{
    struct gw_card_fact *fact = gw_card_fact_of(card, row->fields[NAME]);

    if (fact == NULL) {
        return MEMORY_OUT;
    }
    snprintf(fact->unit, sizeof fact->unit, "%s", row->fields[UNIT]);
    return number_of(row, LEAST, &fact->least) && number_of(row, MOST, &fact->most) ? READ : WRONG;
}

static enum verdict
read_words(struct gw_card *card, const struct row *row)
{
    struct gw_card_fact *fact = gw_card_fact_of(card, row->fields[NAME]);
    char *word = row->fields[WORDS];

    while (fact != NULL && word != NULL) {
        char *bar = strchr(word, '|');

        if (bar != NULL) {
            *bar = '\0';
        }
        if (!gw_card_fact_add_text(fact, word)) {
            return MEMORY_OUT;
        }
        word = bar == NULL ? NULL : bar + 1;
    }
    return fact == NULL ? MEMORY_OUT : READ;
}

static enum verdict
read_row(struct gw_cards *cards, const struct row *row)
{
    static const struct {
        const char *kind;
        enum verdict (*read)(struct gw_card *card, const struct row *row);
    } kinds[] = {{"cases", read_count}, {"fitted", read_count}, {"judged", read_count},
                 {"right", read_count}, {"error", read_error},  {"predicted", read_error},
                 {"range", read_range}, {"words", read_words}};
    struct gw_card *card = gw_card_of(cards, row->fields[TECHNIQUE]);

    for (size_t i = 0; card != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].kind, row->fields[KIND]) == 0) {
            return kinds[i].read(card, row);
        }
    }
    return card == NULL ? MEMORY_OUT : WRONG;
}

static bool
read_lines(struct gw_cards *cards, FILE *file, struct gw_error *err)
{
    char *line = NULL;
    size_t room = 0;
    size_t number = 0;
    enum verdict verdict = READ;
    struct row row;

    while (verdict == READ && getline(&line, &room, file) >= 0) {
        if (++number > 1) {
            verdict = split(line, &row) ? read_row(cards, &row) : WRONG;
        } else {
            line[strcspn(line, "\r\n")] = '\0';
            verdict = strcmp(line, header) == 0 ? READ : WRONG;
        }
    }
    free(line);
    if (verdict == READ && (ferror(file) != 0 || number == 0)) {
        return gw_fail(err, GW_EIO, "cannot be read");
    }
    if (verdict == WRONG) {
        return gw_fail(err, GW_EINVAL, "line %zu is none of a card file", number);
    }
    return verdict == READ || gw_fail(err, GW_ENOMEM, "out of memory");
}

bool
gw_cards_read(struct gw_cards *cards, const char *path, struct gw_error *err)
{
    FILE *file = fopen(path, "r");
    bool fine;

    *cards = (struct gw_cards){0};
    if (file == NULL) {
        return gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "%s: cannot be opened: %s", path,
                       strerror(errno));
    }
    fine = read_lines(cards, file, err);
    fclose(file);
    if (!fine) {
        gw_cards_clear(cards);
        return gw_fail_within(err, "%s", path);
    }
    return true;
}
