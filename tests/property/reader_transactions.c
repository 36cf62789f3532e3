/* Random transactional histories, written in every format that holds them and read again, packed by
 * the fast paths, packed by the general parser, and not packed: the transactions are those of the
 * history that was written. */
#include "formats/reader.h"
#include "formats/writer.h"
#include "property/property_runs.h"
#include "property/random_transactions.h"

#include <criterion/criterion.h>

struct way {
    const struct writer *writer;
    const struct reader *reader;
};

static const struct way ways[] = {
    {&writer_edn, &reader_edn}, {&writer_json, &reader_json}, {&writer_jsonl, &reader_jsonl}};

/* Counted over all rounds, so that all that is claimed was really asked. */
struct tally {
    uint64_t packed, values, lists;
};

static int write_event(void *context, const struct op *op, struct errbuf *err)
{
    const struct writer *writer = ((void **)context)[0];
    return writer->write(((void **)context)[1], op, err);
}

/* The text, with room behind it so that the fast paths may take the last events as well. */
static void write_history(const struct writer *writer, const struct operations *all,
                          struct writer_output *out)
{
    void *context[] = {(void *)(uintptr_t)writer, out};
    struct op_sink sink = {.take = write_event, .context = context};
    cr_assert_eq(writer_learn(all, &out->facts, NULL), 0);
    cr_assert(!writer->begin || writer->begin(out, NULL) == 0);
    cr_assert_eq(operations_for_each_event(all, &sink, NULL), 0);
    cr_assert(!writer->end || writer->end(out, NULL) == 0);
    strbuf_printf(&out->text, "\n%1100s\n", "");
}

static bool same_version(const struct transactions *a, const struct transactions *b, uint32_t i)
{
    return a->versions[i].txn == b->versions[i].txn &&
           value_equal(value_pool_get(a->object->values, a->versions[i].value),
                       value_pool_get(b->object->values, b->versions[i].value));
}

static bool same_versions(const struct transactions *a, const struct transactions *b)
{
    for (uint32_t i = 0; i < a->version_count; i++)
        if (!same_version(a, b, i))
            return false;
    for (uint32_t i = 0; i <= a->key_count; i++)
        if (a->keys[i].first_version != b->keys[i].first_version ||
            a->keys[i].ordered != b->keys[i].ordered ||
            (i < a->key_count && txn_key_value(a, i) != txn_key_value(b, i)))
            return false;
    return true;
}

static bool same_txns(const struct transactions *a, const struct transactions *b)
{
    for (uint32_t i = 0; i < a->txn_count; i++)
        if (a->txns[i].op != b->txns[i].op || a->txns[i].micros != b->txns[i].micros ||
            a->txns[i].session != b->txns[i].session || a->txns[i].fate != b->txns[i].fate)
            return false;
    for (uint32_t i = 0; i < a->micro_count; i++)
        if (memcmp(&a->micros[i], &b->micros[i], sizeof a->micros[i]) != 0)
            return false;
    return true;
}

static bool same_odd_reads(const struct transactions *a, const struct transactions *b)
{
    for (uint32_t i = 0; i < a->odd_read_count; i++) {
        const struct odd_read *one = &a->odd_reads[i], *other = &b->odd_reads[i];
        uint32_t count, other_count;
        const value_ref *items = txn_list(a, one->txn, one->place, &count);
        const value_ref *other_items = txn_list(b, other->txn, other->place, &other_count);
        if (one->kind != other->kind || one->txn != other->txn || one->micro != other->micro ||
            count != other_count || memcmp(items, other_items, count * sizeof *items) != 0)
            return false;
    }
    return true;
}

static bool same_transactions(const struct transactions *a, const struct transactions *b)
{
    return a->txn_count == b->txn_count && a->micro_count == b->micro_count &&
           a->key_count == b->key_count && a->version_count == b->version_count &&
           a->session_count == b->session_count && a->odd_read_count == b->odd_read_count &&
           a->rewritten_by[1] == b->rewritten_by[1] && same_versions(a, b) && same_txns(a, b) &&
           same_odd_reads(a, b);
}

static void count_values(const struct transactions *all, struct tally *tally)
{
    for (uint32_t i = 0; i < all->txn_count; i++) {
        value_ref value = operation_value(&all->object->ops[i]);
        tally->packed += micro_ops_is(value);
        tally->values++;
    }
    for (uint32_t i = 0; i < all->micro_count; i++)
        tally->lists += all->micros[i].is_list;
}

static void expect_same(const struct random_transactions *world, const struct reader *reader,
                        const struct strbuf *text, struct reader_options options,
                        struct tally *tally)
{
    struct reader_input input = {
        .name = "FILE", .text = text->text, .length = text->length, .options = options};
    struct operations all;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(reader_read(reader, &input, &all, &err), 0, "%s", err.text);
    struct operation ops[2 * WORLD_WRITES];
    cr_assert(all.key_count == 1 && all.operation_count == world->object.count);
    operations_of_key(&all, 0, ops);
    struct object object = world->object;
    object.all = &all;
    object.values = all.values;
    object.ops = ops;
    struct budget budget;
    budget_init(&budget, 0, 0);
    struct transactions txns;
    struct transactions_source source = {.object = &object};
    cr_assert_eq(transactions_build(&source, &budget, &txns, &err), 0, "%s", err.text);
    cr_assert(same_transactions(&txns, &world->txns), "%s:\n%.*s", reader->name, (int)text->length,
              text->text);
    count_values(&txns, tally);
    transactions_fini(&txns);
    cr_assert_eq(budget.bytes_used, 0);
    operations_fini(&all);
}

static void expect_round_trips(bool lists, uint64_t histories)
{
    struct tally fast = {0}, general = {0}, trees = {0};
    for (uint64_t i = 0; i < histories; i++) {
        struct random_transactions world;
        struct writer_output out = {.text = STRBUF_INIT};
        const struct way *way = &ways[i % 3];
        random_transactions_open(&world, lists, i);
        write_history(way->writer, &world.all, &out);
        struct reader_options options = {.threads = 1, .part_bytes = i % 7 ? 0 : 40};
        expect_same(&world, way->reader, &out.text, options, &trees);
        options.pack_transactions = true;
        expect_same(&world, way->reader, &out.text, options, &fast);
        options.general_only = true;
        expect_same(&world, way->reader, &out.text, options, &general);
        strbuf_fini(&out.text);
        random_transactions_close(&world);
    }
    cr_expect_eq(trees.packed, 0);
    cr_expect_eq(fast.packed, fast.values);
    cr_expect_eq(general.packed, general.values);
    cr_expect_gt(general.values, 3 * histories);
    cr_expect(lists ? general.lists > histories / 2 : general.lists == 0);
}

Test(reader_transactions, of_lists_are_the_same_packed_or_not)
{
    expect_round_trips(true, property_runs(10000));
}

Test(reader_transactions, of_registers_are_the_same_packed_or_not)
{
    expect_round_trips(false, property_runs(10000));
}
