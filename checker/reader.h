/* The contract of a history reader: from the bytes of a file to a history and to what its format
 * says about it.
 *
 * A reader is given the whole text, appends every event in order, and stops at the first thing
 * that is not as its format says. A last event that is cut short is left out and sets
 * history->truncated: a history is written while things break, so its end may be missing.
 *
 * To add one, do these three things: write reader_NAME.c with a `const struct reader`; declare it
 * here and name it in reader_table (reader.c), before any whose sniff accepts more; add a fuzz
 * target under tests/fuzz and malformed inputs to tests/unit/reader.c. */
#ifndef CHECKER_READER_H
#define CHECKER_READER_H

#include "checker/semantics.h"
#include "core/history.h"

struct arena;
struct errbuf;

struct reader_options {
    /* EDN and Jepsen's JSON: every value is [key value], of one of several independent objects. */
    bool independent;
};

struct reader_input {
    const char *name; /* for errors: "NAME:LINE:COLUMN: what is wrong" */
    const char *text; /* not NUL-terminated */
    size_t length;
    struct reader_options options;
};

struct reader {
    const char *name;
    const char *doc; /* one line */
    struct history_semantics semantics;

    /* Whether the text looks like this format; may look at a bounded part of its beginning. */
    bool (*sniff)(const char *text, size_t length);

    /* Appends to *history, which on failure is left with the events before. Errors: ERR_INPUT with
     * the position, ERR_NOMEM. Linear time. Pure: any number may run at once. */
    int (*read)(const struct reader_input *input, struct history *history, struct errbuf *err);
};

extern const struct reader reader_jsonl;
extern const struct reader reader_json;
extern const struct reader reader_edn;
extern const struct reader reader_porcupine_etcd;

/* Every reader there is, NULL at the end. */
extern const struct reader *const reader_table[];

/* NULL if there is none of this name. */
const struct reader *reader_find(const char *name);

/* Loads the history in a file ("-": standard input) into *history, which the caller has
 * initialised and frees in any case, and fills *semantics. format is a reader's name, or NULL to
 * find it from the text. A regular file is mapped, not copied.
 * Errors: ERR_IO, ERR_INPUT (no such format, or none that fits; malformed), ERR_NOMEM. */
int reader_load(const char *path, const char *format, struct reader_options options,
                struct history *history, struct history_semantics *semantics, struct errbuf *err);

/* The user's --initial: text is one EDN value (nil, 0, "abc", :x); anything a reader assumed about
 * the beginning is replaced. The value lives in the pool. ERR_INPUT, ERR_NOMEM. */
int reader_set_initial(struct history_semantics *semantics, const char *text,
                       struct value_pool *values, struct errbuf *err);

/* For readers: ERR_INPUT with "NAME:LINE:COLUMN: problem" for a position in the text. */
int reader_error(const struct reader_input *input, const char *at, const char *problem,
                 struct errbuf *err);

/* For readers: takes a value [key value] of an independent object apart, into op->key and
 * op->value. False if it is not a list of two. */
bool reader_split_key(struct op *op);

#endif
