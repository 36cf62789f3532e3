#include "core/err.h"

#include <errno.h>

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

int err_of_path(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ENXIO:
    case EACCES:
    case EPERM:
    case ELOOP:
    case ENAMETOOLONG:
        return ERR_INPUT;
    default:
        return ERR_IO;
    }
}
