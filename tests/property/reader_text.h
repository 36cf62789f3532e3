/* Random texts in the formats of the readers, well-formed or with something changed, full of what
 * looks like the beginning of an event and is none: in strings, comments, nested and discarded
 * values. */
#ifndef TESTS_PROPERTY_READER_TEXT_H
#define TESTS_PROPERTY_READER_TEXT_H

#include "core/random.h"
#include "core/strbuf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum text_format { TEXT_JSONL, TEXT_JSON, TEXT_EDN, TEXT_ETCD, TEXT_FORMATS };

static const char *one_of(struct random *random, const char *const *texts, size_t count)
{
    return texts[random_below(random, count)];
}

#define ONE_OF(random, ...)                                                                        \
    one_of(random, (const char *const[]){__VA_ARGS__},                                             \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* The first text once in so many times, else the second. */
#define ONE_IN(random, times, rare, usual) (random_below(random, times) ? (usual) : (rare))

/* --- values --- */

static void put_number(struct random *random, struct strbuf *out)
{
    switch (random_below(random, 8)) {
    case 0:
        strbuf_puts(out,
                    ONE_OF(random, "007", "-0", "1.5", "-3e2", "123456789012345678",
                           "9223372036854775807", "-9223372036854775808", "9223372036854775808",
                           "1234567890123456789012", ONE_IN(random, 8, "-", "1"),
                           ONE_IN(random, 8, "1e", "2"), "12345678", "1073741824", "-1073741825"));
        break;
    case 1:
        strbuf_put_int(out, (int64_t)(random_u64(random) >> random_below(random, 64)));
        break;
    default:
        strbuf_put_int(out, random_between(random, -1, 9));
    }
}

static void put_json_value(struct random *random, struct strbuf *out, int depth)
{
    switch (random_below(random, depth > 0 ? 12 : 8)) {
    case 0:
        strbuf_puts(out, "null");
        break;
    case 1:
        strbuf_puts(out, ONE_OF(random, "true", "false", "true", ONE_IN(random, 8, "nul", "null")));
        break;
    case 2:
        strbuf_puts(out, ONE_OF(random, "\"a\"", "\"\"", "\"a b\"", "\"\\n\"",
                                ONE_IN(random, 8, "\"\\u00e9\\q\"", "\"\\u00e9\""),
                                "\"},{\\\"type\\\":\\\"ok\\\"}\"",
                                "\"a string longer than any word that is read at once, a string "
                                "longer than any word\"",
                                "\"tab\there\"", ONE_IN(random, 8, "\"open", "\"open\"")));
        break;
    case 8:
        strbuf_puts(out, "{\"type\":");
        put_json_value(random, out, depth - 1);
        strbuf_puts(out, "}");
        break;
    case 9:
        strbuf_puts(out, ONE_OF(random, "{\"keyword\":\"k\"}", "{\"set\":[1,2]}", "{}", "[]"));
        break;
    case 10:
    case 11:
        strbuf_puts(out, "[");
        for (uint64_t i = 0, count = random_below(random, 4); i < count; i++) {
            strbuf_puts(out, i ? ONE_OF(random, ",", ", ", " , ") : "");
            put_json_value(random, out, depth - 1);
        }
        strbuf_puts(out, "]");
        break;
    default:
        put_number(random, out);
    }
}

static void put_edn_value(struct random *random, struct strbuf *out, int depth)
{
    switch (random_below(random, depth > 0 ? 14 : 9)) {
    case 0:
        strbuf_puts(out, "nil");
        break;
    case 1:
        strbuf_puts(out, ONE_OF(random, "true", "false", "nilx", "5N", "+6", "1/2", "\\a", "\\}",
                                "sym", "N"));
        break;
    case 2:
        strbuf_puts(out, ONE_OF(random, "\"a\"", "\"\"", "\"a b\"", "\"\\n\"",
                                ONE_IN(random, 8, "\"\\q\"", "\"q\""), "\"\n{:type :ok} \"",
                                "\"{:type\"", "\"\\\"{:type :info}\"", "\"open"));
        break;
    case 3:
        strbuf_puts(out, ONE_OF(random, ":x", ":ns/x", ":", ":a-b", ":timeout", ":x.y"));
        break;
    case 9:
        strbuf_puts(out, "{:type ");
        put_edn_value(random, out, depth - 1);
        strbuf_puts(out, "}");
        break;
    case 10:
        strbuf_puts(out, ONE_OF(random, "#{1 2}", "#inst \"2020\"", "#_{:type :ok} 5", "(1 2)",
                                "; {:type :ok}\n 7", "{}", "#:a{:b 1}", "#_ #_ 1 2 3"));
        break;
    case 11:
    case 12:
    case 13:
        strbuf_puts(out, "[");
        for (uint64_t i = 0, count = random_below(random, 4); i < count; i++) {
            strbuf_puts(out, i ? ONE_OF(random, " ", ", ", "\n") : "");
            put_edn_value(random, out, depth - 1);
        }
        strbuf_puts(out, "]");
        break;
    default:
        put_number(random, out);
    }
}

/* --- transactions --- */

static void put_element(struct random *random, struct strbuf *out, uint64_t key, uint64_t i,
                        bool is_last)
{
    int64_t element = (int64_t)(key * 7 + i * i * 11);
    if (is_last && random_below(random, 8) == 0)
        strbuf_put_int(out, element / (i % 2 ? 10 : 100)); /* begins as the right one */
    else if (random_below(random, 400) == 0)
        strbuf_puts(out, ONE_OF(random, "nil", "null", "\"a\"", "-5", "1073741824", "[1]"));
    else
        strbuf_put_int(out, element);
}

/* What an appended list may have been once: mostly a beginning of the same. */
static void put_list(struct random *random, struct strbuf *out, uint64_t key, const char *separator)
{
    uint64_t count = random_below(random, random_below(random, 8) ? 12 : 300);
    strbuf_puts(out, "[");
    for (uint64_t i = 0; i < count; i++) {
        strbuf_puts(out, i == 0 ? "" : ONE_IN(random, 2000, "  ", separator));
        put_element(random, out, key, i, i + 1 == count);
    }
    strbuf_puts(out, "]");
}

static void put_micro_f(struct random *random, struct strbuf *out, bool is_edn, const char *f)
{
    if (is_edn)
        strbuf_printf(out, random_below(random, 40) ? ":%s" : "\"%s\"", f);
    else
        strbuf_printf(out, random_below(random, 3) ? "\"%s\"" : "{\"keyword\":\"%s\"}", f);
}

static void put_micro(struct random *random, struct strbuf *out, bool is_edn)
{
    const char *separator = is_edn ? " " : ONE_IN(random, 16, ", ", ",");
    const char *f = random_below(random, 3) ? "r" : ONE_OF(random, "append", "w", "r", "cas");
    uint64_t key = random_below(random, 3), how = random_below(random, 16);
    strbuf_puts(out, "[");
    put_micro_f(random, out, is_edn, f);
    strbuf_puts(out, separator);
    if (how == 0)
        strbuf_puts(out, is_edn ? ONE_OF(random, ":x", "\"x\"", "nil") : "\"x\"");
    else
        strbuf_put_int(out, (int64_t)key);
    strbuf_puts(out, how == 1 ? "" : separator);
    if (f[0] == 'r' && random_below(random, 4))
        put_list(random, out, key, separator);
    else if (how == 2)
        strbuf_puts(out, ONE_OF(random, "\"v\"", "[[]]", "true", "[1 2]"));
    else if (how < 8)
        strbuf_puts(out, is_edn ? "nil" : "null");
    else
        strbuf_put_int(out, (int64_t)how);
    strbuf_puts(out, ONE_IN(random, 60, " ]", "]"));
}

static void put_transaction(struct random *random, struct strbuf *out, bool is_edn)
{
    strbuf_puts(out, "[");
    for (uint64_t i = 0, count = random_below(random, 6); i < count; i++) {
        strbuf_puts(out, i == 0 ? "" : is_edn ? ONE_IN(random, 40, ", ", " ") : ",");
        put_micro(random, out, is_edn);
    }
    strbuf_puts(out, "]");
}

/* --- events --- */

static void put_time(struct random *random, struct strbuf *out)
{
    strbuf_put_int(out, random_between(random, 0, INT64_C(1) << random_below(random, 60)));
}

/* What the next event of a client may be, so that most histories pair. */
struct text_clients {
    const char *open[4];
    int process[4];

    /* How one program writes them all; members[0] = 0: each event is written in its own way. */
    char members[16];
    const char *gap, *comma;
    bool has_pairs; /* most values are [key value] */
    bool has_transactions;
};

struct text_event {
    const char *type, *f;
    int process;
};

static struct text_event next_event(struct random *random, struct text_clients *clients)
{
    uint64_t i = random_below(random, 4);
    struct text_event event = {"invoke", clients->open[i], clients->process[i]};
    if (random_below(random, 8) == 0)
        return (struct text_event){"info", "start", -1};
    if (!event.f) {
        event.f = ONE_OF(random, "read", "write", "cas", "cas",
                         ONE_IN(random, 8, "a-name-of-length-24-xyzw", "compare-and-set"));
        clients->open[i] = event.f;
        return event;
    }
    event.type = ONE_OF(random, "ok", "fail", "info", "ok");
    clients->open[i] = NULL;
    clients->process[i] += event.type[0] == 'i' ? 4 : 0;
    return event;
}

static void put_json_member(struct random *random, struct strbuf *out,
                            const struct text_event *event, char which, const char *colon)
{
    switch (which) {
    case 'i':
        strbuf_printf(out, "\"index\"%s%d", colon, (int)random_below(random, 1000000000));
        break;
    case 't':
        strbuf_printf(out, "\"type\"%s\"%s\"", colon, event->type);
        break;
    case 'T':
        strbuf_printf(out, "\"time\"%s", colon);
        put_time(random, out);
        break;
    case 'p':
        if (event->process >= 0)
            strbuf_printf(out, "\"process\"%s%d", colon, event->process);
        else
            strbuf_printf(out, "\"process\"%s%s", colon,
                          ONE_OF(random, "\"nemesis\"", "\"other\"", "null"));
        break;
    case 'f':
        strbuf_printf(out, "\"f\"%s\"%s\"", colon, event->f);
        break;
    case 'v':
        strbuf_printf(out, "\"value\"%s", colon);
        put_json_value(random, out, 2);
        break;
    case 'e':
        strbuf_printf(out, "\"error\"%s%s", colon,
                      ONE_OF(random, "\"timeout\"", "\"a\\nb\"", "null", "[\"x\",1]", "\"\""));
        break;
    default:
        strbuf_printf(out, "\"%s\"%s",
                      ONE_OF(random, "x", "node", "an-unknown-member", "no\\u0064e"), colon);
        put_json_value(random, out, 2);
    }
}

static void put_edn_entry(struct random *random, struct strbuf *out, const struct text_event *event,
                          char which, const char *space)
{
    switch (which) {
    case 'i':
        strbuf_printf(out, ":index%s%d", space, (int)random_below(random, 1000000000));
        break;
    case 't':
        strbuf_printf(out, ":type%s:%s", space, event->type);
        break;
    case 'T':
        strbuf_printf(out, ":time%s", space);
        put_time(random, out);
        break;
    case 'p':
        if (event->process >= 0)
            strbuf_printf(out, ":process%s%d", space, event->process);
        else
            strbuf_printf(out, ":process%s%s", space, ONE_OF(random, ":nemesis", ":other", "nil"));
        break;
    case 'f':
        strbuf_printf(out, ":f%s:%s", space, event->f);
        break;
    case 'v':
        strbuf_printf(out, ":value%s", space);
        put_edn_value(random, out, 2);
        break;
    case 'e':
        strbuf_printf(out, ":error%s%s", space,
                      ONE_OF(random, ":timeout", "\"a\\nb\"", "nil", "[:x 1]", "#object[a 1]"));
        break;
    default:
        strbuf_printf(out, "%s%s", ONE_OF(random, ":x", ":node", ":ns/key", "\"s\"", "5"), space);
        put_edn_value(random, out, 2);
    }
}

/* The members in their usual order, or in any, some left out or twice. */
static void choose_members(struct random *random, char members[16])
{
    strcpy(members, random_below(random, 2) ? "iTptfv" : "tfvpTi");
    size_t count = 6;
    if (random_below(random, 4) == 0)
        members[count++] = 'e';
    if (random_below(random, 8) == 0)
        members[count++] = 'x';
    if (random_below(random, 8) == 0) {
        if (random_below(random, 8) == 0)
            members[random_below(random, count)] = "iTptfvex"[random_below(random, 8)];
        size_t a = random_below(random, count), b = random_below(random, count);
        char moved = members[a];
        members[a] = members[b];
        members[b] = moved;
    }
    members[count] = '\0';
}

/* [key value], mostly. */
static void put_pair(struct random *random, struct strbuf *out, bool is_edn)
{
    strbuf_printf(out, "[%d%s", (int)random_below(random, 3), is_edn ? " " : ",");
    if (random_below(random, 8) == 0)
        strbuf_puts(out, " ");
    if (is_edn)
        put_edn_value(random, out, 1);
    else
        put_json_value(random, out, 1);
    strbuf_puts(out, ONE_IN(random, 40, "", "]"));
}

static void put_event(struct random *random, struct strbuf *out, enum text_format format,
                      struct text_clients *clients, bool has_keys)
{
    struct text_event event = next_event(random, clients);
    char members[16];
    bool is_regular = clients->members[0];
    if (is_regular)
        strcpy(members, clients->members);
    else
        choose_members(random, members);
    if (format == TEXT_ETCD) {
        bool is_answered = strcmp(event.type, "invoke") == 0 || strcmp(event.type, "ok") == 0;
        const char *f = strlen(event.f) > 5 ? "write" : event.f;
        const char *argument = strcmp(f, "cas") == 0 ? "[1 2]" : ONE_OF(random, "nil", "3", "-12");
        strbuf_printf(out, "INFO  jepsen.util - %d\t:%s\t:%s\t%s", event.process, event.type, f,
                      is_answered || random_below(random, 2) ? argument : ":timed-out");
        return;
    }
    bool is_edn = format == TEXT_EDN;
    const char *gap = random_below(random, 8) ? (is_edn ? " " : ":")
                      : is_edn                ? ONE_OF(random, "  ", ",", "\n", " ;c {:type\n")
                                              : ONE_OF(random, ": ", " : ", ":\t");
    gap = is_regular ? clients->gap : gap;
    if (is_edn && !is_regular && random_below(random, 6) == 0)
        strbuf_puts(out, ONE_OF(random, "#jepsen.history.Op", "#_{:type :ok} ", "; {:type :ok\n"));
    strbuf_puts(out, "{");
    for (size_t i = 0; members[i]; i++) {
        const char *comma = is_edn
                                ? (random_below(random, 6) ? ", " : ONE_OF(random, " ", ",", "\n"))
                                : (random_below(random, 6) ? "," : ", ");
        strbuf_puts(out, i == 0 ? "" : is_regular ? clients->comma : comma);
        if (members[i] == 'v' && (clients->has_pairs || clients->has_transactions)) {
            strbuf_printf(out, is_edn ? ":value%s" : "\"value\"%s", gap);
            if (clients->has_transactions)
                put_transaction(random, out, is_edn);
            else
                put_pair(random, out, is_edn);
        } else if (is_edn)
            put_edn_entry(random, out, &event, members[i], gap);
        else
            put_json_member(random, out, &event, members[i], gap);
        if (format == TEXT_JSONL && has_keys && members[i] == 'f')
            strbuf_printf(out, ",\"key\"%s%d", gap, event.process / 4);
    }
    strbuf_puts(out, "}");
}

static void mutate(struct random *random, struct strbuf *out)
{
    static const char bytes[] = "{}[]()\",:;#_\\ \n\r0159-.enil\0\xff";
    for (uint64_t i = random_below(random, 3); i > 0 && out->length; i--) {
        size_t at = random_below(random, out->length);
        switch (random_below(random, 3)) {
        case 0:
            out->text[at] = bytes[random_below(random, sizeof bytes - 1)];
            break;
        case 1:
            memmove(out->text + at, out->text + at + 1, out->length - at - 1);
            out->length--;
            break;
        default:
            out->length = at;
        }
    }
}

static void make_text(struct random *random, enum text_format format, struct strbuf *out)
{
    struct text_clients clients = {.process = {0, 1, 2, 3}};
    uint64_t count = random_below(random, 14), enclosure = random_below(random, 3);
    bool has_keys = random_below(random, 2), is_array = format == TEXT_JSON && enclosure;
    if (random_below(random, 2)) {
        choose_members(random, clients.members);
        clients.gap = format == TEXT_EDN ? " " : ONE_IN(random, 4, ": ", ":");
        clients.comma =
            format == TEXT_EDN ? ONE_IN(random, 4, " ", ", ") : ONE_OF(random, ",", ", ");
        clients.has_pairs = random_below(random, 2);
        clients.has_transactions = random_below(random, 3) == 0;
    }
    strbuf_reset(out);
    strbuf_puts(out, "");
    if (is_array)
        strbuf_puts(out, ONE_OF(random, "[", " [\n"));
    else if (format == TEXT_EDN)
        strbuf_puts(out, enclosure == 0 ? "" : enclosure == 1 ? "[" : "(");
    for (uint64_t i = 0; i < count; i++) {
        if (is_array && i)
            strbuf_puts(out, random_below(random, 3) ? "," : ",\n ");
        put_event(random, out, format, &clients, has_keys);
        bool is_line = format == TEXT_JSONL || format == TEXT_ETCD;
        if (is_line)
            strbuf_puts(out,
                        random_below(random, 12)
                            ? "\n"
                            : ONE_OF(random, "\r\n", "\n\n", ONE_IN(random, 4, "\nx\n", "\n \n")));
        else if (!is_array)
            strbuf_puts(out, random_below(random, 6) ? "\n" : ONE_OF(random, " ", "", "\n\n"));
    }
    if (is_array || (format == TEXT_EDN && enclosure))
        strbuf_puts(out, format == TEXT_EDN && enclosure == 2 ? ")" : "]\n");
    if (random_below(random, 4) == 0)
        mutate(random, out);
}

#endif
