#include "report/human.h"

#include "core/clock.h"
#include "core/strbuf.h"

#include <stdio.h>

static const char dash[] = "\xe2\x80\x93";

void human_put_count(struct strbuf *out, int64_t count)
{
    char digits[24];
    uint64_t size = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    if (count < 0)
        strbuf_putc(out, '-');
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            strbuf_putc(out, ',');
        strbuf_putc(out, digits[i]);
    }
}

void human_put_counted(struct strbuf *out, int64_t count, const char *noun)
{
    human_put_count(out, count);
    strbuf_printf(out, " %s%s", noun, count == 1 ? "" : "s");
}

void human_put_percent(struct strbuf *out, int64_t part, int64_t whole)
{
    if (whole <= 0) {
        strbuf_puts(out, dash);
        return;
    }
    double percent = 100.0 * (double)part / (double)whole;
    if (part == whole)
        strbuf_puts(out, "100 %");
    else if (percent > 99.9)
        strbuf_puts(out, "over 99.9 %");
    else if (part > 0 && percent < 0.1)
        strbuf_puts(out, "under 0.1 %");
    else
        strbuf_printf(out, "%.1f %%", percent);
}

/* Three significant digits. */
static void put_scaled(struct strbuf *out, double number, const char *unit)
{
    int decimals = number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
    strbuf_printf(out, "%.*f %s", decimals, number, unit);
}

void human_put_duration(struct strbuf *out, int64_t duration_ns)
{
    double number = (double)duration_ns;
    int64_t seconds = (duration_ns + NS_PER_S / 2) / NS_PER_S;
    if (duration_ns < 0)
        strbuf_puts(out, dash);
    else if (duration_ns == 0)
        strbuf_puts(out, "0 s");
    else if (number < 999.5e3)
        put_scaled(out, number / 1e3, "\xc2\xb5s");
    else if (number < 999.5e6)
        put_scaled(out, number / 1e6, "ms");
    else if (number < 59.95e9)
        put_scaled(out, number / 1e9, "s");
    else if (seconds < 3600)
        strbuf_printf(out, "%d min %d s", (int)(seconds / 60), (int)(seconds % 60));
    else
        strbuf_printf(out, "%lld h %d min", (long long)(seconds / 3600), (int)(seconds / 60 % 60));
}

void human_put_moment(struct strbuf *out, int64_t time_ns, int decimals)
{
    if (time_ns < 0) {
        strbuf_puts(out, dash);
        return;
    }
    int64_t unit = NS_PER_S, digits = 1;
    for (int i = 0; i < decimals; i++) {
        unit /= 10;
        digits *= 10;
    }
    int64_t rounded = time_ns / unit + (time_ns % unit >= (unit + 1) / 2);
    human_put_count(out, rounded / digits);
    if (decimals > 0)
        strbuf_printf(out, ".%0*lld", decimals, (long long)(rounded % digits));
    strbuf_puts(out, " s");
}

void human_put_bytes(struct strbuf *out, int64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double number = (double)bytes;
    size_t unit = 0;
    while (number >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        number /= 1024;
        unit++;
    }
    strbuf_printf(out, "%.*f %s", unit == 0 || number >= 100 ? 0 : 1, number, units[unit]);
}

void human_put_rate(struct strbuf *out, double rate)
{
    if (rate >= 999.5)
        human_put_count(out, (int64_t)(rate + 0.5));
    else
        strbuf_printf(out, "%.*f", rate >= 100 ? 0 : 1, rate);
}
