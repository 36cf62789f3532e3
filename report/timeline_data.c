#include "report/timeline_data.h"

#include "report/safe_text.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>

enum { SLOTS_MIN = 1024, SYMBOLS = UINT16_MAX + 1 };

/* Open addressing; number 0 = empty. */
struct timeline_word {
    value_ref ref;
    uint32_t number;
};

int timeline_data_init(struct timeline_data *data, const struct operations *all, bool timed,
                       struct errbuf *err)
{
    *data = (struct timeline_data){.all = all, .timed = timed, .word_count = 1};
    strbuf_puts(&data->words, "\"\xe2\x80\xa6\"");
    data->slot_count = SLOTS_MIN;
    data->slots = calloc(SLOTS_MIN, sizeof *data->slots);
    data->function_number = calloc(SYMBOLS, sizeof *data->function_number);
    if (!data->slots || !data->function_number)
        return errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
    return 0;
}

void timeline_data_fini(struct timeline_data *data)
{
    strbuf_fini(&data->functions);
    strbuf_fini(&data->words);
    free(data->function_number);
    free(data->slots);
    *data = (struct timeline_data){0};
}

/* --- words --- */

void timeline_data_put_text(struct strbuf *out, const char *text)
{
    struct strbuf safe = STRBUF_INIT;
    safe_puts_terminal(&safe, text, 0);
    if (strbuf_ok(&safe) && safe.text) {
        size_t length = safe.length;
        bool cut = safe_length(safe.text) > TIMELINE_WORD_CHARS;
        for (size_t chars = 0, i = 0; cut && i < safe.length; i++) {
            chars += ((unsigned char)safe.text[i] & 0xc0) != 0x80;
            if (chars == TIMELINE_WORD_CHARS) {
                length = i;
                break;
            }
        }
        safe.text[length] = '\0';
        safe.length = length;
        strbuf_puts(&safe, cut ? "\xe2\x80\xa6" : "");
    }
    strbuf_put_json_string(out, safe.text ? safe.text : "", safe.length);
    out->failed |= safe.failed;
    strbuf_fini(&safe);
}

static struct timeline_word *find_slot(const struct timeline_data *data, value_ref ref)
{
    uint32_t at = ref * 2654435769u & (data->slot_count - 1);
    while (data->slots[at].number != 0 && data->slots[at].ref != ref)
        at = (at + 1) & (data->slot_count - 1);
    return &data->slots[at];
}

static bool grow_slots(struct timeline_data *data)
{
    struct timeline_data larger = *data;
    larger.slot_count = 2 * data->slot_count;
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (uint32_t i = 0; i < data->slot_count; i++)
        if (data->slots[i].number != 0)
            *find_slot(&larger, data->slots[i].ref) = data->slots[i];
    free(data->slots);
    *data = larger;
    return true;
}

/* The number of a word, which is the value as people write it, or plain; 0 once there is no more
 * room. */
static uint32_t word_of(struct timeline_data *data, value_ref ref, const char *plain)
{
    struct timeline_word *slot = find_slot(data, ref);
    if (slot->number != 0 || data->words.length > TIMELINE_WORDS_BYTES_MAX)
        return slot->number;
    if (2 * data->word_count >= data->slot_count) {
        if (!grow_slots(data)) {
            data->words.failed = true;
            return 0;
        }
        slot = find_slot(data, ref);
    }
    struct strbuf text = STRBUF_INIT;
    if (!plain)
        value_write_text(&text, value_pool_get(data->all->values, ref));
    strbuf_putc(&data->words, ',');
    timeline_data_put_text(&data->words, plain ? plain : text.text ? text.text : "");
    data->words.failed |= text.failed;
    strbuf_fini(&text);
    *slot = (struct timeline_word){ref, data->word_count};
    return data->word_count++;
}

/* An error's text is interned, so that each is kept once. */
static uint32_t error_of(struct timeline_data *data, const struct operation *op)
{
    bool completed = op->complete != POSITION_NONE;
    const char *error = completed ? operations_error(data->all, op->complete) : NULL;
    if (!error)
        return 0;
    value_ref ref = value_pool_intern(data->all->values, value_string(error));
    return ref == VALUE_REF_NOMEM ? 1 : 1 + word_of(data, ref, error);
}

static uint32_t function_of(struct timeline_data *data, symbol f)
{
    if (data->function_number[f] == 0) {
        strbuf_puts(&data->functions, data->function_count ? "," : "");
        timeline_data_put_text(&data->functions, symbol_name(f));
        data->function_number[f] = ++data->function_count;
    }
    return data->function_number[f] - 1u;
}

/* --- numbers --- */

static void put_number(struct strbuf *out, uint64_t number)
{
    char bytes[10];
    size_t count = 0;
    for (; number > 127; number >>= 7)
        bytes[count++] = (char)(number | 128);
    bytes[count++] = (char)number;
    strbuf_add(out, bytes, count);
}

static uint64_t zigzag(int64_t number)
{
    return (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
}

static uint64_t value_code(struct timeline_data *data, value_ref ref)
{
    if (ref == VALUE_REF_NIL)
        return 0;
    if (value_ref_is_int(ref))
        return 1 + 2 * zigzag(value_ref_as_int(ref));
    return 2 + 2 * (uint64_t)word_of(data, ref, NULL);
}

/* What came before, of the operations of a key. */
struct last {
    int64_t time;
    uint64_t index;
};

static int64_t time_of(const struct timeline_data *data, position at, int64_t if_none)
{
    if (!data->timed)
        return (int64_t)operations_index(data->all, at);
    int64_t time_ns = operations_time_ns(data->all, at);
    return time_ns < 0 || time_ns > INT64_MAX / 4 ? if_none : time_ns;
}

static void put_operation(struct timeline_data *data, const struct operation *op, struct last *last,
                          struct strbuf *out)
{
    bool completed = op->complete != POSITION_NONE;
    int64_t begin = time_of(data, op->invoke, last->time);
    int64_t end = completed ? time_of(data, op->complete, begin) : begin;
    uint64_t index = operations_index(data->all, op->invoke);
    uint32_t outcome = !completed ? 3 : op->outcome == OP_OK ? 0 : op->outcome == OP_FAIL ? 1 : 2;
    bool same = op->result == op->argument;
    put_number(out, zigzag(begin - last->time));
    put_number(out, end > begin ? (uint64_t)(end - begin) : 0);
    put_number(out, (uint32_t)op->process);
    put_number(out, 4 * function_of(data, op->f) + outcome);
    put_number(out, value_code(data, op->argument));
    put_number(out, same ? 0 : 1 + value_code(data, op->result));
    put_number(out, index - last->index);
    if (outcome != 0)
        put_number(out, error_of(data, op));
    *last = (struct last){begin, index};
}

int timeline_data_put(struct timeline_data *data, uint32_t key, uint32_t first, uint32_t count,
                      struct strbuf *out, struct errbuf *err)
{
    struct operation *ops = malloc(((size_t)data->all->keys[key].count + 1) * sizeof *ops);
    if (!ops)
        return errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
    struct last last = {0, 0};
    operations_of_key(data->all, key, ops);
    for (uint32_t i = first; i < first + count; i++)
        put_operation(data, &ops[i], &last, out);
    free(ops);
    if (!strbuf_ok(out) || !strbuf_ok(&data->words) || !strbuf_ok(&data->functions))
        return errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
    return 0;
}
