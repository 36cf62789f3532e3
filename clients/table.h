/* The clients there are. To add one: see injector/client.h. */
#ifndef CLIENTS_TABLE_H
#define CLIENTS_TABLE_H

#include "injector/client.h"

extern const struct client_type client_etcd;
extern const struct client_type client_etcd_set;
extern const struct client_type client_lines;
extern const struct client_type client_null;

/* Ends with NULL. */
extern const struct client_type *const client_table[];

#endif
