/* LiMo's histories: who calls what and what returns, one event a line.
 *
 *     # @object atomic-queue
 *     [1] call enq(7)          also: call enq 7
 *     [1] return
 *     [2] call deq()           also: call deq
 *     [2] return 7             empty, or nothing: there was nothing
 *
 * A call that already says what it will give ("call pop(7)", "call read(7)") is an expectation, and
 * counts where the return says nothing else. A line `crash` ends all threads: what they had called
 * may have happened, and they go on under new numbers. Other lines that begin with # are comments.
 */
#include "formats/reader_lines.h"

#include "checker/open_calls.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/text.h"

#include <string.h>

enum { THREAD_MAX = (1 << 30) - 1 };

struct limo {
    const struct reader_input *input;
    struct reader_lines lines;
    struct operations *all;
    struct open_calls calls; /* by thread; number: its process now */
    int32_t next_number;     /* of a thread after a crash */
    bool malformed;          /* the line is no event, or not all of one */
    enum { OBJECT_OTHER, OBJECT_QUEUE, OBJECT_STACK, OBJECT_REGISTER } object;
};

static bool one_of(const char *word, size_t length, const char *const *names)
{
    for (; *names; names++)
        if (text_is(word, length, *names))
            return true;
    return false;
}

static const char *const adders[] = {"enq", "enqueue", "push", "add", "put", "write", NULL};
static const char *const takers[] = {"deq", "dequeue", "pop", "rem", "get", "read", NULL};

/* The usual names, by what the object is. */
static symbol method(const struct limo *limo, const char *word, size_t length)
{
    static const symbol adding[] = {0, F_ENQUEUE, F_PUSH, F_WRITE};
    static const symbol taking[] = {0, F_DEQUEUE, F_POP, F_READ};
    if (limo->object != OBJECT_OTHER && one_of(word, length, adders))
        return adding[limo->object];
    if (limo->object != OBJECT_OTHER && one_of(word, length, takers))
        return taking[limo->object];
    return symbol_intern(word, length);
}

static bool takes(symbol f)
{
    const char *name = symbol_name(f);
    return one_of(name, strlen(name), takers);
}

static int no_memory(const struct limo *limo, struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "%s: no memory for its operations", limo->input->name);
}

static int fail(struct limo *limo, const char *problem, struct errbuf *err)
{
    limo->malformed = true;
    return reader_error(limo->input, limo->lines.at, problem, err);
}

/* The line is an event, but one that cannot be. */
static int refuse(const struct limo *limo, const char *problem, struct errbuf *err)
{
    return reader_error(limo->input, limo->lines.line, problem, err);
}

/* An integer, true, false, or a word; `empty` and nothing are nil. */
static int take_value(struct limo *limo, value_ref *out, struct errbuf *err)
{
    const char *word;
    size_t length;
    int64_t integer;
    struct value value;
    *out = VALUE_REF_NIL;
    if (!reader_lines_word(&limo->lines, "()", &word, &length) || text_is(word, length, "empty"))
        return 0;
    if (reader_word_int(word, length, &integer))
        value = value_int(integer);
    else if (text_is(word, length, "true") || text_is(word, length, "false"))
        value = value_bool(length == 4);
    else
        value = value_text(VALUE_STRING, word, length);
    *out = value_pool_intern(limo->all->values, value);
    return *out == VALUE_REF_NOMEM ? no_memory(limo, err) : 0;
}

static int append(struct limo *limo, const struct open_call *call, enum op_type type,
                  value_ref value, struct errbuf *err)
{
    struct op op = {.time_ns = -1,
                    .process = call->number,
                    .f = call->f,
                    .type = (uint8_t)type,
                    .value = value_pool_get(limo->all->values, value)};
    return operations_append(limo->all, &op, err);
}

static int take_call(struct limo *limo, struct open_call *call, struct errbuf *err)
{
    const char *word;
    size_t length;
    if (call->is_open)
        return refuse(limo, "the thread has not returned from its last call", err);
    if (!reader_lines_word(&limo->lines, "(", &word, &length))
        return fail(limo, "expected what is called", err);
    call->f = method(limo, word, length);
    if (call->f == F_NONE)
        return refuse(limo, "too many different names of calls", err);
    bool brackets = reader_lines_take(&limo->lines, '(');
    int rc = take_value(limo, &call->argument, err);
    if (rc != 0)
        return rc;
    if ((brackets && !reader_lines_take(&limo->lines, ')')) || !reader_lines_done(&limo->lines))
        return fail(limo,
                    brackets ? "expected ')' and the end of the line"
                             : "expected the end of the line",
                    err);
    open_calls_open(&limo->calls, call);
    return append(limo, call, OP_INVOKE, takes(call->f) ? VALUE_REF_NIL : call->argument, err);
}

static int take_return(struct limo *limo, struct open_call *call, struct errbuf *err)
{
    value_ref value;
    if (!call->is_open)
        return refuse(limo, "the thread has called nothing", err);
    bool says_nothing = reader_lines_done(&limo->lines);
    int rc = take_value(limo, &value, err);
    if (rc != 0)
        return rc;
    if (!reader_lines_done(&limo->lines))
        return fail(limo, "expected the end of the line", err);
    open_calls_close(&limo->calls, call);
    return append(limo, call, OP_OK, says_nothing ? call->argument : value, err);
}

static int take_crash(struct limo *limo, struct errbuf *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < limo->calls.size; i++) {
        struct open_call *call = &limo->calls.calls[i];
        if (call->process < 0 || !call->is_open)
            continue;
        rc = append(limo, call, OP_INFO, takes(call->f) ? VALUE_REF_NIL : call->argument, err);
        open_calls_close(&limo->calls, call);
        if (limo->next_number == INT32_MAX)
            return refuse(limo, "too many crashes", err);
        call->number = limo->next_number++;
    }
    return rc;
}

static void take_comment(struct limo *limo)
{
    const char *word;
    size_t length;
    if (!reader_lines_word(&limo->lines, "", &word, &length) || !text_is(word, length, "@object") ||
        !reader_lines_word(&limo->lines, "", &word, &length))
        return;
    limo->object = memmem(word, length, "queue", 5)      ? OBJECT_QUEUE
                   : memmem(word, length, "stack", 5)    ? OBJECT_STACK
                   : memmem(word, length, "register", 8) ? OBJECT_REGISTER
                                                         : OBJECT_OTHER;
}

static int take_line(struct limo *limo, struct errbuf *err)
{
    struct reader_lines *lines = &limo->lines;
    const char *word;
    size_t length;
    int64_t thread;
    if (reader_lines_take(lines, '#'))
        return take_comment(limo), 0;
    if (text_is(lines->line, (size_t)(lines->stop - lines->line), "crash"))
        return take_crash(limo, err);
    if (!reader_lines_take(lines, '['))
        return fail(limo, "expected [THREAD] call METHOD(VALUE), or [THREAD] return VALUE", err);
    const char *start = lines->at;
    if (!reader_lines_word(lines, "]", &word, &length) || !reader_word_int(word, length, &thread) ||
        thread < 0 || thread > THREAD_MAX) {
        lines->at = lines->at < lines->stop ? start : lines->stop;
        return fail(limo, "a thread is a number from 0 to 1073741823", err);
    }
    if (!reader_lines_take(lines, ']'))
        return fail(limo, "expected ']' after the thread", err);
    uint32_t known = limo->calls.used;
    struct open_call *call = open_calls_get(&limo->calls, thread);
    if (!call)
        return no_memory(limo, err);
    if (limo->calls.used > known)
        call->number = (int32_t)thread;
    start = lines->at;
    if (reader_lines_word(lines, "", &word, &length) && text_is(word, length, "call"))
        return take_call(limo, call, err);
    if (text_is(word, length, "return"))
        return take_return(limo, call, err);
    lines->at = lines->at < lines->stop ? start : lines->stop;
    return fail(limo, "expected call or return after the thread", err);
}

static int read_all(const struct reader_input *input, struct operations *all, struct errbuf *err)
{
    struct limo limo = {.input = input, .all = all, .next_number = THREAD_MAX + 1};
    int rc;
    reader_lines_init(&limo.lines, input);
    while ((rc = reader_lines_next(&limo.lines, err)) == 1) {
        rc = take_line(&limo, err);
        if (limo.malformed && limo.lines.is_last && limo.lines.at == limo.lines.stop) {
            all->truncated = true;
            rc = 0;
        }
        if (rc != 0)
            break;
    }
    open_calls_fini(&limo.calls);
    return rc;
}

/* Of the object that the comments before the first event name. */
static const char *model(const char *text, size_t length)
{
    static const char *const models[] = {[OBJECT_OTHER] = NULL,
                                         [OBJECT_QUEUE] = "fifo-queue",
                                         [OBJECT_STACK] = "stack",
                                         [OBJECT_REGISTER] = "register"};
    struct reader_input input = {.name = "", .text = text, .length = length};
    struct limo limo = {.input = &input};
    reader_lines_init(&limo.lines, &input);
    while (limo.object == OBJECT_OTHER && reader_lines_next(&limo.lines, NULL) == 1 &&
           reader_lines_take(&limo.lines, '#'))
        take_comment(&limo);
    return models[limo.object];
}

/* The first line that is not blank names an object, or calls something. */
static bool sniff(const char *text, size_t length)
{
    struct reader_input input = {.name = "", .text = text, .length = length};
    struct reader_lines lines;
    const char *word;
    size_t word_length;
    reader_lines_init(&lines, &input);
    if (reader_lines_next(&lines, NULL) != 1)
        return false;
    if (reader_lines_take(&lines, '#'))
        return reader_lines_word(&lines, "", &word, &word_length) &&
               text_is(word, word_length, "@object");
    return reader_lines_take(&lines, '[') && reader_lines_word(&lines, "]", &word, &word_length) &&
           word[0] >= '0' && word[0] <= '9' && reader_lines_take(&lines, ']') &&
           reader_lines_word(&lines, "", &word, &word_length) && text_is(word, word_length, "call");
}

const struct reader reader_limo = {
    .name = "limo",
    .doc = "LiMo's histories: [1] call enq(7), [1] return",
    .sniff = sniff,
    .model = model,
    .read_all = read_all,
};
