#include "core/edn_write.h"

#include "core/strbuf.h"

#include <math.h>
#include <string.h>

static bool is_keyword_name(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] <= ' ' || strchr(",()[]{}\";", name[i]))
            return false;
    return length > 0 && utf8_is_valid(name, length);
}

static bool write_string(struct strbuf *buf, const char *text, size_t length)
{
    strbuf_put_json_string(buf, text, length); /* JSON's escapes are EDN's too */
    return utf8_is_valid(text, length);
}

static bool write_keyword(struct strbuf *buf, const char *name, size_t length)
{
    strbuf_putc(buf, ':');
    strbuf_add(buf, name, length);
    return is_keyword_name(name, length);
}

static void write_real(struct strbuf *buf, double real)
{
    if (isfinite(real))
        value_write_text(buf, (struct value){.kind = VALUE_FLOAT, .real = real});
    else
        strbuf_puts(buf, isnan(real) ? "##NaN" : real > 0 ? "##Inf" : "##-Inf");
}

static bool write_items(struct strbuf *buf, struct value value, const char *open, char close)
{
    bool held = true;
    strbuf_puts(buf, open);
    for (uint32_t i = 0; i < value.count; i++) {
        if (i)
            strbuf_putc(buf, ' ');
        held = edn_write_value(buf, value.items[i]) && held;
    }
    strbuf_putc(buf, close);
    return held;
}

bool edn_write_value(struct strbuf *buf, struct value value)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_STRING:
        return write_string(buf, value.text, value.count);
    case VALUE_KEYWORD:
        return write_keyword(buf, value.text, value.count);
    case VALUE_LIST:
        return write_items(buf, value, "[", ']');
    case VALUE_SET:
        return write_items(buf, value, "#{", '}');
    case VALUE_MAP:
        return write_items(buf, value, "{", '}');
    case VALUE_FLOAT:
        write_real(buf, value.real);
        return true;
    case VALUE_INT:
        strbuf_put_int(buf, value.integer);
        return true;
    case VALUE_NIL:
    case VALUE_BOOL:
        value_write_text(buf, value);
        return true;
    }
    return false;
}

bool edn_write_name(struct strbuf *buf, const char *name, size_t length)
{
    return is_keyword_name(name, length) ? write_keyword(buf, name, length)
                                         : write_string(buf, name, length);
}
