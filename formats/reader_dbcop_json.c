/* dbcop's histories as JSON: an object whose member "data" is a list of sessions, or that list
 * itself. A session is a list of transactions.
 *
 *     {"params": ..., "data": [[{"events": [{"Write": {"variable": 0, "version": 1}},
 *                                           {"Read": {"variable": 0, "version": null}}],
 *                                "committed": true}]]}
 *
 * ["w", 0, 1] and ["r", 0, null] are the same events in short. The version null is what was there
 * before the first write, and so is 0, if nobody wrote it (dbcop, crates/core/src/history/raw). */
#include "formats/reader_txns.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/json_value.h"
#include "core/text.h"
#include "core/value_map.h"

struct dbcop_json {
    struct reader_txns txns;
    struct json_cursor cursor;
    struct arena arena; /* for one event */
};

static int fail(struct dbcop_json *self, const char *problem)
{
    self->cursor.problem = problem;
    return ERR_INPUT;
}

/* --- events --- */

/* What an event says; false if it is none. */
static bool open_event(struct value event, enum micro_f *f, struct value *key, struct value *value)
{
    struct value body = value_nil();
    bool is_short = event.kind == VALUE_LIST && event.count == 3;
    bool writes = is_short ? value_is_text(event.items[0], VALUE_STRING, "w")
                           : value_map_get(event, VALUE_STRING, "Write", &body);
    bool reads = is_short ? value_is_text(event.items[0], VALUE_STRING, "r")
                          : value_map_get(event, VALUE_STRING, "Read", &body);
    *f = writes ? MICRO_WRITE : MICRO_READ;
    if (writes == reads)
        return false;
    if (is_short) {
        *key = event.items[1];
        *value = event.items[2];
        return true;
    }
    return value_map_get(body, VALUE_STRING, "variable", key) &&
           value_map_get(body, VALUE_STRING, "version", value);
}

static int take_event(struct dbcop_json *self, struct errbuf *err)
{
    struct value event, key, value;
    enum micro_f f;
    json_skip_space(&self->cursor);
    const char *begin = self->cursor.at;
    if (!json_read_value(&self->cursor, &self->arena, &event))
        return ERR_INPUT;
    bool is_one = open_event(event, &f, &key, &value) && key.kind < VALUE_LIST &&
                  value.kind < VALUE_LIST && !value_is_nil(key) &&
                  (f == MICRO_READ || !value_is_nil(value));
    int rc = is_one
                 ? reader_txns_add(&self->txns, f, value_pool_intern(self->txns.all->values, key),
                                   value_pool_intern(self->txns.all->values, value), err)
                 : fail(self, "expected {\"Write\": {\"variable\": 0, \"version\": 1}} or "
                              "{\"Read\": ...}");
    if (!is_one)
        self->cursor.at = begin;
    arena_reset(&self->arena);
    return rc;
}

/* --- lists --- */

typedef int take_item(struct dbcop_json *self, struct errbuf *err);

static int take_list(struct dbcop_json *self, take_item *item, const char *expected,
                     struct errbuf *err)
{
    if (!json_expect(&self->cursor, '[', expected))
        return ERR_INPUT;
    if (json_take(&self->cursor, ']'))
        return 0;
    do {
        int rc = item(self, err);
        if (rc != 0)
            return rc;
    } while (json_take(&self->cursor, ','));
    return json_expect(&self->cursor, ']', "expected ',' or ']'") ? 0 : ERR_INPUT;
}

/* The name of the next member, the cursor behind its colon. False on failure. */
static bool take_name(struct dbcop_json *self, const char **name, size_t *length)
{
    return json_read_string(&self->cursor, &self->arena, name, length) &&
           json_expect(&self->cursor, ':', "expected ':' after a member's name");
}

static int take_committed(struct dbcop_json *self, bool *out)
{
    struct value value;
    if (!json_read_value(&self->cursor, &self->arena, &value))
        return ERR_INPUT;
    *out = value.kind == VALUE_BOOL && value.boolean;
    return value.kind == VALUE_BOOL ? 0 : fail(self, "\"committed\" must be true or false");
}

struct members {
    bool has_events, has_committed, committed;
};

static int take_member(struct dbcop_json *self, struct members *seen, struct errbuf *err)
{
    const char *name;
    size_t length;
    if (!take_name(self, &name, &length))
        return ERR_INPUT;
    if (text_is(name, length, "committed")) {
        if (seen->has_committed)
            return fail(self, "a transaction has \"committed\" once");
        seen->has_committed = true;
        return take_committed(self, &seen->committed);
    }
    if (!text_is(name, length, "events"))
        return json_skip_value(&self->cursor) ? 0 : ERR_INPUT;
    if (seen->has_events)
        return fail(self, "a transaction has \"events\" once");
    seen->has_events = true;
    return take_list(self, take_event, "expected the list of events", err);
}

static int take_transaction(struct dbcop_json *self, struct errbuf *err)
{
    struct members seen = {0};
    if (!json_expect(&self->cursor, '{', "expected {\"events\": [...], \"committed\": true}"))
        return ERR_INPUT;
    int rc = reader_txns_begin(&self->txns, err);
    do {
        if (rc == 0)
            rc = take_member(self, &seen, err);
        if (rc != 0)
            return rc;
    } while (json_take(&self->cursor, ','));
    if (!json_expect(&self->cursor, '}', "expected ',' or '}'"))
        return ERR_INPUT;
    if (!seen.has_events || !seen.has_committed)
        return fail(self, "a transaction needs \"events\" and \"committed\"");
    return reader_txns_end(&self->txns, seen.committed ? OP_OK : OP_FAIL, err);
}

static int take_session(struct dbcop_json *self, struct errbuf *err)
{
    int rc = take_list(self, take_transaction, "expected a session, a list of transactions", err);
    self->txns.session += rc == 0; /* else it may go on as one that is cut short */
    return rc;
}

static int take_sessions(struct dbcop_json *self, struct errbuf *err)
{
    return take_list(self, take_session, "expected the list of sessions", err);
}

/* --- the whole --- */

static int take_object(struct dbcop_json *self, struct errbuf *err)
{
    bool has_data = false;
    do {
        const char *name;
        size_t length;
        if (!take_name(self, &name, &length))
            return ERR_INPUT;
        bool is_data = text_is(name, length, "data");
        if (is_data && has_data)
            return fail(self, "a history has \"data\" once");
        int rc = is_data                          ? take_sessions(self, err)
                 : json_skip_value(&self->cursor) ? 0
                                                  : ERR_INPUT;
        if (rc != 0)
            return rc;
        has_data |= is_data;
        arena_reset(&self->arena);
    } while (json_take(&self->cursor, ','));
    if (!json_expect(&self->cursor, '}', "expected ',' or '}'"))
        return ERR_INPUT;
    return has_data ? 0 : fail(self, "the history needs \"data\", a list of sessions");
}

static int take_history(struct dbcop_json *self, struct errbuf *err)
{
    int rc = json_take(&self->cursor, '{') ? take_object(self, err) : take_sessions(self, err);
    if (rc != 0)
        return rc;
    json_skip_space(&self->cursor);
    return self->cursor.at == self->cursor.end ? 0 : fail(self, "expected the end of the text");
}

static int read_all(const struct reader_input *input, struct operations *all, struct errbuf *err)
{
    struct dbcop_json self = {.cursor = {.at = input->text, .end = input->text + input->length}};
    reader_txns_init(&self.txns, input, all);
    arena_init(&self.arena, input->options.bytes_max);
    int rc = take_history(&self, err);
    arena_fini(&self.arena);
    if (self.cursor.problem && self.cursor.ended_early)
        return reader_txns_cut(&self.txns, err);
    return self.cursor.problem ? reader_error(input, self.cursor.at, self.cursor.problem, err) : rc;
}

/* {"params": or {"data":, or a list of lists of objects with "events" or "committed". */
static bool sniff(const char *text, size_t length)
{
    static const char *const firsts[] = {"params", "data"};
    struct json_cursor cursor = {.at = text, .end = text + length};
    const char *name;
    size_t name_length;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    bool is_object = json_take(&cursor, '{'), is_it = false;
    bool is_list =
        !is_object && json_take(&cursor, '[') && json_take(&cursor, '[') && json_take(&cursor, '{');
    if ((is_object || is_list) && json_read_string(&cursor, &arena, &name, &name_length)) {
        for (size_t i = 0; is_object && i < sizeof firsts / sizeof firsts[0]; i++)
            is_it = is_it || text_is(name, name_length, firsts[i]);
        is_it = is_it || (is_list && (text_is(name, name_length, "events") ||
                                      text_is(name, name_length, "committed")));
    }
    arena_fini(&arena);
    return is_it;
}

const struct reader reader_dbcop_json = {
    .name = "dbcop-json",
    .doc = "dbcop's JSON: sessions of transactions of {\"Write\": ...} and {\"Read\": ...}",
    .semantics = {.has_no_times = true,
                  .initial = VALUE_REF_ZERO,
                  .initial_is_given = true,
                  .initial_may_be_nil = true},
    .sniff = sniff,
    .read_all = read_all,
};
