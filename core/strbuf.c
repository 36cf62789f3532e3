#include "core/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void strbuf_fini(struct strbuf *buf)
{
    free(buf->text);
    *buf = (struct strbuf)STRBUF_INIT;
}

void strbuf_reset(struct strbuf *buf)
{
    buf->length = 0;
    buf->failed = false;
    if (buf->text)
        buf->text[0] = '\0';
}

bool strbuf_ok(const struct strbuf *buf)
{
    return !buf->failed;
}

bool strbuf_reserve(struct strbuf *buf, size_t extra)
{
    if (buf->failed || extra > SIZE_MAX / 4) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->length + extra + 1;
    if (need <= buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity * 2 : 256;
    if (capacity < need)
        capacity = need;
    char *text = realloc(buf->text, capacity);
    if (!text) {
        buf->failed = true;
        return false;
    }
    buf->text = text;
    buf->capacity = capacity;
    return true;
}

void strbuf_add_slowly(struct strbuf *buf, const char *data, size_t length)
{
    if (!strbuf_reserve(buf, length))
        return;
    if (length)
        memcpy(buf->text + buf->length, data, length);
    buf->length += length;
    buf->text[buf->length] = '\0';
}

void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length >= 0 && strbuf_reserve(buf, (size_t)length)) {
        vsnprintf(buf->text + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
}

void strbuf_put_int(struct strbuf *buf, int64_t number)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    for (; rest >= 10; rest /= 100) {
        at -= 2;
        memcpy(digits + at, pairs + 2 * (rest % 100), 2);
    }
    if (rest > 0 || at == sizeof digits)
        digits[--at] = (char)('0' + rest);
    if (number < 0)
        digits[--at] = '-';
    strbuf_add(buf, digits + at, sizeof digits - at);
}

/* Length of the valid UTF-8 sequence at text, or 0. */
static size_t utf8_length(const unsigned char *text, size_t available)
{
    unsigned char c = text[0];
    size_t need = c < 0x80                ? 1
                  : c >= 0xc2 && c < 0xe0 ? 2
                  : (c & 0xf0) == 0xe0    ? 3
                  : c >= 0xf0 && c < 0xf5 ? 4
                                          : 0;
    if (need == 0 || need > available)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((c == 0xe0 && text[1] < 0xa0) || (c == 0xed && text[1] > 0x9f) ||
        (c == 0xf0 && text[1] < 0x90) || (c == 0xf4 && text[1] > 0x8f))
        return 0;
    return need;
}

bool utf8_is_valid(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        size_t taken = utf8_length(bytes + i, length - i);
        if (taken == 0)
            return false;
        i += taken;
    }
    return true;
}

static void put_escaped(struct strbuf *buf, unsigned char c)
{
    static const char *const names[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    if (c == '"' || c == '\\')
        strbuf_printf(buf, "\\%c", c);
    else if (c < sizeof names / sizeof names[0] && names[c])
        strbuf_puts(buf, names[c]);
    else
        strbuf_printf(buf, "\\u%04x", c);
}

void strbuf_put_json_string(struct strbuf *buf, const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    strbuf_putc(buf, '"');
    for (size_t i = 0; i < length;) {
        size_t run = i;
        while (run < length && bytes[run] >= 0x20 && bytes[run] < 0x7f && bytes[run] != '"' &&
               bytes[run] != '\\')
            run++;
        strbuf_add(buf, text + i, run - i);
        i = run;
        if (i == length)
            break;
        if (bytes[i] < 0x80) {
            put_escaped(buf, bytes[i++]);
            continue;
        }
        size_t wide = utf8_length(bytes + i, length - i);
        if (wide)
            strbuf_add(buf, text + i, wide);
        else
            strbuf_puts(buf, "\\ufffd");
        i += wide ? wide : 1;
    }
    strbuf_putc(buf, '"');
}
