/* Making network namespaces without being root: a user namespace in which we are.
 *
 * Ids: root inside is the user we were, and nobody else exists inside; files are made as that
 * user. The namespace ends with its last process. */
#ifndef INJECTOR_USERNS_H
#define INJECTOR_USERNS_H

#include <stdbool.h>

struct errbuf;

/* May this process make and configure network namespaces as it is? */
bool userns_is_privileged(void);

/* Moves the calling process into a user namespace of its own in which it may. Call it before any
 * thread exists. ERR_UNSUPPORTED with the reason and the remedy. */
int userns_enter(struct errbuf *err);

/* ERR_UNSUPPORTED: `what` failed with this errno; with what the host's settings say about it, and
 * what to do. */
int userns_explain(const char *what, int error, struct errbuf *err);

#endif
