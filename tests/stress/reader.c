/* Texts read by several threads at the same time, their values and names of operations shared
 * between them: for ThreadSanitizer, and the result must be that of one thread. */
#include "unit/reader_support.h"

#include "core/strbuf.h"

#include <stdio.h>

enum { EVENTS = 20000, PROCESSES = 5 };

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

/* Each key is appended to a while, and is read in every transaction. */
static void put_transaction(struct strbuf *out, bool is_edn, int i)
{
    int number = i / PROCESSES / 2 * PROCESSES + i % PROCESSES; /* its two events have the same */
    int key = number / 500, count = 1 + number % 500 / 5;
    strbuf_printf(
        out,
        is_edn ? "{:type :%s, :f :txn, :process %d, :value [[:append %d %d] [:r %d ["
               : "{\"type\":\"%s\",\"f\":\"txn\",\"process\":%d,\"value\":[[\"append\",%d,%d],"
                 "[\"r\",%d,[",
        i / PROCESSES % 2 ? "ok" : "invoke", i % PROCESSES, key, number, key);
    for (int k = 0; k < count; k++)
        strbuf_printf(out, "%s%d", k == 0 ? "" : is_edn ? " " : ",", key * 500 + k * 5);
    strbuf_puts(out, "]]]}\n");
}

/* Some events have what looks like the beginning of another one in their value. */
static void put_event(struct strbuf *out, bool is_edn, int i)
{
    const char *type = i / PROCESSES % 2 ? "ok" : "invoke";
    const char *text = i % 50 == 0 ? (is_edn ? "{:type :ok}" : "\\n{}") : "a text";
    int f = i / PROCESSES / 2 % 40;
    if (is_edn)
        strbuf_printf(out,
                      "{:type :%s, :f :name-%d, :value [%d \"%s %d\"], :process %d, :time %d}\n",
                      type, f, i % 7, text, i % 300, i % PROCESSES, i * 100);
    else
        strbuf_printf(out,
                      "{\"index\":%d,\"process\":%d,\"type\":\"%s\",\"f\":\"name-%d\",\"key\":%d,"
                      "\"value\":[\"%s\",%d]}\n",
                      i, i % PROCESSES, type, f, i % PROCESSES, text, i % 300);
}

static void read_both_ways(const struct reader *reader, bool is_edn, bool transactions)
{
    struct strbuf text = STRBUF_INIT;
    struct history alone, together;
    struct errbuf err = ERRBUF_INIT;
    for (int i = 0; i < EVENTS; i++)
        transactions ? put_transaction(&text, is_edn, i) : put_event(&text, is_edn, i);
    check(strbuf_ok(&text), "memory");
    struct reader_options options = {
        .threads = 4, .part_bytes = 5000, .pack_transactions = transactions};
    check(read_bytes(reader, text.text, text.length, options, &together, &err) == 0, err.text);
    options = (struct reader_options){
        .threads = 1, .general_only = true, .pack_transactions = transactions};
    check(read_bytes(reader, text.text, text.length, options, &alone, &err) == 0, err.text);
    check(alone.count == EVENTS && same_events(&alone, &together), "the same events");
    history_fini(&alone);
    history_fini(&together);
    strbuf_fini(&text);
}

int main(void)
{
    for (int transactions = 0; transactions < 2; transactions++) {
        read_both_ways(&reader_jsonl, false, transactions);
        read_both_ways(&reader_json, false, transactions);
        read_both_ways(&reader_edn, true, transactions);
    }
    return 0;
}
