/* What requests ask for, as a list of accesses to keys: a transaction is one as it is, and read,
 * write and cas of one key are lists of one. */
#ifndef SPECIMENS_OPERATION_H
#define SPECIMENS_OPERATION_H

#include "specimens/specimen.h"

enum access_f { ACCESS_READ, ACCESS_WRITE, ACCESS_APPEND, ACCESS_CAS };

struct access {
    enum access_f f;
    char key[SPECIMEN_KEY_SIZE];
    json_t *value; /* written, appended, or [old, new]; borrowed */
};

/* NULL if the request can be performed by `access`, and else what is wrong with it. */
const char *operation_problem(const json_t *op);

/* Refuses such a request; false if there is nothing wrong with it. */
bool operation_refuse_strange(struct specimen *node, int64_t request, const json_t *op);

size_t operation_count(const json_t *op);
struct access operation_access(const json_t *op, size_t index);
bool operation_is_read_only(const json_t *op);

/* Performs all accesses in turn, or none of them if a cas does not find what it expects; then the
 * result is NULL. Otherwise it is the answer's value, the caller's. `read` borrows out what a key
 * holds (NULL: nothing); `write` takes over what it shall hold. */
struct operation_store {
    json_t *(*read)(void *context, const char *key);
    void (*write)(void *context, const char *key, json_t *value);
    void *context;
};
json_t *operation_perform(const json_t *op, const struct operation_store *store);

/* On a JSON object of keys. */
json_t *operation_perform_on(const json_t *op, json_t *object);

#endif
