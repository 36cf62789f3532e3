/* Every operation as a picture to move about in: what the script of the page needs, and its place.
 * Without scripts the section stays hidden, and the drawings of the violations say what matters. */
#include "report/page.h"

#include "report/timeline_asset.h"
#include "report/timeline_data.h"

#include "core/base64.h"
#include "core/err.h"
#include "core/errbuf.h"

enum {
    SHOWN_OPERATIONS_MAX = 1000000,
    SHOWN_KEYS_MAX = 20000,
    SHOWN_VIOLATIONS_MAX = 500,
    SHOWN_WITNESS_MAX = 1000,
};

/* A key's operations that are in the page, and what is wrong with them. */
struct shown_key {
    uint32_t key, first, count;
    const struct results_key *violation;
};

struct shown {
    const struct run_data *run;
    struct shown_key *keys;
    size_t key_count;
    uint32_t room; /* operations that may still be added */
    bool left_out;
};

static bool has_timeline(const struct run_data *run)
{
    return run->all && run->all->operation_count > 0;
}

const char *page_script_hash(const struct run_data *run)
{
    return has_timeline(run) ? timeline_script_hash : NULL;
}

/* --- the choice --- */

static bool is_shown(const struct shown *shown, uint32_t key)
{
    for (size_t i = 0; i < shown->key_count; i++)
        if (shown->keys[i].key == key)
            return true;
    return false;
}

/* Of a key that is too large, those around `middle`. */
static void show_key(struct shown *shown, uint32_t key, uint32_t middle,
                     const struct results_key *violation)
{
    uint32_t all = shown->run->all->keys[key].count;
    uint32_t count = all < shown->room ? all : shown->room;
    uint32_t first = middle > count / 2 ? middle - count / 2 : 0;
    if (count == 0 || shown->key_count == SHOWN_KEYS_MAX) {
        shown->left_out = true;
        return;
    }
    shown->left_out |= count < all;
    shown->room -= count;
    shown->keys[shown->key_count++] =
        (struct shown_key){key, first < all - count ? first : all - count, count, violation};
}

/* How many operations of the key were invoked before this one. */
static int number_of(const struct operations *all, uint32_t key, position invoke, uint32_t *number,
                     struct arena *arena)
{
    struct operation *ops = arena_alloc(arena, all->keys[key].count * sizeof *ops);
    if (!ops)
        return -1;
    operations_of_key(all, key, ops);
    for (*number = 0; *number < all->keys[key].count && ops[*number].invoke < invoke;)
        ++*number;
    return 0;
}

static int show_violation(struct shown *shown, const struct results_key *violation)
{
    const struct operations *all = shown->run->all;
    uint64_t index = violation->failing >= 0 ? (uint64_t)violation->failing
                     : violation->witness_count > 0
                         ? violation->witness[violation->witness_count - 1]
                         : UINT64_MAX;
    struct operation op;
    uint32_t key, number;
    if (index >= all->event_count ||
        !operations_find(all, operations_position(all, index), &key, &op) || is_shown(shown, key))
        return 0;
    struct arena arena;
    arena_init(&arena, 0);
    int rc = number_of(all, key, op.invoke, &number, &arena);
    arena_fini(&arena);
    if (rc == 0)
        show_key(shown, key, number, violation);
    return rc;
}

/* Those with a violation come first: they are shown whatever else is left out. */
static int choose(struct shown *shown, struct arena *arena)
{
    const struct results_check *check = &shown->run->results.check;
    const struct operations *all = shown->run->all;
    shown->room = SHOWN_OPERATIONS_MAX;
    shown->keys = arena_alloc(arena, SHOWN_KEYS_MAX * sizeof *shown->keys);
    if (!shown->keys)
        return -1;
    const struct results_key *violations[SHOWN_VIOLATIONS_MAX];
    size_t count = results_violations(check, violations, SHOWN_VIOLATIONS_MAX);
    for (size_t i = 0; i < count && i < SHOWN_VIOLATIONS_MAX; i++)
        if (show_violation(shown, violations[i]) != 0)
            return -1;
    size_t first = shown->key_count;
    bool *already = arena_zalloc(arena, all->key_count, sizeof *already);
    if (!already)
        return -1;
    for (size_t i = 0; i < first; i++)
        already[shown->keys[i].key] = true;
    for (uint32_t k = 0; k < all->key_count; k++)
        if (!already[k])
            show_key(shown, k, 0, NULL);
    return 0;
}

/* --- what the script is told --- */

static void put_key_name(struct strbuf *out, const struct operations *all, uint32_t key)
{
    struct strbuf name = STRBUF_INIT;
    if (all->keys[key].has_key)
        value_write_text(&name, value_pool_get(all->values, all->keys[key].key));
    timeline_data_put_text(out, name.text ? name.text : "");
    out->failed |= name.failed;
    strbuf_fini(&name);
}

/* [name, operations shown, of so many, index of the failing one or -1, [indexes of the witness]] */
static void put_key(struct strbuf *out, const struct operations *all, const struct shown_key *shown)
{
    const struct results_key *violation = shown->violation;
    strbuf_putc(out, '[');
    put_key_name(out, all, shown->key);
    strbuf_printf(out, ",%u,%u,%lld,[", shown->count, all->keys[shown->key].count,
                  violation ? (long long)violation->failing : -1LL);
    for (size_t i = 0; violation && i < violation->witness_count && i < SHOWN_WITNESS_MAX; i++)
        strbuf_printf(out, "%s%u", i ? "," : "", violation->witness[i]);
    strbuf_puts(out, "]]");
}

/* [begin, end, colour, text] */
static void put_bands(struct strbuf *out, const struct bands *bands)
{
    for (size_t i = 0; i < bands->count; i++) {
        const struct band *band = &bands->items[i];
        strbuf_printf(out, "%s[%lld,%lld,%u,", i ? "," : "", (long long)band->begin_ns,
                      (long long)band->end_ns, band->colour);
        struct strbuf text = STRBUF_INIT;
        strbuf_printf(&text, "%s %s", band->fault->fault, band->fault->description);
        timeline_data_put_text(out, text.text ? text.text : "");
        strbuf_fini(&text);
        strbuf_putc(out, ']');
    }
}

static void put_block(struct strbuf *out, const char *id, const struct strbuf *bytes)
{
    strbuf_printf(out, "<script type=\"application/octet-stream\" id=\"%s\">", id);
    base64_encode(out, bytes->text ? bytes->text : "", bytes->length);
    strbuf_puts(out, "</script>\n");
    out->failed |= bytes->failed;
}

static void put_document(struct strbuf *out, const struct shown *shown,
                         const struct timeline_data *data, const struct bands *bands)
{
    struct strbuf json = STRBUF_INIT;
    strbuf_printf(&json, "{\"timed\":%s,\"functions\":[", data->timed ? "true" : "false");
    strbuf_add(&json, data->functions.text, data->functions.length);
    strbuf_puts(&json, "],\"words\":[");
    strbuf_add(&json, data->words.text, data->words.length);
    strbuf_puts(&json, "],\"faults\":[");
    if (data->timed)
        put_bands(&json, bands);
    strbuf_printf(&json, "],\"left_out\":%s,\"keys\":[", shown->left_out ? "true" : "false");
    for (size_t i = 0; i < shown->key_count; i++) {
        strbuf_puts(&json, i ? "," : "");
        put_key(&json, shown->run->all, &shown->keys[i]);
    }
    strbuf_puts(&json, "]}");
    put_block(out, "timeline-document", &json);
    strbuf_fini(&json);
}

static int put_keys(struct strbuf *out, const struct shown *shown, struct timeline_data *data,
                    struct errbuf *err)
{
    struct strbuf bytes = STRBUF_INIT, id = STRBUF_INIT;
    int rc = 0;
    for (size_t i = 0; i < shown->key_count && rc == 0; i++) {
        const struct shown_key *key = &shown->keys[i];
        strbuf_reset(&bytes);
        strbuf_reset(&id);
        strbuf_printf(&id, "timeline-key-%zu", i);
        rc = timeline_data_put(data, key->key, key->first, key->count, &bytes, err);
        if (rc == 0 && strbuf_ok(&id))
            put_block(out, id.text, &bytes);
    }
    strbuf_fini(&bytes);
    strbuf_fini(&id);
    return rc;
}

/* --- its place --- */

void page_put_timeline(struct strbuf *out, const struct run_data *run)
{
    static const struct {
        const char *action, *label, *says;
    } buttons[] = {
        {"before", "\xe2\x97\x80 violation", "Show the violation before this one (p)"},
        {"after", "violation \xe2\x96\xb6", "Show the next violation (n)"},
        {"out", "\xe2\x88\x92", "Show more time (-)"},
        {"in", "+", "Show less time (+)"},
        {"left", "\xe2\x86\x90", "Earlier (left arrow)"},
        {"right", "\xe2\x86\x92", "Later (right arrow)"},
        {"all", "all", "Show all of it (0)"},
    };
    if (!has_timeline(run))
        return;
    strbuf_puts(out, "<section id=\"timeline\" hidden=\"hidden\"><h2>Every operation</h2>\n"
                     "<div class=\"tools\"><label>object <select></select></label>");
    for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++)
        strbuf_printf(out, "<button type=\"button\" data-do=\"%s\" title=\"%s\">%s</button>",
                      buttons[i].action, buttons[i].says, buttons[i].label);
    strbuf_puts(
        out,
        "</div>\n<div class=\"stage\"><canvas tabindex=\"0\" role=\"img\" aria-label=\"Operations "
        "by process and time\"></canvas></div>\n<p class=\"said\" role=\"status\"></p>\n"
        "<p class=\"note\">Rows are processes; those that came after one that crashed share its "
        "row. Drag to move; the wheel zooms once the picture was clicked, or with Ctrl. Keys: "
        "arrows, + and -, 0 for all, n and p for violations, comma and full stop for the operation "
        "before and after.<span class=\"less\"></span></p></section>\n");
}

int page_put_timeline_data(struct strbuf *out, const struct run_data *run,
                           const struct bands *bands, struct errbuf *err)
{
    if (!has_timeline(run))
        return 0;
    struct arena arena;
    struct shown shown = {.run = run};
    struct timeline_data data;
    arena_init(&arena, 0);
    int rc = timeline_data_init(&data, run->all, run->operations.last_ns >= 0, err);
    if (rc == 0 && choose(&shown, &arena) != 0)
        rc = errbuf_set(err, ERR_NOMEM, "no memory for a timeline");
    if (rc == 0)
        rc = put_keys(out, &shown, &data, err);
    if (rc == 0) {
        put_document(out, &shown, &data, bands);
        strbuf_puts(out, "<script>");
        strbuf_puts(out, timeline_script);
        strbuf_puts(out, "</script>\n");
    }
    timeline_data_fini(&data);
    arena_fini(&arena);
    return rc;
}
