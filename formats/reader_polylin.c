/* PolyLin's rows: an operation with both its ends, in any order, under a header that names the
 * object.
 *
 *     # queue
 *     enq 7 1200 1900
 *     deq 7 1950 2400          -1: there was nothing
 *
 * `# set` has a column more, 1 or 0, before the ends: whether insert or remove changed the set, or
 * what contains said.
 *
 * Ends with the same time stamp: nobody knows which came first, so all that begins at a stamp is
 * taken to begin before anything ends there: such operations overlap, and nothing is called a
 * violation that need not be one. Rows name no process; the lowest number that is free will do.
 *
 * O(n): the ends are sorted by radix. 64 bytes an operation meanwhile. */
#include "formats/reader_lines.h"

#include "core/clock.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

struct row {
    symbol f;
    uint8_t takes; /* what it gives is the element, not what it is given */
    int8_t answer; /* of a set: 0 or 1; else -1 */
    int32_t process;
    int64_t element;
};

/* An end of a row. */
struct edge {
    uint64_t stamp;
    uint64_t row_and_end; /* row << 1, | 1 for the later end */
};

struct polylin {
    const struct reader_input *input;
    struct reader_lines lines;
    bool is_set;
    struct row *rows;
    struct edge *starts, *ends;
    uint64_t count, capacity;
};

static int fail(const struct polylin *polylin, const char *at, const char *problem,
                struct errbuf *err)
{
    return reader_error(polylin->input, at, problem, err);
}

static int no_memory(const struct polylin *polylin, struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "%s: no memory for its rows", polylin->input->name);
}

/* --- rows --- */

static bool grow(struct polylin *polylin)
{
    if (polylin->count < polylin->capacity)
        return true;
    uint64_t capacity = polylin->capacity ? 2 * polylin->capacity : 1024;
    size_t cap = polylin->input->options.bytes_max;
    if (cap && capacity > cap / 64)
        return false;
    struct row *rows = realloc(polylin->rows, capacity * sizeof *rows);
    polylin->rows = rows ? rows : polylin->rows;
    struct edge *starts = rows ? realloc(polylin->starts, capacity * sizeof *starts) : NULL;
    polylin->starts = starts ? starts : polylin->starts;
    struct edge *ends = starts ? realloc(polylin->ends, capacity * sizeof *ends) : NULL;
    polylin->ends = ends ? ends : polylin->ends;
    polylin->capacity = ends ? capacity : polylin->capacity;
    return ends != NULL;
}

static bool take_method(const struct polylin *polylin, const char *word, size_t length,
                        struct row *row)
{
    static const struct {
        const char *name;
        symbol f;
        bool takes;
    } methods[] = {
        {"enq", F_ENQUEUE, false},   {"deq", F_DEQUEUE, true},        {"push", F_PUSH, false},
        {"pop", F_POP, true},        {"insert", F_INSERT, false},     {"poll", F_POLL, true},
        {"remove", F_REMOVE, false}, {"contains", F_CONTAINS, false}, {"peek", 0, true},
        {"push_front", 0, false},    {"pop_front", 0, true},          {"peek_front", 0, true},
        {"push_back", 0, false},     {"pop_back", 0, true},           {"peek_back", 0, true},
    };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (!text_is(word, length, methods[i].name))
            continue;
        row->f = methods[i].f ? methods[i].f : symbol_intern(word, length);
        if (polylin->is_set && row->f == F_INSERT)
            row->f = F_ADD;
        row->takes = methods[i].takes;
        return true;
    }
    return false;
}

static int take_number(struct polylin *polylin, const char *problem, int64_t *out,
                       struct errbuf *err)
{
    const char *word;
    size_t length;
    bool there = reader_lines_word(&polylin->lines, "", &word, &length);
    if (there && reader_word_int(word, length, out))
        return 0;
    return fail(polylin, word, problem, err);
}

static int take_row(struct polylin *polylin, struct errbuf *err)
{
    struct row row = {.answer = -1};
    const char *word;
    size_t length;
    int64_t answer = -1, start, end;
    reader_lines_word(&polylin->lines, "", &word, &length);
    if (!take_method(polylin, word, length, &row))
        return fail(polylin, word, "expected a method: enq, deq, push, pop, insert, poll, ...",
                    err);
    int rc = take_number(polylin, "expected the element, an integer", &row.element, err);
    if (rc == 0 && polylin->is_set)
        rc = take_number(polylin, "expected the answer, 1 or 0", &answer, err);
    if (rc == 0)
        rc = take_number(polylin, "expected when it began, an integer from 0 on", &start, err);
    const char *at = polylin->lines.at;
    if (rc == 0)
        rc = take_number(polylin, "expected when it ended, an integer", &end, err);
    if (rc != 0)
        return rc;
    if (answer > 1 || (polylin->is_set && answer < 0))
        return fail(polylin, polylin->lines.line, "the answer must be 1 or 0", err);
    if (start < 0 || end < start)
        return fail(polylin, at, "it must begin at 0 or later, and not end before it began", err);
    if (row.element == -1 && !row.takes && !polylin->is_set)
        return fail(polylin, polylin->lines.line, "-1 is no element: it says that there was none",
                    err);
    if (!reader_lines_done(&polylin->lines))
        return fail(polylin, polylin->lines.at, "expected the end of the line", err);
    if (!grow(polylin))
        return no_memory(polylin, err);
    row.answer = (int8_t)answer;
    polylin->rows[polylin->count] = row;
    polylin->starts[polylin->count] = (struct edge){(uint64_t)start, polylin->count << 1};
    polylin->ends[polylin->count] = (struct edge){(uint64_t)end, polylin->count << 1 | 1};
    polylin->count++;
    return 0;
}

static int take_rows(struct polylin *polylin, bool *truncated, struct errbuf *err)
{
    int rc;
    reader_lines_init(&polylin->lines, polylin->input);
    while ((rc = reader_lines_next(&polylin->lines, err)) == 1) {
        const char *word;
        size_t length;
        if (reader_lines_take(&polylin->lines, '#')) {
            if (reader_lines_word(&polylin->lines, "", &word, &length))
                polylin->is_set = polylin->is_set || text_is(word, length, "set");
            continue;
        }
        rc = take_row(polylin, err);
        if (rc == ERR_INPUT && polylin->lines.is_last && polylin->lines.at == polylin->lines.stop) {
            *truncated = true;
            rc = 0;
        }
        if (rc != 0)
            return rc;
    }
    return rc;
}

/* --- the order of their ends --- */

enum { DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS };

/* Sorts by stamp, and leaves those of one stamp as they are. */
static bool sort(struct edge *edges, uint64_t count)
{
    struct edge *from = edges, *to = malloc((count + 1) * sizeof *to);
    uint64_t *places = malloc(DIGITS * sizeof *places), highest = 0;
    struct edge *other = to;
    for (uint64_t i = 0; i < count; i++)
        highest |= edges[i].stamp;
    for (int shift = 0; to && places && shift < 64 && highest >> shift; shift += DIGIT_BITS) {
        memset(places, 0, DIGITS * sizeof *places);
        for (uint64_t i = 0; i < count; i++)
            places[from[i].stamp >> shift & (DIGITS - 1)]++;
        uint64_t sum = 0;
        for (uint32_t digit = 0; digit < DIGITS; digit++) {
            uint64_t here = places[digit];
            places[digit] = sum;
            sum += here;
        }
        for (uint64_t i = 0; i < count; i++)
            to[places[from[i].stamp >> shift & (DIGITS - 1)]++] = from[i];
        struct edge *swap = from;
        from = to;
        to = swap;
    }
    bool sorted = other && places;
    if (sorted && from != edges)
        memcpy(edges, from, count * sizeof *edges);
    free(places);
    free(other);
    return sorted;
}

/* --- events --- */

static int append(const struct polylin *polylin, struct operations *all, const struct edge *edge,
                  struct errbuf *err)
{
    const struct row *row = &polylin->rows[edge->row_and_end >> 1];
    bool ends = edge->row_and_end & 1;
    struct value element = value_int(row->element);
    struct op op = {.time_ns = (int64_t)edge->stamp,
                    .process = row->process,
                    .f = row->f,
                    .type = ends ? OP_OK : OP_INVOKE};
    if (row->takes)
        op.value = ends && row->element != -1 ? element : value_nil();
    else
        op.value = ends && row->answer >= 0 ? value_bool(row->answer) : element;
    return operations_append(all, &op, err);
}

/* Merges starts and ends; a start comes first where their stamps are the same. */
static int append_all(struct polylin *polylin, struct operations *all, struct errbuf *err)
{
    int32_t *spare = malloc((polylin->count + 1) * sizeof *spare), next = 0;
    uint64_t spare_count = 0, start = 0;
    int rc = spare ? 0 : no_memory(polylin, err);
    for (uint64_t end = 0; rc == 0 && end < polylin->count; end++) {
        const struct edge *edge = &polylin->ends[end];
        for (; rc == 0 && start < polylin->count && polylin->starts[start].stamp <= edge->stamp;
             start++) {
            struct row *row = &polylin->rows[polylin->starts[start].row_and_end >> 1];
            row->process = spare_count > 0 ? spare[--spare_count] : next++;
            rc = append(polylin, all, &polylin->starts[start], err);
        }
        if (rc == 0)
            rc = append(polylin, all, edge, err);
        spare[spare_count++] = polylin->rows[edge->row_and_end >> 1].process;
        if (end % 4096 == 0 && polylin->input->options.deadline_ns &&
            monotonic_ns() > polylin->input->options.deadline_ns)
            rc = errbuf_set(err, ERR_TIMEOUT, "%s: no time left to read it", polylin->input->name);
    }
    free(spare);
    return rc;
}

static int read_all(const struct reader_input *input, struct operations *all, struct errbuf *err)
{
    struct polylin polylin = {.input = input};
    int rc = take_rows(&polylin, &all->truncated, err);
    if (rc == 0 && polylin.count > INT32_MAX)
        rc = errbuf_set(err, ERR_INPUT, "%s: more than 2147483647 rows", input->name);
    if (rc == 0 && polylin.count > 0 &&
        (!sort(polylin.starts, polylin.count) || !sort(polylin.ends, polylin.count)))
        rc = no_memory(&polylin, err);
    if (rc == 0)
        rc = append_all(&polylin, all, err);
    free(polylin.rows);
    free(polylin.starts);
    free(polylin.ends);
    return rc;
}

/* "# queue" and the like; a model's name is NULL if there is none of the object. */
struct header {
    const char *object, *model;
};

static const struct header *take_header(struct reader_lines *lines)
{
    static const struct header headers[] = {{"queue", "fifo-queue"},
                                            {"pqueue", "priority-queue"},
                                            {"stack", "stack"},
                                            {"set", "linear-set"},
                                            {"deque", NULL}};
    const char *word;
    size_t length;
    if (reader_lines_take(lines, '#') && reader_lines_word(lines, "", &word, &length) &&
        reader_lines_done(lines))
        for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
            if (text_is(word, length, headers[i].object))
                return &headers[i];
    return NULL;
}

static bool begin(const char *text, size_t length, struct reader_input *input,
                  struct reader_lines *lines)
{
    enum { LOOK_MAX = 4096 };
    *input = (struct reader_input){
        .name = "", .text = text, .length = length < LOOK_MAX ? length : LOOK_MAX};
    reader_lines_init(lines, input);
    return reader_lines_next(lines, NULL) == 1;
}

/* A header, or a row. */
static bool sniff(const char *text, size_t length)
{
    struct reader_input input;
    struct reader_lines lines;
    struct polylin none = {0};
    struct row row;
    const char *word;
    size_t word_length;
    if (!begin(text, length, &input, &lines))
        return false;
    if (*lines.line == '#')
        return take_header(&lines);
    return reader_lines_word(&lines, "", &word, &word_length) &&
           take_method(&none, word, word_length, &row);
}

static const char *model(const char *text, size_t length)
{
    struct reader_input input;
    struct reader_lines lines;
    const struct header *header = begin(text, length, &input, &lines) ? take_header(&lines) : NULL;
    return header ? header->model : NULL;
}

const struct reader reader_polylin = {
    .name = "polylin",
    .doc = "PolyLin's rows: METHOD VALUE START END",
    .sniff = sniff,
    .model = model,
    .read_all = read_all,
};
