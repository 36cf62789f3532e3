/* A growing string, for building text (JSON, HTML, command input).
 *
 * Running out of memory sets `failed` and keeps what was there: build the whole text first and ask
 * strbuf_ok() once. `text` is NUL-terminated once anything was added. Not thread-safe. */
#ifndef CORE_STRBUF_H
#define CORE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct strbuf {
    char *text; /* owned; NULL while empty */
    size_t length;
    size_t capacity;
    bool failed;
};

#define STRBUF_INIT                                                                                \
    {                                                                                              \
        0                                                                                          \
    }

void strbuf_fini(struct strbuf *buf);
/* Keeps the memory for use again, and forgets an earlier failure. */
void strbuf_reset(struct strbuf *buf);
bool strbuf_ok(const struct strbuf *buf);

/* Makes room for `extra` more bytes; false, and `failed`, if that cannot be had. */
bool strbuf_reserve(struct strbuf *buf, size_t extra);

/* What strbuf_add does when there is no room, or memory has run out. */
void strbuf_add_slowly(struct strbuf *buf, const char *data, size_t length);

static inline void strbuf_add(struct strbuf *buf, const char *data, size_t length)
{
    if (buf->failed || length == 0 || length >= buf->capacity - buf->length) {
        strbuf_add_slowly(buf, data, length);
        return;
    }
    memcpy(buf->text + buf->length, data, length);
    buf->length += length;
    buf->text[buf->length] = '\0';
}

static inline void strbuf_puts(struct strbuf *buf, const char *text)
{
    strbuf_add(buf, text, strlen(text));
}

static inline void strbuf_putc(struct strbuf *buf, char c)
{
    strbuf_add(buf, &c, 1);
}

void strbuf_printf(struct strbuf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Decimal digits, several times faster than printf. */
void strbuf_put_int(struct strbuf *buf, int64_t number);
/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void strbuf_put_json_string(struct strbuf *buf, const char *text, size_t length);

/* Whether strbuf_put_json_string would write it as it is. */
bool utf8_is_valid(const char *text, size_t length);

#endif
