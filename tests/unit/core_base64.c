#include "core/base64.h"

#include "core/arena.h"
#include "core/strbuf.h"

#include <criterion/criterion.h>
#include <string.h>

Test(base64, agrees_with_the_examples_of_the_rfc)
{
    static const char *const examples[][2] = {{"", ""},
                                              {"f", "Zg=="},
                                              {"fo", "Zm8="},
                                              {"foo", "Zm9v"},
                                              {"foob", "Zm9vYg=="},
                                              {"fooba", "Zm9vYmE="},
                                              {"foobar", "Zm9vYmFy"}};
    struct arena arena;
    arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct strbuf code = STRBUF_INIT;
        base64_encode(&code, examples[i][0], strlen(examples[i][0]));
        cr_assert_str_eq(code.text ? code.text : "", examples[i][1]);
        strbuf_fini(&code);
        char *data;
        size_t length;
        cr_assert(base64_decode(&arena, examples[i][1], strlen(examples[i][1]), &data, &length));
        cr_assert_eq(length, strlen(examples[i][0]));
        cr_assert_str_eq(data, examples[i][0]);
    }
    arena_fini(&arena);
}

Test(base64, carries_every_byte_there_and_back)
{
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)(255 - i);
    struct arena arena;
    arena_init(&arena, 0);
    struct strbuf code = STRBUF_INIT;
    base64_encode(&code, bytes, sizeof bytes);
    char *data;
    size_t length;
    cr_assert(base64_decode(&arena, code.text, code.length, &data, &length));
    cr_assert_eq(length, sizeof bytes);
    cr_assert_arr_eq(data, bytes, sizeof bytes);
    strbuf_fini(&code);
    arena_fini(&arena);
}

Test(base64, rejects_what_is_none)
{
    static const char *const wrong[] = {
        "Z", "Zg", "Zg=", "Zm9v=", "Z===", "====", "Zm 9", "Zm9-", "Zm9\n", "Zg==Zg==", "=m9v"};
    struct arena arena;
    arena_init(&arena, 0);
    char *data;
    size_t length;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert_not(base64_decode(&arena, wrong[i], strlen(wrong[i]), &data, &length), "%s",
                      wrong[i]);
    arena_fini(&arena);
}
