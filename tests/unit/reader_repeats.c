/* Where a key comes twice nobody knows which value is meant: every reader of JSON or EDN refuses
 * it, and says where, whether the event is an odd one or one of the usual shape among many. */
#include "core/arena.h"
#include "core/edn.h"
#include "core/json_value.h"
#include "core/strbuf.h"
#include "core/value_map.h"
#include "unit/reader_support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct case_of {
    const struct reader *reader;
    const char *good;   /* an event, or all of a history, with this in it ... */
    const char *member; /* ... once; behind it another value is put under the same name */
    const char *again;
} cases[] = {
    {&reader_jsonl,
     "{\"index\":0,\"time\":1,\"process\":0,\"type\":\"invoke\",\"f\":\"write\","
     "\"key\":7,\"value\":4}\n",
     "\"value\":4", ",\"value\":5"},
    {&reader_jsonl,
     "{\"index\":0,\"time\":1,\"process\":0,\"type\":\"invoke\",\"f\":\"write\","
     "\"key\":7,\"value\":4}\n",
     "\"type\":\"invoke\"", ",\"type\":\"ok\""},
    {&reader_jsonl,
     "{\"index\":0,\"time\":1,\"process\":0,\"type\":\"invoke\",\"f\":\"write\","
     "\"key\":7,\"value\":4}\n",
     "\"key\":7", ", \"key\" : 7"},
    {&reader_json, "{\"type\":\"invoke\",\"f\":\"write\",\"value\":4,\"process\":0,\"time\":1}\n",
     "\"value\":4", ",\"value\":5"},
    {&reader_json, "{\"type\":\"invoke\",\"f\":\"write\",\"value\":4,\"process\":0,\"time\":1}\n",
     "\"process\":0", ",\"process\":0"},
    {&reader_json, "{\"type\":\"invoke\",\"f\":\"write\",\"value\":4,\"process\":0,\"time\":1}\n",
     "\"time\":1", ",\"other\":1,\"other\":2"},
    {&reader_dbcop_json,
     "{\"data\":[[{\"events\":[{\"Write\":{\"variable\":0,\"version\":1}}],\"committed\":true}]]}",
     "\"version\":1", ",\"version\":2"},
    {&reader_dbcop_json,
     "{\"data\":[[{\"events\":[{\"Write\":{\"variable\":0,\"version\":1}}],\"committed\":true}]]}",
     "\"committed\":true", ",\"committed\":false"},
    {&reader_dbcop_json,
     "{\"data\":[[{\"events\":[{\"Write\":{\"variable\":0,\"version\":1}}],\"committed\":true}]]}",
     "{\"variable\":0,\"version\":1}", ",\"Write\":{\"variable\":0,\"version\":2}"},
    {&reader_edn, "{:type :invoke, :f :write, :value 4, :process 0, :time 1}\n", ":value 4",
     ", :value 5"},
    {&reader_edn, "{:type :invoke, :f :write, :value 4, :process 0, :time 1}\n", ":type :invoke",
     " :type :ok"},
    {&reader_edn, "{:type :invoke, :f :write, :value {1 2}, :process 0, :time 1}\n", "1 2", " 1 2"},
    {&reader_porcupine_kv, "{:process 0, :type :invoke, :f :put, :key \"0\", :value \"x\"}\n",
     ":value \"x\"", ", :value \"y\""},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static bool is_of_lines(const struct case_of *one)
{
    return one->reader != &reader_dbcop_json;
}

/* The good event with the other member; behind others of the same shape, of processes that do
 * nothing else, so that what readers learn of the first ones is of use. */
static void put_case(struct strbuf *out, const struct case_of *one, int before, bool is_changed)
{
    const char *behind = strstr(one->good, one->member) + strlen(one->member);
    for (int i = 0; i < before; i++) {
        const char *process = strstr(one->good, "process") + strlen("process");
        size_t length = strcspn(process, "0");
        strbuf_add(out, one->good, (size_t)(process - one->good) + length);
        strbuf_put_int(out, i + 1);
        strbuf_puts(out, process + length + 1);
    }
    strbuf_add(out, one->good, (size_t)(behind - one->good));
    strbuf_puts(out, is_changed ? one->again : "");
    strbuf_puts(out, behind);
}

static int read_case(const struct case_of *one, int before, bool is_changed, struct errbuf *err)
{
    struct strbuf text = STRBUF_INIT;
    struct history history;
    struct reader_options options = {.threads = 1};
    put_case(&text, one, before, is_changed);
    int rc = read_bytes(one->reader, text.text, text.length, options, &history, err);
    history_fini(&history);
    strbuf_fini(&text);
    return rc;
}

Test(reader_repeats, a_key_that_comes_twice_is_an_error_with_its_place)
{
    for (int i = 0; i < CASES; i++) {
        int most = is_of_lines(&cases[i]) ? 40 : 0;
        for (int before = 0; before <= most; before += 20) {
            struct errbuf err = ERRBUF_INIT;
            char place[32];
            snprintf(place, sizeof place, "FILE:%d:", before + 1);
            cr_assert_eq(read_case(&cases[i], before, false, &err), 0, "%d: %s", i, err.text);
            cr_assert_eq(read_case(&cases[i], before, true, &err), ERR_INPUT, "case %d", i);
            cr_expect(strncmp(err.text, place, strlen(place)) == 0, "%d: %s", i, err.text);
            cr_expect(strstr(err.text, "twice") || strstr(err.text, "once"), "%d: %s", i, err.text);
        }
    }
}

Test(reader_repeats, points_at_the_key_that_comes_again)
{
    struct history history;
    struct errbuf err = ERRBUF_INIT;
    struct reader_options options = {.threads = 1};
    const char *text = "{:type :ok\n :value 1\n :value 2}";
    read_bytes(&reader_edn, text, strlen(text), options, &history, &err);
    cr_expect_str_eq(err.text, "FILE:3:2: " VALUE_MAP_REPEATS);
    history_fini(&history);
}

/* A map of so many keys, from 0 on; the last one is `last`. */
static bool repeats(int count, int last)
{
    struct arena arena;
    struct value items[200];
    arena_init(&arena, 0);
    for (int i = 0; i < count; i++) {
        items[2 * i] = value_int(i + 1 < count ? i : last);
        items[2 * i + 1] = value_int(7);
    }
    bool found = value_map_repeats(value_items(VALUE_MAP, items, 2 * (size_t)count), &arena);
    arena_fini(&arena);
    return found;
}

Test(reader_repeats, keys_are_compared_in_small_and_large_maps)
{
    cr_expect_not(repeats(1, 0));
    for (int count = 2; count <= 100; count++) {
        cr_expect_not(repeats(count, count), "%d", count);
        for (int last = 0; last < count - 1; last++)
            cr_expect(repeats(count, last), "%d of %d", last, count);
    }
}

Test(reader_repeats, values_in_values_are_looked_at_too)
{
    struct arena arena;
    struct value value;
    struct edn_cursor edn = {.at = "[{:a {1 2, 3 4, 1 2}}]"};
    struct json_cursor json = {.at = "[{\"a\":{\"map\":[1,2,3,4,1,2]}}]"};
    edn.end = edn.at + strlen(edn.at);
    json.end = json.at + strlen(json.at);
    arena_init(&arena, 0);
    cr_expect_not(edn_read_value(&edn, &arena, &value));
    cr_expect_not(json_read_value(&json, &arena, &value));
    cr_expect_str_eq(edn.problem, VALUE_MAP_REPEATS);
    cr_expect_str_eq(json.problem, VALUE_MAP_REPEATS);
    cr_expect_not(edn.ended_early || json.ended_early);
    arena_fini(&arena);
}
