#include "core/op.h"

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
