/* The remote `netns`: each node is a network namespace on this host. See injector/remote.h. */
#ifndef INJECTOR_REMOTE_NETNS_H
#define INJECTOR_REMOTE_NETNS_H

#include "injector/remote.h"

extern const struct remote_type remote_netns;

#endif
