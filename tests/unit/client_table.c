/* What every client must have, and the client that talks to nobody. */
#include "clients/table.h"

#include "core/errbuf.h"
#include "injector/yaml_tree.h"

#include <criterion/criterion.h>
#include <string.h>

Test(client_table, every_client_fills_its_slots)
{
    for (const struct client_type *const *at = client_table; *at; at++) {
        const struct client_type *type = *at;
        cr_assert(type->name && type->name[0] && type->doc && type->doc[0]);
        cr_assert(type->options && type->open && type->invoke && type->close, "%s", type->name);
        cr_assert_neq(type->functions[0], F_NONE, "%s can do nothing", type->name);
        for (const struct client_type *const *other = client_table; other != at; other++)
            cr_assert_str_neq((*other)->name, type->name);
    }
}

Test(client_table, every_default_is_a_value_that_its_option_takes)
{
    for (const struct client_type *const *at = client_table; *at; at++) {
        struct arena arena;
        struct errbuf err = ERRBUF_INIT;
        const struct option_values *values;
        arena_init(&arena, 0);
        cr_assert_eq(
            option_values_parse((*at)->options, NULL, "client", NULL, &arena, &values, &err), 0,
            "%s: %s", (*at)->name, err.text);
        arena_fini(&arena);
    }
}

/* One letter for each of count operations on a connection: o(k), f(ail), i(nfo). */
static const char *perform(const char *options, symbol f, size_t count, char *out)
{
    struct arena arena;
    struct errbuf err = ERRBUF_INIT;
    struct yaml_node *yaml;
    struct client_env env = {0};
    struct client *client;
    arena_init(&arena, 0);
    cr_assert_eq(yaml_tree_parse_value("test", options, &arena, &yaml, &err), 0);
    cr_assert_eq(
        option_values_parse(client_null.options, yaml, "client", NULL, &arena, &env.options, &err),
        0, "%s", err.text);
    cr_assert_eq(client_null.open(&env, &client, &err), 0);
    for (size_t i = 0; i < count; i++) {
        struct op op = {.process = 1, .f = f, .value = value_int(5)}, done;
        bool reopen;
        cr_assert_eq(client_invoke_checked(client, &op, &done, &reopen, &arena, &err), 0, "%s",
                     err.text);
        cr_assert(value_equal(done.value, op.value));
        out[i] = op_type_name(done.type)[0];
    }
    out[count] = '\0';
    client_null.close(client);
    arena_fini(&arena);
    return out;
}

Test(null_client, acknowledges_everything)
{
    char out[16];
    cr_assert_str_eq(perform("{}", F_WRITE, 6, out), "oooooo");
}

Test(null_client, fails_and_crashes_as_its_options_ask)
{
    char out[16];
    cr_assert_str_eq(perform("{fail_every: 3}", F_WRITE, 7, out), "oofoofo");
    cr_assert_str_eq(perform("{crash_every: 3}", F_WRITE, 7, out), "ooiooio");
    cr_assert_str_eq(perform("{crash_every: 3}", F_READ, 4, out), "oofo");
    cr_assert_str_eq(perform("{fail_every: 2, crash_every: 3}", F_ADD, 6, out), "ofifoi");
}
