/* Error codes. A function that can fail returns 0 or one of these negative codes and explains
 * itself in a struct errbuf. A verdict is never an error (see checker/check.h). */
#ifndef CORE_ERR_H
#define CORE_ERR_H

enum err {
    ERR_NOMEM = -1,       /* memory, or a byte cap, ran out */
    ERR_INPUT = -2,       /* input (plan, history, command line) is not what it must be */
    ERR_IO = -3,          /* a file, socket or system call failed */
    ERR_TIMEOUT = -4,     /* a deadline passed */
    ERR_UNSUPPORTED = -5, /* this host or node cannot do it */
    ERR_COMMAND = -6,     /* a program we ran ended with a failure */
    ERR_CANCELLED = -7,   /* somebody asked us to stop */
};

/* A short name for a code, for logs. Never NULL. */
const char *err_name(int code);

/* The code for a path that could not be opened for reading, by errno: ERR_INPUT if the path is what
 * is wrong (nothing is there, it is of another kind, or not ours to read), else ERR_IO. */
int err_of_path(int error);

#endif
