/* Durations and sizes as people write them. */
#include "injector/options.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t size;
};

static const struct unit duration_units[] = {
    {"", 1000000000},      {"ns", 1},          {"us", 1000},         {"ms", 1000000},
    {"s", 1000000000},     {"m", 60000000000}, {"min", 60000000000}, {"h", 3600000000000},
    {"d", 86400000000000}, {NULL, 0},
};

static const struct unit byte_units[] = {
    {"", 1},
    {"B", 1},
    {"k", 1000},
    {"kB", 1000},
    {"KiB", INT64_C(1) << 10},
    {"M", 1000000},
    {"MB", 1000000},
    {"MiB", INT64_C(1) << 20},
    {"G", 1000000000},
    {"GB", 1000000000},
    {"GiB", INT64_C(1) << 30},
    {"T", 1000000000000},
    {"TB", 1000000000000},
    {"TiB", INT64_C(1) << 40},
    {NULL, 0},
};

/* "12.5ms" to a number of the smallest unit, rounded to the nearest; whole parts are exact. */
static bool quantity_parse(const char *text, const struct unit *units, int64_t *out)
{
    int64_t whole = 0;
    if (!isdigit((unsigned char)*text))
        return false;
    for (; isdigit((unsigned char)*text); text++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, *text - '0', &whole))
            return false;
    long double fraction = 0, digit_value = 1;
    if (*text == '.') {
        if (!isdigit((unsigned char)*++text))
            return false;
        for (; isdigit((unsigned char)*text); text++)
            fraction += (digit_value /= 10) * (long double)(*text - '0');
    }
    while (units->name && strcmp(units->name, text) != 0)
        units++;
    int64_t total;
    int64_t part = (int64_t)(fraction * (long double)units->size + 0.5L);
    if (!units->name || __builtin_mul_overflow(whole, units->size, &total) ||
        __builtin_add_overflow(total, part, &total))
        return false;
    *out = total;
    return true;
}

bool duration_parse(const char *text, int64_t *out_ns)
{
    return quantity_parse(text, duration_units, out_ns);
}

bool bytes_parse(const char *text, uint64_t *out)
{
    int64_t bytes;
    if (!quantity_parse(text, byte_units, &bytes))
        return false;
    *out = (uint64_t)bytes;
    return true;
}

void duration_format(int64_t duration_ns, char out[DURATION_TEXT_SIZE])
{
    static const struct unit units[] = {{"h", 3600000000000}, {"m", 60000000000}, {"s", 1000000000},
                                        {"ms", 1000000},      {"us", 1000},       {"ns", 1}};
    const struct unit *unit = units;
    while (duration_ns % unit->size != 0)
        unit++;
    if (duration_ns == 0)
        unit = &units[2];
    snprintf(out, DURATION_TEXT_SIZE, "%" PRId64 "%s", duration_ns / unit->size, unit->name);
}
