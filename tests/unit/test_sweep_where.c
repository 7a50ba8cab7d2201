/* test_sweep_where.c - pins what conditions mean: strength of operators, units, words, names, and
 * where an error points; that no sequence of tokens crashes. Does not pin where a sweep takes
 * names from (test_sweep).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "sim/sweep_where.h"

static const char *
value(void *self, const char *name)
{
    static const char *const known[][2] = {
        {"workload.oio", "16"},      {"workload.block", "8KiB"},  {"workload.rate", "400/s"},
        {"link.rate", "1Gbps"},      {"link.latency", "100us"},   {"memory.size", "2GiB"},
        {"migration.zero", "true"},  {"migration.kind", "dbt"},   {"workload.reads", "30%"},
        {"migration.limit", "30ms"}, {"migration.a-b", "stop-it"}};
    (void)self;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i][0], name) == 0) {
            return known[i][1];
        }
    }
    return NULL;
}

static const char *const words[] = {"workload.oio", "workload.block", "migration.kind", NULL};
static const struct gw_where_names names = {value, NULL, words};

static void
means_what_it_says(void **state)
{
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {
        {"workload.oio == 16", true},
        {"workload.oio != 16", false},
        {"workload.oio < 16 or workload.oio > 16", false},
        {"workload.oio <= 16 and workload.oio >= 16", true},
        {"1 == 2 and 1 == 2 or 1 == 1", true},
        {"1 == 1 or 1 == 1 and 1 == 2", true},
        {"(1 == 1 or 1 == 1) and 1 == 2", false},
        {"not 1 == 2 and 1 == 2", false},
        {"not (1 == 2 and 1 == 2)", true},
        {"not not 1 == 1", true},
        {"2 + 3 * 4 == 14", true},
        {"(2 + 3) * 4 == 20", true},
        {"8 - 4 - 2 == 2", true},
        {"8 / 4 / 2 == 1", true},
        {"-2 + 3 == 1", true},
        {"2 * -3 == -6", true},
        {"0.1 + 0.2 == 0.3", true},
        {"1e3 == 1000", true},
        {"workload.block == 8192B", true},
        {"workload.block * workload.oio == 128KiB", true},
        {"workload.rate * workload.block <= 3276.8kB/s", true},
        {"memory.size / link.rate > 17s", true},
        {"memory.size / link.rate < 18s", true},
        {"link.rate * 1s == 125MB", true},
        {"workload.rate * 10ms == 4", true},
        {"workload.oio / 40ms == workload.rate", true},
        {"link.latency * 300 == migration.limit", true},
        {"workload.reads == 0.3", true},
        {"workload.reads <= 30%", true},
        {"migration.kind == dbt", true},
        {"migration.kind != 'dbt'", false},
        {"migration.kind == \"mirror\" or migration.a-b == stop-it", true},
        {"migration.zero", true},
        {"not migration.zero or migration.zero == false", false},
        {"(1 == 1) == true", true},
        {"1 == 1 or 1 / 0 == 1", true},
        {"1 == 2 and no.such", false},
        {"\tworkload.oio\n==\r 16 ", true},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_where_span span;
        struct gw_error err = {.message = ""};
        struct gw_where *where = gw_where_compile(cases[i].text, &span, &err);
        bool holds = !cases[i].holds;

        if (where == NULL || !gw_where_evaluate(where, &names, &holds, &span, &err) ||
            holds != cases[i].holds) {
            fail_msg("%s: %s", cases[i].text, err.message);
        }
        gw_where_destroy(where);
    }
}

static void
errors_point_at_the_cause(void **state)
{
    static const struct {
        const char *text, *told, *at;
    } cases[] = {
        {"", "ends here: expected a parameter", ""},
        {"1 <", "ends here", ""},
        {"(1 < 2", "expected ')'", ""},
        {"1 < 2)", "unexpected ')'", ")"},
        {"1 = 2", "compare with '=='", "= 2"},
        {"1 < 2 && 2 < 3", "write 'and'", "&&"},
        {"1 < 2 || 2 < 3", "write 'or'", "||"},
        {"!migration.zero", "write 'not'", "!"},
        {"1 < 2 < 3", "a second comparison", "< 3"},
        {"1 == not 2", "unexpected 'not'", "not 2"},
        {"and 1", "unexpected 'and'", "and 1"},
        {"1 == 'x", "a quote is not closed", "'x"},
        {"1 2", "unexpected '2': expected 'and'", "2"},
        {"workload.oio < 16K", "'16K' is no number", "16K"},
        {"1 < 3x", "'3x' is no number", "3x"},
        {"1 < @", "unexpected '@'", "@"},
        {"workload.oii < 3", "did you mean 'workload.oio'", "workload.oii"},
        {"workload.oio-1 < 3", "did you mean 'workload.oio'", "workload.oio-1"},
        {"some.other.name < 3", "neither the sweep nor the scenario", "some.other"},
        {"workload.block < 16", "the left side is a size, the right side a plain number", "< 16"},
        {"1s + 1 > 2s", "the left side is a time", "+ 1"},
        {"memory.size * memory.size > link.rate", "of a mixed unit", "> link"},
        {"1 / (workload.oio - 16) > 1", "a division by 0", "/ ("},
        {"migration.kind < mirror", "only == and !=", "< mirror"},
        {"migration.kind == 3", "a word and a number", "== 3"},
        {"migration.kind + 1 > 2", "'dbt' is a word: expected a number", "migration.kind"},
        {"migration.kind", "'dbt' is a word: expected true or false", "migration.kind"},
        {"workload.oio", "a number: expected true or false", "workload.oio"},
        {"1 < 2 and 3", "a number: expected true or false", "3"},
        {"-migration.zero < 2", "true or false: expected a number", "migration.zero"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_where_span span = {0, 0};
        struct gw_error err = {.code = GW_OK, .message = ""};
        struct gw_where *where = gw_where_compile(cases[i].text, &span, &err);
        bool holds;

        if (where != NULL && gw_where_evaluate(where, &names, &holds, &span, &err)) {
            fail_msg("taken: %s", cases[i].text);
        }
        if (strstr(err.message, cases[i].told) == NULL || err.code != GW_EINVAL ||
            strncmp(cases[i].text + span.at, cases[i].at, strlen(cases[i].at)) != 0) {
            fail_msg("%s: '%s' at %zu", cases[i].text, err.message, span.at);
        }
        gw_where_destroy(where);
    }
}

static void
has_limits(void **state)
{
    static const struct {
        const char *piece, *end, *told;
    } cases[] = {{"(", "1", "nested too deeply"},
                 {"not ", "1", "nested too deeply"},
                 {"- ", "1", "nested too deeply"},
                 {"1+", "1", "too long a condition"},
                 {"memory.size*", "1 > 0", "too many units"}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t times = i == 4 ? 200 : 2000;
        size_t length = strlen(cases[i].piece);
        char *text = calloc(times * length + 10, 1);
        struct gw_where_span span;
        struct gw_error err = {.message = ""};
        struct gw_where *where;
        bool holds;

        assert_non_null(text);
        for (size_t k = 0; k < times; k++) {
            memcpy(text + k * length, cases[i].piece, length);
        }
        memcpy(text + times * length, cases[i].end, strlen(cases[i].end));
        where = gw_where_compile(text, &span, &err);
        assert_true(where == NULL || !gw_where_evaluate(where, &names, &holds, &span, &err));
        assert_non_null(strstr(err.message, cases[i].told));
        gw_where_destroy(where);
        free(text);
    }
}

/* Fills text with random tokens, and a few random bytes among them. */
static void
write_tokens(struct gw_stream *stream, char *text, size_t most)
{
    static const char *const tokens[] = {"workload.oio",
                                         "workload.block",
                                         "migration.kind",
                                         "migration.zero",
                                         "no.such",
                                         "dbt",
                                         "16",
                                         "8KiB",
                                         "1e999",
                                         "30%",
                                         "400/s",
                                         "0",
                                         "and",
                                         "or",
                                         "not",
                                         "(",
                                         ")",
                                         "==",
                                         "!=",
                                         "<",
                                         "<=",
                                         ">",
                                         ">=",
                                         "+",
                                         "-",
                                         "*",
                                         "/",
                                         "'",
                                         "\"",
                                         "1.",
                                         ".",
                                         "=",
                                         "\n",
                                         "true",
                                         "link.rate",
                                         "''"};
    size_t count = (size_t)gw_stream_below(stream, 16);
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        const char *token = tokens[gw_stream_below(stream, sizeof tokens / sizeof tokens[0])];
        size_t length = strlen(token);

        if (used + length + 3 > most) {
            break;
        }
        memcpy(text + used, token, length);
        used += length;
        if (gw_stream_below(stream, 8) > 0) {
            text[used++] = ' ';
        }
        if (gw_stream_below(stream, 50) == 0) {
            text[used++] = (char)(1 + gw_stream_below(stream, 255));
        }
    }
    text[used] = '\0';
}

static void
survives_any_tokens(void **state)
{
    struct gw_stream stream;
    size_t compiled = 0;
    size_t evaluated = 0;
    (void)state;

    gw_stream_open(&stream, 1, 0, "tokens", 0);
    for (size_t i = 0; i < 200000; i++) {
        char text[256];
        struct gw_where_span span = {0, 0};
        struct gw_error err = {.code = GW_OK};
        struct gw_where *where;
        bool holds = false;

        write_tokens(&stream, text, sizeof text);
        where = gw_where_compile(text, &span, &err);
        if (where != NULL) {
            compiled++;
            evaluated += gw_where_evaluate(where, &names, &holds, &span, &err);
        }
        assert_true(err.code == GW_OK || err.code == GW_EINVAL);
        assert_true(span.at <= strlen(text) && span.length <= strlen(text) - span.at);
        gw_where_destroy(where);
    }
    assert_true(compiled > 1000 && evaluated > 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_what_it_says),
        cmocka_unit_test(errors_point_at_the_cause),
        cmocka_unit_test(has_limits),
        cmocka_unit_test(survives_any_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
