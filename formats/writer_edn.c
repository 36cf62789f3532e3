/* Jepsen's EDN: one map a line.
 *
 *     {:type :invoke, :f :write, :value 3, :process 0, :time 1200345, :index 0}
 *
 * The value of an operation on one of several independent objects is [key value], and is read again
 * with --independent. An error is written as the value it is the text of (:timeout), or as a
 * string. */
#include "formats/writer.h"

#include "core/arena.h"
#include "core/edn.h"
#include "core/edn_write.h"

#include <string.h>

static const char no_keyword[] = "this value: EDN has no such keyword, or its text is not UTF-8";

static void put(struct strbuf *text, const char *literal, size_t length)
{
    strbuf_add(text, literal, length);
}
#define PUT(text, literal) put(text, literal, sizeof(literal) - 1)

static void put_type(struct strbuf *text, uint8_t type)
{
    static const char *const heads[] = {[OP_INVOKE] = "{:type :invoke, :f ",
                                        [OP_OK] = "{:type :ok, :f ",
                                        [OP_FAIL] = "{:type :fail, :f ",
                                        [OP_INFO] = "{:type :info, :f "};
    strbuf_puts(text, heads[type]);
}

static bool put_name(struct strbuf *text, symbol f)
{
    const char *name = symbol_name(f);
    if (f == F_NONE)
        PUT(text, "nil");
    return f == F_NONE || edn_write_name(text, name, strlen(name));
}

static bool put_value(struct strbuf *text, const struct op *op)
{
    bool held = true;
    PUT(text, ", :value ");
    if (op->has_key) {
        strbuf_putc(text, '[');
        held = edn_write_value(text, op->key);
        strbuf_putc(text, ' ');
    }
    held = edn_write_value(text, op->value) && held;
    if (op->has_key)
        strbuf_putc(text, ']');
    return held;
}

/* Whether the text is that of a keyword or collection, which is read again as the same text. */
static bool is_written_value(const char *error)
{
    struct arena arena;
    struct strbuf again = STRBUF_INIT;
    struct edn_cursor cursor = {.at = error, .end = error + strlen(error)};
    struct value value;
    if (*error == '\0' || !strchr(":[{#", *error))
        return false;
    arena_init(&arena, 0);
    bool same = edn_read_value(&cursor, &arena, &value) && cursor.at == cursor.end;
    if (same)
        value_write_text(&again, value);
    same = same && strbuf_ok(&again) && again.text && strcmp(again.text, error) == 0;
    strbuf_fini(&again);
    arena_fini(&arena);
    return same;
}

static bool put_error(struct strbuf *text, const char *error)
{
    PUT(text, ", :error ");
    if (is_written_value(error)) {
        strbuf_puts(text, error);
        return true;
    }
    return edn_write_value(text, value_string(error));
}

static int write(struct writer_output *out, const struct op *op, struct errbuf *err)
{
    struct strbuf *text = &out->text;
    if (op->has_key && op->process < 0)
        return writer_cannot(&writer_edn, op, "the key of an event that is no client's", err);
    if (op->has_key && !out->facts.clients_have_keys)
        return writer_cannot(&writer_edn, op, "a key, as other operations have none", err);
    put_type(text, op->type);
    bool held = put_name(text, op->f);
    held = put_value(text, op) && held;
    if (op->process >= 0) {
        PUT(text, ", :process ");
        strbuf_put_int(text, op->process);
    } else if (op->process == PROCESS_NEMESIS) {
        PUT(text, ", :process :nemesis");
    }
    if (op->time_ns >= 0) {
        PUT(text, ", :time ");
        strbuf_put_int(text, op->time_ns);
    }
    PUT(text, ", :index ");
    strbuf_put_int(text, op->index);
    if (op->error)
        held = put_error(text, op->error) && held;
    PUT(text, "}\n");
    return held ? 0 : writer_cannot(&writer_edn, op, no_keyword, err);
}

static int begin(struct writer_output *out, struct errbuf *err)
{
    (void)err;
    writer_lose_header(out);
    return 0;
}

const struct writer writer_edn = {
    .name = "edn",
    .doc = "Jepsen's EDN: one operation map a line",
    .extension = ".edn",
    .begin = begin,
    .write = write,
};
