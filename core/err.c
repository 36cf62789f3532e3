#include "core/err.h"

const char *err_name(int code)
{
    switch (code) {
    case 0:
        return "ok";
    case ERR_NOMEM:
        return "out of memory";
    case ERR_INPUT:
        return "bad input";
    case ERR_IO:
        return "input/output error";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_UNSUPPORTED:
        return "unsupported";
    case ERR_COMMAND:
        return "command failed";
    case ERR_CANCELLED:
        return "cancelled";
    default:
        return "unknown error";
    }
}
