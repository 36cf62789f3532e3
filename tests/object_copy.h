/* The one object of a history, with its operations: for tests of what works on an object. */
#ifndef TESTS_OBJECT_COPY_H
#define TESTS_OBJECT_COPY_H

#include "checker/object.h"
#include "core/errbuf.h"
#include "core/operations_from.h"

#include <stdio.h>
#include <stdlib.h>

struct object_copy {
    struct operations all;
    struct operation *ops;
    struct object object; /* without operations if the history has none */
};

/* Aborts if the history cannot be paired, or has several keys. */
static inline void object_copy_init(struct object_copy *copy, const struct history *history)
{
    struct errbuf err = ERRBUF_INIT;
    if (operations_from_history(&copy->all, history, 0, &err) != 0 || copy->all.key_count > 1) {
        fprintf(stderr, "not one object: %s\n", err.text);
        abort();
    }
    copy->ops = malloc((copy->all.operation_count + 1) * sizeof *copy->ops);
    copy->object = (struct object){.all = &copy->all, .values = copy->all.values, .ops = copy->ops};
    if (copy->all.key_count == 0)
        return;
    const struct operations_key *key = copy->all.keys;
    operations_of_key(&copy->all, 0, copy->ops);
    copy->object.has_key = key->has_key;
    copy->object.key = key->key;
    copy->object.count = key->count;
    copy->object.ok = key->ok;
    copy->object.failed = key->failed;
    copy->object.crashed = key->crashed;
}

static inline void object_copy_fini(struct object_copy *copy)
{
    free(copy->ops);
    operations_fini(&copy->all);
}

#endif
