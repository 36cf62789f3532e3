#include "report/safe_text.h"

#include "core/strbuf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { REPLACEMENT = 0xfffd };

static const char replacement[] = "\xef\xbf\xbd";
static const char ellipsis[] = "\xe2\x80\xa6";

/* The bytes of the sequence that begins here by its first byte; 0 if none does. */
static size_t sequence_length(unsigned char first)
{
    return first < 0x80                    ? 1
           : first >= 0xc2 && first < 0xe0 ? 2
           : (first & 0xf0) == 0xe0        ? 3
           : first >= 0xf0 && first < 0xf5 ? 4
                                           : 0;
}

static bool is_harmful(uint32_t code)
{
    bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
    bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    bool line = code == 0x2028 || code == 0x2029;
    bool nothing = (code >= 0xd800 && code < 0xe000) || (code & 0xfffe) == 0xfffe;
    return control || direction || line || nothing || code > 0x10ffff;
}

/* Takes one character, at least one byte; *code is REPLACEMENT for what must not be shown. */
static size_t next(const char *text, size_t available, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = sequence_length(bytes[0]);
    *code = REPLACEMENT;
    if (length == 0 || length > available)
        return 1;
    uint32_t value = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (bytes[i] & 0x3f);
    }
    if (value < smallest[length])
        return 1;
    *code = is_harmful(value) ? REPLACEMENT : value;
    return length;
}

static const char *entity(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case REPLACEMENT:
        return replacement;
    default:
        return NULL;
    }
}

static size_t put_html_char(struct strbuf *out, const char *text, size_t available)
{
    uint32_t code;
    size_t length = next(text, available, &code);
    const char *instead = entity(code);
    if (instead)
        strbuf_puts(out, instead);
    else
        strbuf_add(out, text, length);
    return length;
}

void safe_put_html(struct strbuf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length;)
        i += put_html_char(out, text + i, length - i);
}

void safe_puts_html(struct strbuf *out, const char *text)
{
    safe_put_html(out, text, strlen(text));
}

size_t safe_length(const char *text)
{
    size_t length = strlen(text), chars = 0;
    uint32_t code;
    for (size_t i = 0; i < length; chars++)
        i += next(text + i, length - i, &code);
    return chars;
}

void safe_puts_html_cut(struct strbuf *out, const char *text, size_t chars)
{
    size_t length = strlen(text);
    bool cut = safe_length(text) > chars;
    size_t left = cut ? chars - 1 : chars;
    for (size_t i = 0; i < length && left > 0; left--)
        i += put_html_char(out, text + i, length - i);
    if (cut)
        strbuf_puts(out, ellipsis);
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

void safe_puts_url(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (is_plain(*text))
            strbuf_putc(out, *text);
        else
            strbuf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

void safe_puts_terminal(struct strbuf *out, const char *text, int lines)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length;) {
        uint32_t code;
        size_t taken = next(text + i, length - i, &code);
        if (code == REPLACEMENT)
            strbuf_puts(out, replacement);
        else if (code == '\t' || (code == '\n' && !lines))
            strbuf_putc(out, ' ');
        else
            strbuf_add(out, text + i, taken);
        i += taken;
    }
}
