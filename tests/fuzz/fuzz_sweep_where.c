/* fuzz_sweep_where.c - any text as a condition of a sweep: an error has a place inside of the text,
 * and what was read once is evaluated alike twice.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "sim/sweep_where.h"
#include "tests/fuzz/fuzz.h"

static const char *
value(void *self, const char *name)
{
    static const char *const values[] = {NULL, "16", "8KiB", "dbt", "true", "", "1e300", "30%"};
    (void)self;

    return values[strlen(name) % (sizeof values / sizeof values[0])];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gw_where_names names = {value, NULL, NULL};
    char *text = strndup((const char *)data, size);
    struct gw_where_span span = {0, 0};
    struct gw_error err;
    struct gw_where *where;
    bool holds[2] = {false, true};

    gw_assert(text != NULL);
    where = gw_where_compile(text, &span, &err);
    if (where != NULL && gw_where_evaluate(where, &names, &holds[0], &span, &err)) {
        gw_assert(gw_where_evaluate(where, &names, &holds[1], &span, &err));
        gw_assert(holds[0] == holds[1]);
    }
    gw_assert(span.at <= strlen(text) && span.length <= strlen(text) - span.at);
    gw_where_destroy(where);
    free(text);
    return 0;
}

size_t
gw_fuzz_seed(uint64_t seed, uint8_t *data, size_t most)
{
    static const char *const seeds[] = {
        "workload.oio <= 16 or migration.architecture != dbt",
        "not (a.b * 4KiB > 1Gbps * 10ms and -c / 2 < 30%) or point == 'small'",
        "a < b and b < c or 'x' == \"x\" and true",
        "((((1 + 2) * 3) - 4) / 5) >= 1e3",
    };
    const char *text = seeds[seed % (sizeof seeds / sizeof seeds[0])];
    size_t length = strlen(text) < most ? strlen(text) : most;

    memcpy(data, text, length);
    return length;
}
