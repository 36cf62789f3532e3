/* Several threads fill one history at the same time, its values shared between them: for
 * ThreadSanitizer, and the result must be that of one thread. */
#include "core/operations.h"

#include "core/errbuf.h"
#include "core/random.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 4, PARTS = 64, EVENTS = 1000, PROCESSES = 7, KEYS = 50, TEXT_MAX = 32 };

struct filling {
    struct operations *all;
    _Atomic uint32_t next_part;
};

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

/* Event i of the history: processes take turns to invoke and to complete. text is where its error
 * lives. */
static struct operation_event event_of(struct value_pool *values, uint32_t i, char text[TEXT_MAX])
{
    uint32_t turn = i / PROCESSES / 2 * PROCESSES + i % PROCESSES;
    snprintf(text, TEXT_MAX, "value %u", turn % 300);
    struct value items[2] = {value_string(text), value_int(turn % 11)};
    struct operation_event event = {.time_ns = i * 100,
                                    .process = (int32_t)(i % PROCESSES),
                                    .f = F_CAS,
                                    .type = i / PROCESSES % 2 ? OP_OK : OP_INVOKE,
                                    .has_key = true,
                                    .error = i % 10 ? NULL : text};
    char key[TEXT_MAX];
    snprintf(key, TEXT_MAX, "key %u", turn % KEYS);
    event.key = value_pool_intern(values, value_string(key));
    event.value = value_pool_intern(values, value_items(VALUE_LIST, items, 2));
    return event;
}

static void *fill(void *argument)
{
    struct filling *filling = argument;
    struct operations_writer *writer;
    struct errbuf err = ERRBUF_INIT;
    check(operations_open_writer(filling->all, &writer, &err) == 0, "a writer opens");
    for (uint32_t part; (part = atomic_fetch_add(&filling->next_part, 1)) < PARTS;) {
        check(operations_begin_part(writer, part, &err) == 0, "a part begins");
        for (uint32_t i = 0; i < EVENTS; i++) {
            char text[TEXT_MAX];
            struct operation_event event = event_of(filling->all->values, part * EVENTS + i, text);
            check(operations_add(writer, &event, &err) == 0, "an event is added");
        }
    }
    return NULL;
}

static void make(struct operations *all, int threads)
{
    struct filling filling = {.all = all};
    struct errbuf err = ERRBUF_INIT;
    pthread_t ids[THREADS];
    check(operations_init(all, 0) == 0, "operations begin");
    for (int i = 0; i < threads; i++)
        check(pthread_create(&ids[i], NULL, fill, &filling) == 0, "a thread starts");
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    check(operations_finish(all, &err) == 0, err.text);
}

static bool same_value(const struct operations *one, value_ref a, const struct operations *two,
                       value_ref b)
{
    return value_equal(value_pool_get(one->values, a), value_pool_get(two->values, b));
}

static void compare(const struct operations *one, const struct operations *two)
{
    check(one->operation_count == two->operation_count, "as many operations");
    check(one->key_count == two->key_count && one->key_count == KEYS, "as many keys");
    struct operation *a = malloc(one->largest_key * sizeof *a);
    struct operation *b = malloc(two->largest_key * sizeof *b);
    for (uint32_t k = 0; k < one->key_count; k++) {
        check(same_value(one, one->keys[k].key, two, two->keys[k].key), "the same keys");
        check(one->keys[k].ok == two->keys[k].ok, "as many succeeded");
        operations_of_key(one, k, a);
        operations_of_key(two, k, b);
        for (uint32_t i = 0; i < one->keys[k].count; i++)
            check(a[i].invoke == b[i].invoke && a[i].complete == b[i].complete &&
                      a[i].process == b[i].process &&
                      same_value(one, a[i].argument, two, b[i].argument) &&
                      same_value(one, a[i].result, two, b[i].result),
                  "the same operations");
    }
    free(a);
    free(b);
}

int main(void)
{
    struct operations together, alone;
    make(&together, THREADS);
    make(&alone, 1);
    compare(&together, &alone);
    operations_fini(&together);
    operations_fini(&alone);
    return 0;
}
