#include "injector/events.h"

#include "core/errbuf.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/faultline-events-XXXXXX";

static void new_path(void)
{
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
    unlink(path);
}

static void remove_path(void)
{
    unlink(path);
}

TestSuite(events, .init = new_path, .fini = remove_path);

static json_t *only_line(void)
{
    json_t *line = json_load_file(path, 0, NULL);
    cr_assert(line, "not one JSON document");
    return line;
}

Test(events, writes_one_line_with_both_times_node_and_detail)
{
    struct clock clock;
    clock_init_virtual(&clock);
    clock_advance_to(&clock, 1500);
    struct events *events;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(events_open(path, &clock, &events, &err), 0, "%s", err.text);
    events_write(events, "n1", "process", "s:s, s:i", "state", "killed", "pid", 4711);
    events_close(events);
    json_t *line = only_line();
    cr_assert_str_eq(json_string_value(json_object_get(line, "time")),
                     "1970-01-01T00:00:00.000001Z");
    cr_assert_eq(json_integer_value(json_object_get(line, "t")), 1500);
    cr_assert_str_eq(json_string_value(json_object_get(line, "node")), "n1");
    json_t *detail = json_object_get(line, "detail");
    cr_assert_str_eq(json_string_value(json_object_get(detail, "state")), "killed");
    cr_assert_eq(json_integer_value(json_object_get(detail, "pid")), 4711);
    json_decref(line);
}

Test(events, leaves_the_node_out_where_there_is_none)
{
    struct clock clock;
    clock_init_virtual(&clock);
    struct events *events;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(events_open(path, &clock, &events, &err), 0, "%s", err.text);
    events_write(events, NULL, "run", "s:s", "message", "quote \" and \n newline");
    events_close(events);
    json_t *line = only_line();
    cr_assert_null(json_object_get(line, "node"));
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(line, "detail"), "message")),
                     "quote \" and \n newline");
    json_decref(line);
}

Test(events, never_writes_over_an_older_file)
{
    struct clock clock;
    clock_init_virtual(&clock);
    struct events *events;
    struct errbuf err = ERRBUF_INIT;
    cr_assert_eq(events_open(path, &clock, &events, &err), 0, "%s", err.text);
    events_close(events);
    cr_assert_neq(events_open(path, &clock, &events, &err), 0);
    cr_assert(strstr(err.text, path), "%s", err.text);
}
