#include "workloads/final_reads.h"

struct reads {
    final_read_fn read;
    const void *context;
    uint32_t readers;
};

struct reader {
    const struct reads *reads;
    int64_t next;
};

static bool next_read(void *context, struct random *random, struct arena *arena, struct op *op)
{
    (void)random;
    struct reader *reader = context;
    return reader->reads->read(reader->reads->context, &reader->next, arena, op);
}

static struct generator *generate_reader(void *context, struct arena *arena, uint32_t thread)
{
    const struct reads *reads = context;
    if (thread >= reads->readers)
        return generator_sequence(arena, NULL, 0);
    struct reader *reader = arena_alloc(arena, sizeof *reader);
    if (!reader)
        return NULL;
    *reader = (struct reader){.reads = reads};
    struct random unused = {{0}};
    return generator_source(arena, unused, next_read, reader);
}

struct generator *final_reads(struct arena *arena, final_read_fn read, const void *context,
                              uint32_t readers)
{
    struct reads *reads = arena_alloc(arena, sizeof *reads);
    if (!reads)
        return NULL;
    *reads = (struct reads){.read = read, .context = context, .readers = readers};
    return generator_each_thread(arena, generate_reader, reads);
}
