#include "report/timeline.h"

#include "report/safe_text.h"

#include "core/err.h"
#include "core/errbuf.h"

#include <stdlib.h>
#include <string.h>

/* Operations ranked by how near to the witness they are. */
struct candidate {
    const struct client_operation *operation;
    uint32_t distance; /* events between it and the nearest of the witness; 0 if they overlap */
};

struct selection {
    const struct run_data *run;
    const struct results_key *key;
    struct arena *arena;
    int64_t failing; /* as results_key */
    const struct client_operation **witness;
    size_t witness_count;
    struct candidate *candidates;
    size_t candidate_count;
    size_t chosen_count; /* the first of the candidates */
};

static uint32_t last_index(const struct client_operation *operation)
{
    return operation_is_open(operation) ? operation->invoke_index : operation->complete_index;
}

static uint32_t distance_between(const struct client_operation *a, const struct client_operation *b)
{
    if (last_index(a) < b->invoke_index)
        return b->invoke_index - last_index(a);
    if (last_index(b) < a->invoke_index)
        return a->invoke_index - last_index(b);
    return 0;
}

static bool is_witness(const struct selection *selection, const struct client_operation *operation)
{
    for (size_t i = 0; i < selection->witness_count; i++)
        if (selection->witness[i] == operation)
            return true;
    return false;
}

static bool find_witness(struct selection *selection, const struct results_key *key,
                         size_t *left_out)
{
    selection->witness =
        arena_zalloc(selection->arena, key->witness_count, sizeof *selection->witness);
    if (!selection->witness)
        return false;
    for (size_t i = 0; i < key->witness_count; i++) {
        const struct client_operation *operation =
            client_operations_find(&selection->run->operations, key->witness[i]);
        /* The last one is the one that cannot be placed, so it stays whatever their number. */
        bool fits =
            selection->witness_count + 1 < TIMELINE_WITNESS_MAX || i + 1 == key->witness_count;
        if (operation && fits)
            selection->witness[selection->witness_count++] = operation;
        *left_out += operation && !fits;
    }
    return true;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->distance != right->distance)
        return left->distance < right->distance ? -1 : 1;
    return (left->operation > right->operation) - (left->operation < right->operation);
}

/* All other operations of the key, nearest first. */
static bool rank_others(struct selection *selection)
{
    const struct client_operations *all = &selection->run->operations;
    selection->candidates =
        arena_alloc(selection->arena, all->count * sizeof *selection->candidates);
    if (!selection->candidates)
        return false;
    for (size_t i = 0; i < all->count; i++) {
        const struct client_operation *at = &all->items[i];
        if (at->key_hash != selection->witness[0]->key_hash || is_witness(selection, at))
            continue;
        uint32_t nearest = UINT32_MAX;
        for (size_t w = 0; w < selection->witness_count && nearest > 0; w++) {
            uint32_t distance = distance_between(at, selection->witness[w]);
            nearest = distance < nearest ? distance : nearest;
        }
        selection->candidates[selection->candidate_count++] = (struct candidate){at, nearest};
    }
    qsort(selection->candidates, selection->candidate_count, sizeof *selection->candidates,
          compare_candidates);
    return true;
}

static int compare_ops(const void *a, const void *b)
{
    const struct operation_words *left = a, *right = b;
    return (left->operation > right->operation) - (left->operation < right->operation);
}

/* The chosen ones with what they say, in order of invocation. */
static int read_words(const struct selection *selection, struct operation_words **out,
                      size_t *count, struct errbuf *err)
{
    size_t others = selection->chosen_count;
    *count = selection->witness_count + others;
    *out = arena_zalloc(selection->arena, *count, sizeof **out);
    if (!*out)
        return errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
    for (size_t i = 0; i < selection->witness_count; i++)
        (*out)[i].operation = selection->witness[i];
    for (size_t i = 0; i < others; i++)
        (*out)[selection->witness_count + i].operation = selection->candidates[i].operation;
    qsort(*out, *count, sizeof **out, compare_ops);
    return run_data_read_words(selection->run, *out, *count, selection->arena, err);
}

/* --- what is said of an operation --- */

static void put_value(struct strbuf *out, const struct operation_words *words)
{
    struct value from, to;
    bool ok = words->operation->type == OP_OK;
    struct value value = ok && !value_is_nil(words->completed) ? words->completed : words->invoked;
    if (words->operation->f == F_CAS && value_as_pair(value, &from, &to)) {
        value_write_text(out, from);
        strbuf_puts(out, "\xe2\x86\x92");
        value_write_text(out, to);
    } else if (value_is_nil(value) && !ok) {
        strbuf_puts(out, "?");
    } else {
        value_write_text(out, value);
    }
}

void timeline_put_label(struct strbuf *out, const struct operation_words *words)
{
    strbuf_puts(out, symbol_name(words->operation->f));
    strbuf_putc(out, ' ');
    put_value(out, words);
}

/* What the explanation calls the operation: 1 of T1; 0 if it has no name there. */
static uint32_t find_name(const struct selection *selection,
                          const struct client_operation *operation)
{
    const struct results_key *key = selection->key;
    for (size_t i = 0; key->witness_names && i < key->witness_count; i++)
        if (key->witness[i] == operation->invoke_index)
            return key->witness_names[i];
    return 0;
}

static bool set_label(const struct selection *selection, struct timeline_op *op)
{
    struct arena *arena = selection->arena;
    struct strbuf plain = STRBUF_INIT, label = STRBUF_INIT;
    uint32_t name = op->is_witness ? find_name(selection, op->words.operation) : 0;
    if (name > 0)
        strbuf_printf(&plain, "T%u: ", name);
    timeline_put_label(&plain, &op->words);
    if (strbuf_ok(&plain)) {
        size_t chars = safe_length(plain.text);
        op->label_chars = chars < TIMELINE_LABEL_CHARS ? chars : TIMELINE_LABEL_CHARS;
        safe_puts_html_cut(&label, plain.text, TIMELINE_LABEL_CHARS);
        op->label = strbuf_ok(&label) ? arena_strdup(arena, label.text) : NULL;
    }
    strbuf_fini(&plain);
    strbuf_fini(&label);
    return op->label != NULL;
}

/* Equal hashes are not yet equal keys. */
static bool keep_same_key(const struct selection *selection, const struct operation_words *words,
                          size_t count, struct timeline *out)
{
    struct value key = value_nil();
    for (size_t i = 0; i < count; i++)
        if (words[i].operation == selection->witness[0])
            key = words[i].key;
    out->ops = arena_zalloc(selection->arena, count, sizeof *out->ops);
    if (!out->ops)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!value_equal(words[i].key, key))
            continue;
        struct timeline_op *op = &out->ops[out->count++];
        op->words = words[i];
        op->is_witness = is_witness(selection, words[i].operation);
        op->is_failing = words[i].operation->invoke_index == selection->failing;
        if (!set_label(selection, op))
            return false;
    }
    return true;
}

static void count_left_out(const struct selection *selection, struct timeline *out)
{
    const struct client_operation *first = out->ops[0].words.operation;
    const struct client_operation *last = out->ops[out->count - 1].words.operation;
    for (size_t i = selection->chosen_count; i < selection->candidate_count; i++) {
        const struct client_operation *at = selection->candidates[i].operation;
        out->left_out += at > first && at < last;
        out->pending_before += at < first && operation_is_open(at);
    }
}

int timeline_select(const struct run_data *run, const struct results_key *key, size_t others_max,
                    struct arena *arena, struct timeline *out, struct errbuf *err)
{
    *out = (struct timeline){0};
    struct selection selection = {.run = run, .key = key, .arena = arena, .failing = key->failing};
    if (!find_witness(&selection, key, &out->witness_left_out))
        return errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
    if (selection.witness_count == 0)
        return 0;
    struct operation_words *words = NULL;
    size_t count = 0;
    if (!rank_others(&selection))
        return errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
    selection.chosen_count =
        selection.candidate_count < others_max ? selection.candidate_count : others_max;
    int rc = read_words(&selection, &words, &count, err);
    if (rc != 0)
        return rc;
    if (!keep_same_key(&selection, words, count, out))
        return errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
    count_left_out(&selection, out);
    return 0;
}
