/* test_model_card.c - pins what of a canonical scenario is a fact and what is not, which technique
 * it is of, the ranges of a card, inside and outside with the order of reasons, and that a card
 * file is read back as it was written; broken files are refused with their line. Does not pin
 * which settings real scenarios have, or the words of a run (tests/cli/validation.sh).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "results/model_card.h"

/* A memory scenario with the fields that matter here. */
static const char *
scenario(const char *size, const char *writes, const char *rate, const char *rest)
{
    static char text[1024];

    snprintf(
        text, sizeof text,
        "{\"name\":\"n\",\"seed\":7,\"warmup\":\"5ns\",\"memory\":{\"name\":\"vm\","
        "\"size\":\"%s\"},\"host\":{\"fault\":\"4600ns\"},\"link\":{\"rate\":\"1000B/s\"},"
        "\"regions\":[{\"name\":\"a\",\"size\":\"4096B\",\"writes\":\"none\",\"rate\":\"0/s\"},"
        "{\"name\":\"b\",\"size\":\"8192B\",\"writes\":\"%s\",\"rate\":\"%s\"}],"
        "\"migration\":{\"architecture\":\"precopy\",\"max_bandwidth\":\"2000B/s\"%s}}",
        size, writes, rate, rest);
    return text;
}

static const struct gw_fact *
find(const struct gw_facts *facts, const char *key)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (strcmp(facts->items[i].key, key) == 0) {
            return &facts->items[i];
        }
    }
    return NULL;
}

static void
assert_number(const struct gw_facts *facts, const char *key, double number, const char *unit)
{
    const struct gw_fact *fact = find(facts, key);

    assert_non_null(fact);
    assert_null(fact->text);
    assert_true(fabs(fact->number - number) < 1e-9);
    assert_string_equal(fact->unit, unit);
}

static void
test_facts_of_memory(void **state)
{
    struct gw_facts facts;
    struct gw_error err;

    (void)state;
    assert_true(gw_facts_read(
        &facts, scenario("65536B", "uniform", "1/s", ",\"xbzrle\":true,\"compress\":\"none\""),
        &err));
    assert_string_equal(facts.technique, "precopy+xbzrle");
    assert_number(&facts, "memory.size", 65536, "B");
    assert_number(&facts, "derived.bandwidth", 1000, "B/s");
    assert_number(&facts, "derived.working_set", 8192, "B");
    assert_number(&facts, "derived.dirtied_in_a_second_per_bandwidth", 4.096, "");
    assert_string_equal(find(&facts, "migration.xbzrle")->text, "true");
    assert_null(find(&facts, "name"));
    assert_null(find(&facts, "memory.name"));
    assert_null(find(&facts, "seed"));
    assert_null(find(&facts, "warmup"));
    gw_facts_clear(&facts);
}

static void
test_a_second_dirties_no_page_twice(void **state)
{
    struct gw_facts facts;
    struct gw_error err;

    (void)state;
    assert_true(gw_facts_read(&facts, scenario("65536B", "uniform", "900/s", ""), &err));
    assert_number(&facts, "derived.dirtied_in_a_second_per_bandwidth", 8.192, "");
    gw_facts_clear(&facts);
}

static void
test_facts_of_disks(void **state)
{
    static const char text[] =
        "{\"devices\":{\"fast\":{\"kind\":\"ssd\"},\"slow\":{\"kind\":\"disk\",\"rpm\":7200},"
        "\"x\":{\"kind\":\"link\"}},\"vm\":{\"name\":\"v\",\"source\":\"slow\","
        "\"target\":\"fast\"},\"workload\":{\"kind\":\"a,b|c\",\"oio\":8},"
        "\"migration\":{\"architecture\":\"mirror\",\"throttle\":\"none\"}}";
    struct gw_facts facts;
    struct gw_error err;

    (void)state;
    assert_true(gw_facts_read(&facts, text, &err));
    assert_string_equal(facts.technique, "mirror");
    assert_string_equal(find(&facts, "devices.source.kind")->text, "disk");
    assert_string_equal(find(&facts, "devices.target.kind")->text, "ssd");
    assert_string_equal(find(&facts, "devices.other.kind")->text, "link");
    assert_string_equal(find(&facts, "workload.kind")->text, "a b c");
    assert_number(&facts, "devices.source.rpm", 7200, "");
    assert_null(find(&facts, "vm.source"));
    assert_null(find(&facts, "derived.working_set"));
    gw_facts_clear(&facts);
    assert_false(gw_facts_read(&facts, "[1]", &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_false(gw_facts_read(&facts, NULL, &err));
}

static void
test_numbers_for_people(void **state)
{
    static const struct {
        double number;
        const char *unit, *text;
    } rows[] = {{536870912, "B", "512 MiB"},  {100, "B", "100 B"},
                {4600, "ns", "4.6 us"},       {0, "ns", "0 ns"},
                {1.25e9, "B/s", "1.25 GB/s"}, {0.4, "", "0.4"},
                {20000, "/s", "20000/s"},     {30, "%", "30 %"}};
    char text[48];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gw_fact_number_text(rows[i].number, rows[i].unit, text);
        assert_string_equal(text, rows[i].text);
    }
}

/* Two cases: memory of 64 and 128 KiB, written uniformly or not at all. */
static void
make_cards(struct gw_cards *cards)
{
    struct gw_spread all = {2, 1.5, 2, 2};
    struct gw_spread predicted = {1, 2, 2, 2};
    struct gw_error err;
    struct gw_card *card;

    *cards = (struct gw_cards){0};
    assert_true(gw_cards_add_case(cards, scenario("131072B", "uniform", "1/s", ""), &card, &err));
    assert_true(gw_cards_add_case(cards, scenario("65536B", "uniform", "2/s", ""), &card, &err));
    assert_int_equal(cards->count, 1);
    card->fitted = 1;
    card->judged = 2;
    card->right = 1;
    assert_true(gw_card_add_error(card, "total_time_s", &all, &predicted, &err));
    assert_true(
        gw_card_add_error(card, "downtime_s", &all, &(struct gw_spread){0, NAN, NAN, NAN}, &err));
}

static void
check(const struct gw_cards *cards, const char *canonical, struct gw_validity *validity)
{
    struct gw_error err;

    assert_true(gw_cards_check(cards, canonical, validity, &err));
    assert_int_equal(validity->inside, validity->reason_count == 0);
}

static void
test_inside(void **state)
{
    struct gw_validity validity;
    struct gw_cards cards;

    (void)state;
    make_cards(&cards);
    check(&cards, scenario("65536B", "uniform", "1/s", ""), &validity);
    assert_true(validity.inside);
    gw_validity_clear(&validity);
    check(&cards, scenario("98304B", "none", "1.5/s", ""), &validity);
    assert_false(validity.inside); /* without writes nothing is dirtied: below the range */
    gw_validity_clear(&validity);
    check(&cards, scenario("98304B", "uniform", "1.5/s", ""), &validity);
    assert_true(validity.inside);
    assert_ptr_equal(validity.card, &cards.items[0]);
    gw_validity_clear(&validity);
    gw_cards_clear(&cards);
}

static void
test_outside_and_why(void **state)
{
    char canonical[1024];
    struct gw_validity validity;
    struct gw_cards cards;
    char *fault;

    (void)state;
    make_cards(&cards);
    snprintf(canonical, sizeof canonical, "%s", scenario("262144B", "zipf", "2/s", ",\"new\":3"));
    fault = strstr(canonical, "4600ns");
    memcpy(fault, "2000ns", 6);
    check(&cards, canonical, &validity);
    assert_int_equal(validity.reason_count, 4);
    assert_string_equal(validity.reasons[0], "regions.writes zipf (validated: none, uniform)");
    assert_string_equal(validity.reasons[1], "memory.size 256 KiB (validated: 64 KiB to 128 KiB)");
    assert_string_equal(validity.reasons[2], "costs of another host: host.fault");
    assert_string_equal(validity.reasons[3], "settings that no case had: migration.new");
    gw_validity_clear(&validity);
    gw_cards_clear(&cards);
}

static void
test_no_card(void **state)
{
    struct gw_validity validity;
    struct gw_cards cards;

    (void)state;
    make_cards(&cards);
    check(&cards, scenario("65536B", "uniform", "1/s", ",\"throttle\":\"auto-converge\""),
          &validity);
    assert_null(validity.card);
    assert_string_equal(validity.reasons[0], "precopy+auto-converge was never measured");
    gw_validity_clear(&validity);
    gw_cards_clear(&cards);
    check(NULL, scenario("65536B", "uniform", "1/s", ""), &validity);
    assert_string_equal(validity.reasons[0], "there is no card file");
    gw_validity_clear(&validity);
}

/* ---- the file -------------------------------------------------------------------------------- */

static void
temporary(char path[32])
{
    int descriptor;

    snprintf(path, 32, "/tmp/gw-card-XXXXXX");
    descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
}

static void
test_read_as_written(void **state)
{
    struct gw_validity validity;
    struct gw_cards cards;
    struct gw_cards back;
    struct gw_error err;
    char path[32];

    (void)state;
    temporary(path);
    make_cards(&cards);
    assert_true(gw_cards_write(&cards, path, &err));
    assert_true(gw_cards_read(&back, path, &err));
    assert_int_equal(back.count, 1);
    assert_int_equal(back.items[0].cases, 2);
    assert_int_equal(back.items[0].fitted, 1);
    assert_int_equal(back.items[0].judged, 2);
    assert_int_equal(back.items[0].right, 1);
    assert_int_equal(back.items[0].fact_count, cards.items[0].fact_count);
    assert_int_equal(back.items[0].error_count, 2);
    assert_string_equal(back.items[0].errors[0].metric, "total_time_s");
    assert_int_equal(back.items[0].errors[0].predicted.count, 1);
    assert_int_equal(back.items[0].errors[1].predicted.count, 0);
    assert_true(fabs(back.items[0].errors[0].all.median - 1.5) < 1e-9);
    check(&back, scenario("98304B", "uniform", "1.5/s", ""), &validity);
    assert_true(validity.inside);
    gw_validity_clear(&validity);
    check(&back, scenario("1B", "uniform", "1.5/s", ""), &validity);
    assert_false(validity.inside);
    gw_validity_clear(&validity);
    gw_cards_clear(&cards);
    gw_cards_clear(&back);
    unlink(path);
}

static void
test_broken_files(void **state)
{
    static const char head[] =
        "technique,kind,name,n,least,most,unit,words,median_pct,p90_pct,worst_pct\n";
    static const char *const lines[] = {
        "precopy,range,a,,1\n",              /* too few fields */
        "precopy,range,a,,1,2,,,,,,\n",      /* too many */
        "precopy,range,a,,one,2,,,,,\n",     /* no number */
        "precopy,shape,a,,1,2,,,,,\n",       /* no such kind */
        "precopy,predicted,a,1,,,,,1,1,1\n", /* of an error that is not there */
        "precopy,error,a,0,,,,,1,1,1\n",     /* of no case */
    };
    struct gw_cards cards;
    struct gw_error err;
    char path[32];

    (void)state;
    temporary(path);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        fprintf(file, "%s%s", head, lines[i]);
        fclose(file);
        assert_false(gw_cards_read(&cards, path, &err));
        assert_int_equal(err.code, GW_EINVAL);
        assert_non_null(strstr(err.message, "line 2"));
    }
    unlink(path);
    assert_false(gw_cards_read(&cards, path, &err));
    assert_int_equal(err.code, GW_ENOENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_of_memory),
        cmocka_unit_test(test_a_second_dirties_no_page_twice),
        cmocka_unit_test(test_facts_of_disks),
        cmocka_unit_test(test_numbers_for_people),
        cmocka_unit_test(test_inside),
        cmocka_unit_test(test_outside_and_why),
        cmocka_unit_test(test_no_card),
        cmocka_unit_test(test_read_as_written),
        cmocka_unit_test(test_broken_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
