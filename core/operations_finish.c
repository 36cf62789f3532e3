/* Joining: what the writers filled becomes one history.
 *
 * In order of the parts, the first event of each process in a part is judged by the state the
 * process was left in, and a completion fills in the operation that an earlier part left open. An
 * error found so is the first one: within a part, the noted misstep comes after all first events
 * that were kept. Then the writers' keys are merged in order of their first appearance. */
#include "core/operations_internal.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/micro_ops.h"
#include "core/strbuf.h"

#include <stdlib.h>
#include <string.h>

/* --- errors --- */

static void put_key(struct strbuf *buf, const struct operations *all, bool has_key, value_ref key)
{
    if (!has_key) {
        strbuf_puts(buf, "no key");
        return;
    }
    strbuf_puts(buf, "key ");
    value_write_text(buf, value_pool_get(all->values, key));
}

static int other_key_error(const struct operations *all, const struct misstep *misstep,
                           uint64_t index, uint64_t earlier, struct errbuf *err)
{
    struct strbuf key = STRBUF_INIT, earlier_key = STRBUF_INIT;
    put_key(&key, all, misstep->has_key, misstep->key);
    put_key(&earlier_key, all, misstep->earlier_has_key, misstep->earlier_key);
    errbuf_set(err, ERR_INPUT,
               "event %llu: process %d completes %s of %s, but it invoked that of %s at event %llu",
               (unsigned long long)index, misstep->process, symbol_name(misstep->f), key.text,
               earlier_key.text, (unsigned long long)earlier);
    strbuf_fini(&key);
    strbuf_fini(&earlier_key);
    return ERR_INPUT;
}

static void put_micro(struct strbuf *out, struct value micro)
{
    enum { LENGTH_MAX = 200 };
    struct strbuf text = STRBUF_INIT;
    value_write_text(&text, micro);
    if (value_is_nil(micro))
        strbuf_puts(out, "nothing");
    else
        strbuf_printf(out, "%.*s%s", LENGTH_MAX, strbuf_ok(&text) ? text.text : "",
                      text.length > LENGTH_MAX ? " ..." : "");
    strbuf_fini(&text);
}

static int other_micros_error(const struct operations *all, const struct misstep *misstep,
                              uint64_t index, uint64_t earlier, struct errbuf *err)
{
    struct strbuf was = STRBUF_INIT, is = STRBUF_INIT;
    struct value invoked, answered;
    micro_ops_find_difference(all->values, misstep->earlier_value, misstep->value, &invoked,
                              &answered);
    put_micro(&was, invoked);
    put_micro(&is, answered);
    errbuf_set(err, ERR_INPUT,
               "event %llu: process %d completes %s (ok), but it invoked %s there at event %llu; a "
               "transaction that is ok differs from its invocation in what it read only",
               (unsigned long long)index, misstep->process, is.text ? is.text : "",
               was.text ? was.text : "", (unsigned long long)earlier);
    strbuf_fini(&was);
    strbuf_fini(&is);
    return ERR_INPUT;
}

/* Elle's histories have no :f. */
static const char *shown(symbol f)
{
    const char *name = symbol_name(f);
    return name[0] ? name : "an operation";
}

int operations_misstep_error(const struct operations *all, const struct misstep *misstep,
                             uint64_t index, uint64_t earlier_index, struct errbuf *err)
{
    unsigned long long at = index, earlier = earlier_index;
    const char *name = shown(misstep->f);
    switch (misstep->kind) {
    case MISSTEP_NONE:
        break;
    case INVOKES_AFTER_CRASH:
        return errbuf_set(err, ERR_INPUT,
                          "event %llu: process %d invokes %s, but it crashed (info) at event %llu; "
                          "a crashed process must go on under a new number",
                          at, misstep->process, name, earlier);
    case INVOKES_WHILE_OPEN:
        return errbuf_set(err, ERR_INPUT,
                          "event %llu: process %d invokes %s while its invocation at event %llu is "
                          "still open; a process does one operation at a time",
                          at, misstep->process, name, earlier);
    case COMPLETES_NOTHING:
        return errbuf_set(err, ERR_INPUT,
                          "event %llu: process %d completes %s (%s), but has no open invocation",
                          at, misstep->process, name, op_type_name(misstep->type));
    case COMPLETES_OTHER_F:
        return errbuf_set(err, ERR_INPUT,
                          "event %llu: process %d completes %s, but it invoked %s at event %llu",
                          at, misstep->process, name, shown(misstep->earlier_f), earlier);
    case COMPLETES_OTHER_KEY:
        return other_key_error(all, misstep, index, earlier_index, err);
    case COMPLETES_OTHER_MICROS:
        return other_micros_error(all, misstep, index, earlier_index, err);
    }
    return 0;
}

/* --- parts --- */

static void count_last_blocks(struct operations_own *own)
{
    for (uint32_t w = 0; w < own->writer_count; w++)
        for (uint32_t i = 0; i < own->writers[w]->list_count; i++) {
            struct operations_list *list = &own->writers[w]->lists[i];
            if (list->tail)
                list->tail->count = (uint32_t)(list->next - list->tail->ops);
        }
}

static int collect_parts(struct operations *all, struct errbuf *err)
{
    struct operations_own *own = all->own;
    uint32_t count = 0;
    for (uint32_t w = 0; w < own->writer_count; w++) {
        int rc = operations_end_part(own->writers[w], err);
        if (rc != 0)
            return rc;
        for (struct operations_part *part = own->writers[w]->first_part; part; part = part->next)
            count = part->number < count ? count : part->number + 1;
    }
    own->parts = operations_resize(own, NULL, 0, count * sizeof(struct operations_part *));
    if (!own->parts)
        return operations_no_memory(err);
    own->part_count = count;
    for (uint32_t i = 0; i < count; i++)
        own->parts[i] = NULL;
    for (uint32_t w = 0; w < own->writer_count; w++)
        for (struct operations_part *part = own->writers[w]->first_part; part; part = part->next)
            if (!part->is_dropped)
                own->parts[part->number] = part;
    for (uint32_t i = 0; i < count; i++)
        if (own->parts[i]) {
            own->parts[i]->first_index = all->event_count;
            all->event_count += own->parts[i]->count;
        }
    return 0;
}

static bool is_kept(const struct operations_own *own, const struct operations_writer *writer,
                    position at)
{
    const struct operations_part *part = own->parts[position_part(at)];
    return part && part->writer == writer;
}

/* Moves the operations that stay to the front of the blocks. */
static void drop_operations(struct operations_writer *writer, struct operations_list *list)
{
    struct operations_list kept = {
        .head = list->head, .key = list->key, .has_key = list->has_key, .first = POSITION_NONE};
    struct operations_block *to = list->head;
    uint32_t at = 0;
    for (struct operations_block *from = list->head; from; from = from->next) {
        uint32_t count = from->count;
        from->count = 0;
        for (uint32_t i = 0; i < count; i++) {
            const struct operation *op = &from->ops[i];
            if (!is_kept(writer->own, writer, op->invoke))
                continue;
            if (at == to->capacity) {
                to = to->next;
                at = 0;
            }
            kept.first = kept.count++ == 0 ? op->invoke : kept.first;
            kept.ok += op->outcome == OP_OK;
            kept.failed += op->outcome == OP_FAIL;
            to->ops[at++] = *op;
            to->count = at;
        }
    }
    *list = kept;
}

/* Operations move, so the records of what is open must be found again. */
static void find_open_again(struct operations_writer *writer)
{
    for (struct operations_part *part = writer->first_part; part; part = part->next)
        for (uint32_t i = 0; i < part->record_count && !part->is_dropped; i++) {
            struct process_record *record = &part->records[i];
            if (record->doing < DOES_OPEN)
                continue;
            struct operations_block *block = writer->lists[record->doing - DOES_OPEN].head;
            uint32_t at = 0;
            while (block->ops[at].invoke != record->at)
                if (++at == block->count) {
                    block = block->next;
                    at = 0;
                }
            record->op = &block->ops[at];
        }
}

static void drop_parts(struct operations *all)
{
    struct operations_own *own = all->own;
    for (uint32_t w = 0; w < own->writer_count && own->has_dropped; w++) {
        struct operations_writer *writer = own->writers[w];
        uint32_t others = 0, errors = 0;
        for (uint32_t i = 0; i < writer->list_count; i++)
            drop_operations(writer, &writer->lists[i]);
        find_open_again(writer);
        for (uint32_t i = 0; i < writer->other_count; i++)
            if (is_kept(own, writer, writer->others[i].at))
                writer->others[others++] = writer->others[i];
        for (uint32_t i = 0; i < writer->error_count; i++)
            if (is_kept(own, writer, writer->errors[i].at))
                writer->errors[errors++] = writer->errors[i];
        writer->other_count = others;
        writer->error_count = errors;
    }
}

/* --- processes --- */

/* The latest record of every process, in an open-addressing table. */
struct latest_records {
    struct process_entry {
        struct process_record *record; /* NULL = free */
        struct operations_writer *writer;
    } * entries;
    uint32_t capacity, count;
};

static struct process_entry *probe(struct process_entry *entries, uint32_t capacity,
                                   int32_t process)
{
    uint32_t i = hash32((uint32_t)process) & (capacity - 1);
    while (entries[i].record && entries[i].record->process != process)
        i = (i + 1) & (capacity - 1);
    return &entries[i];
}

static bool grow_table(struct operations_own *own, struct latest_records *table)
{
    uint32_t capacity = table->capacity ? table->capacity * 2 : 64;
    struct process_entry *entries = operations_resize(own, NULL, 0, capacity * sizeof *entries);
    if (!entries)
        return false;
    memset(entries, 0, capacity * sizeof *entries);
    for (uint32_t i = 0; i < table->capacity; i++)
        if (table->entries[i].record)
            *probe(entries, capacity, table->entries[i].record->process) = table->entries[i];
    operations_release(own, table->entries, table->capacity * sizeof *entries);
    table->entries = entries;
    table->capacity = capacity;
    return true;
}

/* Judges the first event of a process in a part by how the parts before left it. */
static void judge_first(struct process_entry *before, const struct process_record *record,
                        struct misstep *out)
{
    uint32_t doing = before->record ? before->record->doing : DOES_NOTHING;
    *out = (struct misstep){.at = record->first,
                            .earlier = before->record ? before->record->at : record->first,
                            .process = record->process,
                            .f = record->first_f,
                            .type = record->first_type};
    if (record->first_type == OP_INVOKE) {
        out->kind = doing >= DOES_OPEN      ? INVOKES_WHILE_OPEN
                    : doing == DOES_CRASHED ? INVOKES_AFTER_CRASH
                                            : MISSTEP_NONE;
        return;
    }
    if (doing < DOES_OPEN) {
        out->kind = COMPLETES_NOTHING;
        return;
    }
    struct operations_list *list = &before->writer->lists[doing - DOES_OPEN];
    struct operation_event event = {.process = record->process,
                                    .f = record->first_f,
                                    .type = record->first_type,
                                    .has_key = record->has_key,
                                    .key = record->key,
                                    .value = record->value};
    if (operations_completes(before->writer->values, before->record->op, list, &event,
                             record->first, out))
        operations_complete(before->record->op, list, &event, record->first);
}

/* ERR_NOMEM, or 0: then *out is the first misstep of the part, if there is one. */
static int join_part(struct operations_own *own, struct operations_part *part,
                     struct latest_records *table, struct misstep *out, struct errbuf *err)
{
    for (uint32_t i = 0; i < part->record_count; i++) {
        struct process_record *record = &part->records[i];
        if (table->count * 2 >= table->capacity && !grow_table(own, table))
            return operations_no_memory(err);
        struct process_entry *entry = probe(table->entries, table->capacity, record->process);
        judge_first(entry, record, out);
        if (out->kind != MISSTEP_NONE)
            return 0;
        table->count += entry->record == NULL;
        *entry = (struct process_entry){record, part->writer};
    }
    *out = part->misstep;
    return 0;
}

static int join_parts(struct operations *all, struct errbuf *err)
{
    struct operations_own *own = all->own;
    struct latest_records table = {0};
    struct misstep misstep = {0};
    int rc = 0;
    for (uint32_t i = 0; i < own->part_count && rc == 0 && misstep.kind == MISSTEP_NONE; i++)
        if (own->parts[i])
            rc = join_part(own, own->parts[i], &table, &misstep, err);
    operations_release(own, table.entries, table.capacity * sizeof *table.entries);
    if (rc == 0 && misstep.kind != MISSTEP_NONE)
        rc = operations_misstep_error(all, &misstep, operations_index(all, misstep.at),
                                      operations_index(all, misstep.earlier), err);
    return rc;
}

/* --- keys --- */

/* While keys are merged: where each writer is in its lists, and every key's place. */
struct key_merge {
    uint32_t *next;   /* for each writer: its next list */
    uint32_t *by_key; /* number of a key plus one, in an open-addressing table */
    uint32_t capacity;
    uint32_t lists; /* of all writers */
    uint32_t keyless;
};

/* The writer whose next list begins first; -1 if all are through. Lists that lost all their
 * operations are passed over. */
static int64_t earliest_writer(const struct operations_own *own, uint32_t *next)
{
    int64_t found = -1;
    position first = POSITION_NONE;
    for (uint32_t w = 0; w < own->writer_count; w++) {
        const struct operations_writer *writer = own->writers[w];
        while (next[w] < writer->list_count && writer->lists[next[w]].count == 0)
            next[w]++;
        if (next[w] < writer->list_count && writer->lists[next[w]].first < first) {
            first = writer->lists[next[w]].first;
            found = w;
        }
    }
    return found;
}

static uint32_t *key_slot(const struct operations *all, struct key_merge *merge,
                          const struct operations_list *list)
{
    if (!list->has_key)
        return &merge->keyless;
    uint32_t i = hash32(list->key) & (merge->capacity - 1);
    while (merge->by_key[i] && all->keys[merge->by_key[i] - 1].key != list->key)
        i = (i + 1) & (merge->capacity - 1);
    return &merge->by_key[i];
}

static void merge_list(struct operations *all, struct key_merge *merge,
                       const struct operations_list *list, uint32_t writer)
{
    uint32_t *slot = key_slot(all, merge, list);
    if (*slot == 0) {
        struct operations_block **heads =
            all->own->heads + (size_t)all->key_count * all->own->writer_count;
        all->keys[all->key_count] = (struct operations_key){
            .has_key = list->has_key, .key = list->key, .first = list->first, .lists = heads};
        *slot = ++all->key_count;
    }
    struct operations_key *key = &all->keys[*slot - 1];
    key->lists[writer] = list->head;
    key->count += list->count;
    key->ok += list->ok;
    key->failed += list->failed;
    key->crashed += list->count - list->ok - list->failed;
    all->operation_count += list->count;
    all->largest_key = key->count > all->largest_key ? key->count : all->largest_key;
}

/* Room for as many keys as there are lists; what is left over is given back afterwards. */
static bool allocate_keys(struct operations *all, struct key_merge *merge)
{
    struct operations_own *own = all->own;
    merge->capacity = 16;
    for (uint32_t w = 0; w < own->writer_count; w++)
        merge->lists += own->writers[w]->list_count;
    while (merge->capacity / 2 < merge->lists)
        merge->capacity *= 2;
    merge->next = operations_resize(own, NULL, 0, own->writer_count * sizeof *merge->next);
    merge->by_key = operations_resize(own, NULL, 0, merge->capacity * sizeof *merge->by_key);
    all->keys = operations_resize(own, NULL, 0, merge->lists * sizeof *all->keys);
    own->heads_bytes = (size_t)merge->lists * own->writer_count * sizeof *own->heads;
    own->heads = operations_resize(own, NULL, 0, own->heads_bytes);
    if (!merge->next || !merge->by_key || !all->keys || !own->heads)
        return false;
    memset(merge->next, 0, own->writer_count * sizeof *merge->next);
    memset(merge->by_key, 0, merge->capacity * sizeof *merge->by_key);
    memset(own->heads, 0, own->heads_bytes);
    return true;
}

static int by_first(const void *a, const void *b)
{
    const struct operations_list *one = a, *other = b;
    return (one->first > other->first) - (one->first < other->first);
}

/* Lists are in order of their first operations, but for those that lost them. */
static void sort_lists(struct operations_own *own)
{
    for (uint32_t w = 0; w < own->writer_count && own->has_dropped; w++)
        if (own->writers[w]->list_count)
            qsort(own->writers[w]->lists, own->writers[w]->list_count,
                  sizeof(struct operations_list), by_first);
}

static int merge_keys(struct operations *all, struct errbuf *err)
{
    struct operations_own *own = all->own;
    struct key_merge merge = {0};
    bool ok = allocate_keys(all, &merge);
    own->keys_capacity = all->keys ? merge.lists : 0;
    own->heads_bytes = own->heads ? own->heads_bytes : 0;
    sort_lists(own);
    for (int64_t w; ok && (w = earliest_writer(own, merge.next)) >= 0;)
        merge_list(all, &merge, &own->writers[w]->lists[merge.next[w]++], (uint32_t)w);
    if (merge.next)
        operations_release(own, merge.next, own->writer_count * sizeof *merge.next);
    if (merge.by_key)
        operations_release(own, merge.by_key, merge.capacity * sizeof *merge.by_key);
    return ok ? 0 : operations_no_memory(err);
}

/* --- others and errors --- */

/* Merges the writers' arrays, each ascending, part by part: a part is one writer's. `begin` is for
 * each writer where its next part begins. */
static void merge_others(struct operations *all, uint32_t *begin)
{
    struct operations_own *own = all->own;
    uint32_t count = 0;
    for (uint32_t p = 0; p < own->part_count; p++) {
        if (!own->parts[p])
            continue;
        const struct operations_writer *writer = own->parts[p]->writer;
        uint32_t *at = &begin[writer->number];
        for (; *at < writer->other_count && position_part(writer->others[*at].at) == p; ++*at) {
            all->others[count] = writer->others[*at];
            all->others[count].op.index = (int64_t)operations_index(all, writer->others[*at].at);
            count++;
        }
    }
    all->other_count = count;
}

static void merge_errors(struct operations_own *own, uint32_t *begin)
{
    uint32_t count = 0;
    for (uint32_t p = 0; p < own->part_count; p++) {
        if (!own->parts[p])
            continue;
        const struct operations_writer *writer = own->parts[p]->writer;
        uint32_t *at = &begin[writer->number];
        for (; *at < writer->error_count && position_part(writer->errors[*at].at) == p; ++*at)
            own->errors[count++] = writer->errors[*at];
    }
    own->error_count = count;
}

static int merge_rest(struct operations *all, struct errbuf *err)
{
    struct operations_own *own = all->own;
    uint32_t others = 0, errors = 0;
    for (uint32_t w = 0; w < own->writer_count; w++) {
        others += own->writers[w]->other_count;
        errors += own->writers[w]->error_count;
    }
    size_t begin_bytes = own->writer_count * sizeof(uint32_t);
    uint32_t *begin = operations_resize(own, NULL, 0, begin_bytes);
    all->others = operations_resize(own, NULL, 0, others * sizeof *all->others);
    own->errors = operations_resize(own, NULL, 0, errors * sizeof *own->errors);
    bool ok = begin && all->others && own->errors;
    own->others_capacity = all->others ? others : 0;
    own->errors_capacity = own->errors ? errors : 0;
    if (ok) {
        memset(begin, 0, begin_bytes);
        merge_others(all, begin);
        memset(begin, 0, begin_bytes);
        merge_errors(own, begin);
    }
    if (begin)
        operations_release(own, begin, begin_bytes);
    return ok ? 0 : operations_no_memory(err);
}

int operations_finish(struct operations *all, struct errbuf *err)
{
    int rc = collect_parts(all, err);
    if (rc != 0)
        return rc;
    count_last_blocks(all->own);
    drop_parts(all);
    rc = join_parts(all, err);
    if (rc == 0)
        rc = merge_keys(all, err);
    if (rc == 0)
        rc = merge_rest(all, err);
    for (uint32_t w = 0; w < all->own->writer_count; w++)
        operations_close_writer(all->own->writers[w]);
    return rc;
}
