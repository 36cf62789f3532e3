#include "checker/shrink_parts.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>

struct moment {
    position at;
    uint32_t op;
};

static int compare_moments(const void *a, const void *b)
{
    position x = ((const struct moment *)a)->at, y = ((const struct moment *)b)->at;
    return x < y ? -1 : x > y;
}

static int append(const struct operations *all, const struct operation *op, position at,
                  struct operations *to, struct errbuf *err)
{
    struct operation whole;
    uint32_t key = 0;
    bool invokes = at == op->invoke;
    operations_find(all, op->invoke, &key, &whole);
    struct op event = {
        .time_ns = operations_time_ns(all, at),
        .process = op->process,
        .f = op->f,
        .type = invokes ? OP_INVOKE : op->outcome,
        .has_key = all->keys[key].has_key,
        .key = value_pool_get(all->values, all->keys[key].key),
        .value = value_pool_get(all->values, invokes ? op->argument : op->result),
        .error = operations_error(all, at),
    };
    return operations_append(to, &event, err);
}

int shrink_write(const struct operations *all, const struct operation *ops, uint32_t count,
                 struct operations *to, struct errbuf *err)
{
    struct moment *moments = malloc(((size_t)count + 1) * 2 * sizeof *moments);
    uint32_t moment_count = 0;
    int rc = operations_init(to, 0);
    if (rc != 0 || !moments)
        rc = errbuf_set(err, ERR_NOMEM, "no memory for the smaller history");
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        moments[moment_count++] = (struct moment){ops[i].invoke, i};
        if (ops[i].complete != POSITION_NONE)
            moments[moment_count++] = (struct moment){ops[i].complete, i};
    }
    if (rc == 0 && moment_count > 0)
        qsort(moments, moment_count, sizeof *moments, compare_moments);
    for (uint32_t i = 0; i < moment_count && rc == 0; i++)
        rc = append(all, &ops[moments[i].op], moments[i].at, to, err);
    free(moments);
    return rc != 0 ? rc : operations_finish(to, err);
}
