#include "core/op.h"

#include "core/arena.h"
#include "core/strbuf.h"

#include <string.h>

static const char *const type_names[] = {
    [OP_INVOKE] = "invoke", [OP_OK] = "ok", [OP_FAIL] = "fail", [OP_INFO] = "info"};

const char *op_type_name(enum op_type type)
{
    return type_names[type];
}

int op_type_parse(const char *name, size_t length)
{
    for (int i = OP_INVOKE; i <= OP_INFO; i++)
        if (strlen(type_names[i]) == length && memcmp(type_names[i], name, length) == 0)
            return i;
    return -1;
}

const char *op_error_text(struct value error, struct arena *arena)
{
    struct strbuf text = STRBUF_INIT;
    const char *copy = NULL;
    if (value_is_nil(error))
        return NULL;
    if (error.kind == VALUE_STRING)
        return arena_strndup(arena, error.text, error.count);
    value_write_text(&text, error);
    if (strbuf_ok(&text) && text.text)
        copy = arena_strdup(arena, text.text);
    strbuf_fini(&text);
    return copy;
}
