#include "formats/reader.h"

#include "core/edn.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "core/suggest.h"
#include "formats/reader_files.h"
#include "formats/reader_keys.h"
#include "formats/reader_parts.h"
#include "formats/reader_text.h"
#include "formats/reader_unnamed.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct reader *const reader_table[] = {
    &reader_porcupine_etcd,
    &reader_porcupine_kv,
    &reader_polylin,
    &reader_limo,
    &reader_awdit,
    &reader_plume,
    &reader_cobra,
    &reader_dbcop,
    &reader_dbcop_json,
    &reader_dbcop_hist,
    &reader_jsonl,
    &reader_json,
    &reader_edn,
    NULL,
};

const struct reader *reader_find(const char *name)
{
    for (const struct reader *const *reader = reader_table; *reader; reader++)
        if (strcmp((*reader)->name, name) == 0)
            return *reader;
    return NULL;
}

int reader_error(const struct reader_input *input, const char *at, const char *problem,
                 struct errbuf *err)
{
    size_t line, column;
    edn_position(input->text, at, &line, &column);
    return errbuf_set(err, ERR_INPUT, "%s:%zu:%zu: %s", input->name, line, column, problem);
}

int reader_binary_error(const struct reader_input *input, const char *at, const char *problem,
                        struct errbuf *err)
{
    return errbuf_set(err, ERR_INPUT, "%s: byte %td: %s", input->name, at - input->text, problem);
}

bool reader_split_key(struct op *op)
{
    struct value key, value;
    if (!value_as_pair(op->value, &key, &value))
        return false;
    op->has_key = true;
    op->key = key;
    op->value = value;
    return true;
}

int reader_set_initial(struct history_semantics *semantics, const char *text,
                       struct value_pool *values, struct errbuf *err)
{
    struct edn_cursor cursor = {.at = text, .end = text + strlen(text)};
    struct arena arena;
    struct value value;
    arena_init(&arena, 0);
    bool read = edn_read_value(&cursor, &arena, &value) && edn_skip_space(&cursor) &&
                cursor.at == cursor.end;
    value_ref initial = read ? value_pool_intern(values, value) : VALUE_REF_NIL;
    arena_fini(&arena);
    if (!read)
        return errbuf_set(
            err, ERR_INPUT,
            "initial value \"%s\": expected one value such as nil, 0, \"text\" or :key", text);
    if (initial == VALUE_REF_NOMEM)
        return errbuf_set(err, ERR_NOMEM, "no memory for the initial value");
    semantics->initial = initial;
    semantics->initial_is_given = true;
    semantics->initial_may_be_nil = false;
    return 0;
}

/* --- which format --- */

static void put_names(struct strbuf *out)
{
    for (const struct reader *const *reader = reader_table; *reader; reader++) {
        strbuf_puts(out, reader == reader_table ? "" : ", ");
        strbuf_puts(out, (*reader)->name);
    }
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n')
            return false;
    return true;
}

const struct reader *reader_sniff(const char *text, size_t length)
{
    if (is_blank(text, length))
        return &reader_jsonl; /* a history in which nothing happened */
    for (const struct reader *const *reader = reader_table; *reader; reader++)
        if ((*reader)->sniff(text, length))
            return *reader;
    return NULL;
}

static bool begins_with(const struct reader_input *input, const char *bytes)
{
    size_t length = strlen(bytes);
    return input->length >= length && memcmp(input->text, bytes, length) == 0;
}

/* Some editors begin a text in UTF-8 with one; it is no part of it. */
static void skip_byte_order_mark(struct reader_input *input)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (!begins_with(input, mark))
        return;
    input->text += strlen(mark);
    input->length -= strlen(mark);
}

static int choose(const struct reader_input *input, const char *format,
                  const struct reader **reader, struct errbuf *err)
{
    if (begins_with(input, "\xff\xfe") || begins_with(input, "\xfe\xff"))
        return errbuf_set(err, ERR_INPUT, "%s: is UTF-16; a history must be UTF-8", input->name);
    *reader = format ? reader_find(format) : reader_sniff(input->text, input->length);
    if (*reader)
        return 0;
    struct strbuf names = STRBUF_INIT;
    put_names(&names);
    const char *known = strbuf_ok(&names) ? names.text : "";
    if (format)
        errbuf_set(err, ERR_INPUT, "no history format \"%s\"; %sthere are: %s", format,
                   suggest_one(format, known).text, known);
    else
        errbuf_set(err, ERR_INPUT, "%s: is no history in a known format (%s)", input->name, known);
    strbuf_fini(&names);
    return ERR_INPUT;
}

/* --- reading --- */

int reader_read(const struct reader *reader, const struct reader_input *input,
                struct operations *all, struct errbuf *err)
{
    int rc = operations_init(all, input->options.bytes_max);
    if (rc != 0)
        return errbuf_set(err, rc, "%s: no memory to read it", input->name);
    rc = reader->read_part ? reader_parts_read(reader, input, all, err)
                           : reader->read_all(input, all, err);
    if (rc == 0) {
        rc = operations_finish(all, err);
        if (rc != 0)
            errbuf_prefix(err, "%s", input->name);
    }
    if (rc != 0)
        operations_fini(all);
    return rc;
}

static int name_clients(const char *path, const struct reader_options *options,
                        struct operations *all, struct errbuf *err)
{
    int rc = reader_name_clients(options, all, err);
    if (rc == 0)
        return 0;
    operations_fini(all);
    return errbuf_set(err, rc, "%s: no memory to name its clients", path);
}

static int refuse_pairs(const struct reader_input *input, bool keyed, struct errbuf *err)
{
    if (!keyed)
        return 0;
    return errbuf_set(err, ERR_INPUT,
                      "%s: the values of its operations are [key value], of independent keys: say "
                      "--independent",
                      input->name);
}

static void place_error(const struct reader *reader, const struct reader_input *input,
                        struct errbuf *err)
{
    static const char about[] = ": event ";
    size_t length = strlen(input->name), line, column;
    if (!err || strncmp(err->text, input->name, length) != 0 ||
        strncmp(err->text + length, about, strlen(about)) != 0)
        return;
    struct errbuf old = *err;
    unsigned long long index = strtoull(old.text + length + strlen(about), NULL, 10);
    const char *at = reader_parts_find_event(reader, input, index);
    if (!at)
        return;
    edn_position(input->text, at, &line, &column);
    errbuf_set(err, ERR_INPUT, "%s:%zu:%zu%s", input->name, line, column, old.text + length);
}

void reader_place_error(const char *path, const char *format, struct errbuf *err)
{
    struct reader_text text;
    const struct reader *reader = NULL;
    if (strcmp(path, "-") == 0 || reader_text_open(path, 0, &text, NULL) != 0)
        return;
    struct reader_input input = {.name = path, .text = text.data, .length = text.length};
    skip_byte_order_mark(&input);
    if (choose(&input, format, &reader, NULL) == 0)
        place_error(reader, &input, err);
    reader_text_close(&text);
}

/* Keys are mostly seen at the beginning; where reads come last, only when all is read. */
static int read_whole(const struct reader *reader, const struct reader_input *input,
                      struct operations *all, struct errbuf *err)
{
    const struct reader_options *options = &input->options;
    bool keyed = options->refuses_pairs && reader_sees_keys(reader, input);
    int rc = refuse_pairs(input, keyed, err);
    if (rc == 0) {
        rc = reader_read(reader, input, all, err);
        if (rc == ERR_INPUT)
            place_error(reader, input, err);
    }
    if (rc == 0)
        rc = name_clients(input->name, options, all, err);
    if (rc != 0 || !options->refuses_pairs || !reader_may_have_keys(reader, input))
        return rc;
    rc = reader_finds_keys(all, options->bytes_max, &keyed);
    if (rc != 0)
        errbuf_set(err, rc, "%s: no memory to look for its keys", input->name);
    if (rc == 0)
        rc = refuse_pairs(input, keyed, err);
    if (rc != 0)
        operations_fini(all);
    return rc;
}

/* What the end of a history that is cut short is in the middle of. */
static const char *find_cut(const struct reader_input *input, bool is_cut)
{
    size_t at = 0;
    while (at < input->length && is_blank(&input->text[at], 1))
        at++;
    bool is_list = at < input->length && (input->text[at] == '[' || input->text[at] == '(');
    return is_cut ? "the compressed data" : is_list ? "the list of events" : "an event";
}

static int load(struct reader_input *input, const char *format, bool is_cut, struct operations *all,
                struct history_semantics *semantics, struct errbuf *err)
{
    const struct reader *reader = NULL;
    size_t length = input->length;
    skip_byte_order_mark(input);
    int rc = choose(input, format, &reader, err);
    if (rc == 0 && input->file_count > 0 && reader != &reader_cobra)
        rc = errbuf_set(err, ERR_INPUT, "%s: is a directory, which only a cobra history is",
                        input->name);
    if (rc == 0)
        rc = read_whole(reader, input, all, err);
    if (rc != 0)
        return rc;
    all->truncated = all->truncated || is_cut;
    if (all->truncated) {
        all->truncated_in = find_cut(input, is_cut);
        all->truncated_at = input->file_count > 0 ? 0 : length;
    }
    *semantics = reader->semantics;
    semantics->model = reader->model ? reader->model(input->text, input->length) : NULL;
    if (reader->learn && !reader->learn(input->text, input->length, all->values, semantics)) {
        operations_fini(all);
        return errbuf_set(err, ERR_NOMEM, "%s: no memory for its header", input->name);
    }
    return 0;
}

static int load_file(const char *path, const char *format, struct reader_options options,
                     struct operations *all, struct history_semantics *semantics,
                     struct errbuf *err)
{
    struct reader_text text;
    int rc = reader_text_open(path, options.bytes_max, &text, err);
    if (rc != 0)
        return rc;
    struct reader_input input = {.name = strcmp(path, "-") == 0 ? "standard input" : path,
                                 .text = text.data,
                                 .length = text.length,
                                 .is_mapped = text.is_mapped,
                                 .options = options};
    rc = load(&input, format, text.is_cut, all, semantics, err);
    reader_text_close(&text);
    return rc;
}

/* dbcop keeps a history in a directory of its own. NULL if it is none of them. */
static char *bincode_in(const char *path)
{
    struct strbuf file = STRBUF_INIT;
    strbuf_printf(&file, "%s/history.bincode", path);
    if (strbuf_ok(&file) && access(file.text, F_OK) == 0)
        return file.text;
    strbuf_fini(&file);
    return NULL;
}

static int load_directory(const char *path, const char *format, struct reader_options options,
                          struct operations *all, struct history_semantics *semantics,
                          struct errbuf *err)
{
    char *bincode = bincode_in(path);
    if (bincode) {
        int rc = load_file(bincode, format, options, all, semantics, err);
        free(bincode);
        return rc;
    }
    struct reader_files files;
    int rc = reader_files_open(path, options.bytes_max, &files, err);
    if (rc != 0)
        return rc;
    struct reader_input input = {.name = path,
                                 .text = files.files[0].text,
                                 .length = files.files[0].length,
                                 .files = files.files,
                                 .file_count = files.count,
                                 .options = options};
    rc = load(&input, format, reader_files_are_cut(&files), all, semantics, err);
    reader_files_close(&files);
    return rc;
}

int reader_load(const char *path, const char *format, struct reader_options options,
                struct operations *all, struct history_semantics *semantics, struct errbuf *err)
{
    return reader_files_is_directory(path)
               ? load_directory(path, format, options, all, semantics, err)
               : load_file(path, format, options, all, semantics, err);
}
