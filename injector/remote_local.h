/* The remote `local`: nodes are plain processes on loopback addresses. See injector/remote.h. */
#ifndef INJECTOR_REMOTE_LOCAL_H
#define INJECTOR_REMOTE_LOCAL_H

#include "injector/remote.h"

extern const struct remote_type remote_local;

#endif
