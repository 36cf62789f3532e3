/* Cuts a text into parts, has them read by all cores at once, and joins them.
 *
 * Where the reader has no `open`, parts begin at lines and are certain. Otherwise they begin where
 * the text looks as at the beginning of its first event, and are joined in order: a part counts if
 * the one before it ended exactly where it begins (then reading the whole text from its beginning
 * would have come by there, and reading goes on from a place in the same way however one came
 * there). A part that does not count is taken back, and what it should have read is read again from
 * where the one before it ended. So the result is always that of one thread; only the time is not.
 */
#include "formats/reader_parts.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "formats/reader_part.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PART_BYTES_MIN = 1 << 17, /* less is not worth a thread */
    PARTS_PER_THREAD = 16,    /* so that they end at about the same time */
    THREADS_MAX = 64,
    EVENTS_PER_CLOCK = 256,
};

/* What became of a part. */
struct part_result {
    const char *begin; /* its end is the next one's beginning */
    const char *next;
    const char *problem, *problem_at;
    bool is_read; /* and did not give up */
    bool was_begun;
    bool truncated;
};

struct reading {
    const struct reader *reader;
    const struct reader_input *input;
    struct operations *all;
    struct reader_frame frame;
    const char *end;
    struct part_result *parts; /* and one more, which begins at the end of the text */
    uint32_t part_count;
    _Atomic uint32_t next_part;
    _Atomic bool is_cancelled;
    pthread_mutex_t lock; /* the two below */
    int rc;               /* the first error that is not the text's */
    struct errbuf err;
};

/* --- what readers call --- */

static int ask_clock(struct reader_part *part, struct errbuf *err)
{
    part->until_clock = EVENTS_PER_CLOCK;
    if (atomic_load_explicit(part->is_cancelled, memory_order_relaxed))
        return ERR_CANCELLED;
    int64_t deadline_ns = part->input->options.deadline_ns;
    if (deadline_ns && monotonic_ns() >= deadline_ns)
        return errbuf_set(err, ERR_TIMEOUT, "%s: the time was over before it was read",
                          part->input->name);
    return 0;
}

static int seek(struct reader_part *part)
{
    if (part->seek_left-- > 0)
        return 0;
    part->sought = part->next;
    return ERR_CANCELLED;
}

int reader_part_add_event(struct reader_part *part, const struct operation_event *event,
                          struct errbuf *err)
{
    if (part->seeks)
        return seek(part);
    if (part->until_clock-- == 0) {
        int rc = ask_clock(part, err);
        if (rc != 0)
            return rc;
    }
    return operations_add(part->writer, event, err);
}

int reader_part_add_events(struct reader_part *part, const struct operation_event *events,
                           uint32_t count, struct errbuf *err)
{
    if (part->until_clock < count) {
        int rc = ask_clock(part, err);
        if (rc != 0)
            return rc;
    }
    part->until_clock -= count;
    return operations_add_all(part->writer, events, count, err);
}

/* False without memory. */
static bool make_event(struct reader_part *part, const struct op *op, struct operation_event *out)
{
    if (!part->input->options.pack_transactions || op->process < 0)
        return operation_event_of(part->values, op, out);
    struct op without = *op;
    without.value = value_nil();
    if (!operation_event_of(part->values, &without, out) ||
        !micro_ops_pack(&part->transactions, op->value, &out->value))
        return false;
    if (out->value == VALUE_REF_NIL)
        out->value = value_pool_intern(part->values, op->value);
    return out->value != VALUE_REF_NOMEM;
}

int reader_part_add(struct reader_part *part, const struct op *op, struct errbuf *err)
{
    struct operation_event event;
    if (!make_event(part, op, &event))
        return errbuf_set(err, ERR_NOMEM, "%s: no memory for its values", part->input->name);
    int rc = reader_part_add_event(part, &event, err);
    arena_reset(&part->arena);
    return rc;
}

int reader_part_fail(struct reader_part *part, const char *at, const char *problem)
{
    part->problem = problem;
    part->problem_at = at;
    return ERR_INPUT;
}

int reader_part_ended(struct reader_part *part)
{
    if (part->end == part->input->text + part->input->length)
        part->truncated = true;
    else
        part->gave_up = true;
    part->next = part->end;
    return 0;
}

int reader_part_lines(struct reader_part *part, reader_take_usual *usual, reader_take_line *take,
                      struct errbuf *err)
{
    int rc = 0;
    const char *line = part->begin;
    for (;;) {
        if (usual)
            rc = usual(part, &line, err);
        part->next = line;
        if (rc != 0 || line >= part->stop)
            return rc;
        const char *newline = memchr(line, '\n', (size_t)(part->end - line));
        rc = take(part, line, newline ? newline : part->end, !newline, err);
        line = newline ? newline + 1 : part->end;
        if (rc != 0)
            return rc;
    }
}

/* --- cutting --- */

/* A place at or after `at`, before `until`, where an event may begin; NULL if there is none. */
static const char *find_cut(const struct reading *reading, const char *at, const char *until)
{
    const struct reader_frame *frame = &reading->frame;
    if (!reading->reader->open) {
        const char *newline = memchr(at - 1, '\n', (size_t)(until - at + 1));
        return newline && newline + 1 < until ? newline + 1 : NULL;
    }
    if (frame->signature_length == 0)
        return NULL;
    return memmem(at, (size_t)(until - at), frame->signature, frame->signature_length);
}

static size_t choose_part_bytes(const struct reader_input *input, unsigned threads)
{
    size_t least = input->length / OPERATIONS_PARTS_MAX + 1;
    if (input->options.part_bytes)
        return input->options.part_bytes > least ? input->options.part_bytes : least;
    size_t bytes = input->length / ((size_t)threads * PARTS_PER_THREAD) + 1;
    bytes = bytes < PART_BYTES_MIN ? PART_BYTES_MIN : bytes;
    return bytes < READER_PART_BYTES_MAX ? bytes : READER_PART_BYTES_MAX;
}

static int cut(struct reading *reading, size_t part_bytes, struct errbuf *err)
{
    const char *at = reading->frame.first;
    size_t length = (size_t)(reading->end - at), most = length / part_bytes + 1;
    if (most > OPERATIONS_PARTS_MAX)
        return errbuf_set(err, ERR_INPUT, "%s: is too long: over %zu bytes of it cannot be read",
                          reading->input->name, part_bytes * OPERATIONS_PARTS_MAX);
    reading->parts = calloc(most + 1, sizeof *reading->parts);
    if (!reading->parts)
        return errbuf_set(err, ERR_NOMEM, "%s: no memory to read it", reading->input->name);
    reading->parts[reading->part_count++].begin = at;
    for (size_t part = 1; part < most; part++) {
        const char *from = at + part * part_bytes;
        size_t left = (size_t)(reading->end - from);
        const char *begin = find_cut(reading, from, from + (left < part_bytes ? left : part_bytes));
        if (begin)
            reading->parts[reading->part_count++].begin = begin;
    }
    reading->parts[reading->part_count].begin = reading->end;
    return 0;
}

/* --- reading --- */

static void part_init(struct reading *reading, struct operations_writer *writer,
                      struct reader_part *part)
{
    *part = (struct reader_part){.input = reading->input,
                                 .frame = &reading->frame,
                                 .values = reading->all->values,
                                 .writer = writer,
                                 .is_cancelled = &reading->is_cancelled};
    micro_ops_writer_init(&part->transactions, part->values);
    arena_init(&part->arena, reading->input->options.bytes_max);
}

static void part_fini(struct reader_part *part)
{
    micro_lists_free(part->lists);
    arena_fini(&part->arena);
}

/* Reads from `begin` up to the next part's beginning. An error of the text is no failure here. */
static int read_part(struct reading *reading, struct reader_part *part, uint32_t number,
                     const char *begin, const char *end, struct errbuf *err)
{
    struct part_result *result = &reading->parts[number];
    int rc = operations_begin_part(part->writer, number, err);
    if (rc != 0)
        return rc;
    part->begin = part->next = begin;
    part->stop = reading->parts[number + 1].begin;
    part->end = end;
    part->truncated = part->gave_up = false;
    part->problem = part->problem_at = NULL;
    part->until_clock = 0;
    rc = reading->reader->read_part(part, err);
    arena_reset(&part->arena);
    result->was_begun = true;
    result->next = part->next;
    result->truncated = part->truncated;
    result->problem = part->problem;
    result->problem_at = part->problem_at;
    result->is_read = !part->gave_up;
    return part->problem ? 0 : rc;
}

static void note_error(struct reading *reading, int rc, const struct errbuf *err)
{
    pthread_mutex_lock(&reading->lock);
    if (rc != ERR_CANCELLED && reading->rc == 0) {
        reading->rc = rc;
        reading->err = *err;
    }
    pthread_mutex_unlock(&reading->lock);
    atomic_store(&reading->is_cancelled, true);
}

/* How far a part may reach: a wrong guess may run to the end of the text. */
static const char *reach(const struct reading *reading, uint32_t number)
{
    const char *stop = reading->parts[number + 1].begin;
    if (number == 0 || !reading->reader->open)
        return reading->end;
    size_t length = (size_t)(stop - reading->parts[number].begin) + PART_BYTES_MIN;
    return (size_t)(reading->end - stop) < length ? reading->end : stop + length;
}

/* What a part was read from is not needed any more, unless for the place of an error; the threads
 * do together what unmapping the whole would take one of them much longer for. */
static void leave_text(const struct reading *reading, uint32_t number)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)reading->parts[number].begin + page - 1;
    uintptr_t end = (uintptr_t)reading->parts[number + 1].begin;
    begin -= begin % page;
    end -= end % page;
    if (reading->input->is_mapped && begin < end)
        madvise((void *)begin, end - begin, MADV_DONTNEED); /* a hint */
}

static void *read_parts(void *argument)
{
    struct reading *reading = argument;
    struct errbuf err = ERRBUF_INIT;
    struct operations_writer *writer = NULL;
    struct reader_part part;
    int rc = operations_open_writer(reading->all, &writer, &err);
    part_init(reading, writer, &part);
    while (rc == 0 && !atomic_load_explicit(&reading->is_cancelled, memory_order_relaxed)) {
        uint32_t number = atomic_fetch_add(&reading->next_part, 1);
        if (number >= reading->part_count)
            break;
        rc = read_part(reading, &part, number, reading->parts[number].begin, reach(reading, number),
                       &err);
        leave_text(reading, number);
    }
    part_fini(&part);
    if (rc != 0)
        note_error(reading, rc, &err);
    return NULL;
}

static void read_with_threads(struct reading *reading, unsigned threads)
{
    pthread_t ids[THREADS_MAX];
    unsigned started = 0;
    threads = threads < reading->part_count ? threads : reading->part_count;
    for (; started + 1 < threads; started++)
        if (pthread_create(&ids[started], NULL, read_parts, reading) != 0)
            break; /* fewer will do */
    read_parts(reading);
    for (unsigned i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
}

/* --- joining --- */

/* Reads a part again, from where the one before really ended. */
static int read_again(struct reading *reading, struct operations_writer **writer, uint32_t number,
                      const char *begin, struct errbuf *err)
{
    struct reader_part part;
    int rc = *writer ? 0 : operations_open_writer(reading->all, writer, err);
    if (rc != 0)
        return rc;
    part_init(reading, *writer, &part);
    rc = read_part(reading, &part, number, begin, reading->end, err);
    part_fini(&part);
    return rc;
}

static int join(struct reading *reading, struct errbuf *err)
{
    struct operations_writer *again = NULL;
    const char *at = reading->frame.first;
    for (uint32_t i = 0; i < reading->part_count; i++) {
        struct part_result *part = &reading->parts[i];
        bool is_swallowed = i > 0 && at >= part[1].begin;
        if (is_swallowed || at != part->begin || !part->is_read) {
            if (part->was_begun)
                operations_drop_part(reading->all, i);
            if (is_swallowed)
                continue;
            int rc = read_again(reading, &again, i, at, err);
            if (rc != 0)
                return rc;
        }
        if (part->problem)
            return reader_error(reading->input, part->problem_at, part->problem, err);
        reading->all->truncated = part->truncated;
        at = part->next;
    }
    return 0;
}

static unsigned choose_threads(unsigned wanted)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = wanted ? wanted : cores > 0 ? (unsigned)cores : 1;
    return threads < THREADS_MAX ? threads : THREADS_MAX;
}

int reader_parts_read(const struct reader *reader, const struct reader_input *input,
                      struct operations *all, struct errbuf *err)
{
    struct reading reading = {.reader = reader,
                              .input = input,
                              .all = all,
                              .frame.first = input->text,
                              .end = input->text + input->length};
    unsigned threads = choose_threads(input->options.threads);
    if (reader->open)
        reader->open(input, &reading.frame);
    int rc = cut(&reading, choose_part_bytes(input, threads), err);
    if (rc != 0)
        return rc;
    pthread_mutex_init(&reading.lock, NULL);
    read_with_threads(&reading, threads);
    if (reading.rc != 0) {
        rc = reading.rc;
        if (err)
            *err = reading.err;
    } else {
        rc = join(&reading, err);
    }
    pthread_mutex_destroy(&reading.lock);
    free(reading.parts);
    return rc;
}

const char *reader_parts_find_event(const struct reader *reader, const struct reader_input *input,
                                    uint64_t index)
{
    struct reader_input plain = *input;
    struct operations none;
    struct reader_part part;
    struct reading reading = {.reader = reader,
                              .input = &plain,
                              .all = &none,
                              .frame.first = input->text,
                              .end = input->text + input->length};
    plain.options.general_only = true;
    if (!reader->read_part || operations_init(&none, 0) != 0)
        return NULL;
    if (reader->open)
        reader->open(&plain, &reading.frame);
    part_init(&reading, NULL, &part);
    part.seeks = true;
    part.seek_left = index;
    part.begin = part.next = reading.frame.first;
    part.stop = part.end = reading.end;
    reader->read_part(&part, NULL);
    part_fini(&part);
    operations_fini(&none);
    return part.sought;
}
