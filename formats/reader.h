/* The contract of a history reader: from text to operations, and to what the format says about
 * them.
 *
 * A history is written while things break, so its end may be missing: a last event that is cut
 * short is left out and sets `truncated`. Anything else that is not as the format says is an error
 * with its line and column, the first in the text, however many threads read it.
 *
 * Most readers read parts of a text (read_part), several at the same time. Parts begin where a line
 * begins or, if the reader has `open`, where an event looks as if it began: such a place is a guess
 * (it may lie in a string, a comment or a nested value), and a part that was guessed wrong is read
 * again from where the one before really ended. A reader whose events are not in order of time in
 * the text reads it at once (read_all).
 *
 * To add one, do these three things: write reader_NAME.c with a `const struct reader`; declare it
 * here and name it in reader_table (reader.c), before any whose sniff accepts more; add a fuzz
 * target under tests/fuzz and malformed inputs to tests/unit/reader.c. */
#ifndef FORMATS_READER_H
#define FORMATS_READER_H

#include "checker/semantics.h"
#include "core/operations.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct reader_part;

struct reader_options {
    /* EDN and Jepsen's JSON: every value is [key value], of one of several independent objects. */
    bool independent;
    /* Values that are transactions are kept packed (core/micro_ops.h). */
    bool pack_transactions;
    bool refuses_pairs;  /* ERR_INPUT, at once, if values look so although they should not */
    unsigned threads;    /* 0 = one a core */
    int64_t deadline_ns; /* on monotonic_ns(); 0 = none */
    size_t bytes_max;    /* of the operations, and of text that is no plain file; 0 = no cap */
    bool general_only;   /* for tests: no fast paths */
    size_t part_bytes;   /* of the text, at most READER_PART_BYTES_MAX; more if there would be too
                            many parts; 0 = as it suits */
};

/* No event is shorter than {:type :ok}, so that no part is too full. Large, as what each process
 * does at the end of a part is kept until all are joined. */
enum { READER_PART_BYTES_MAX = 11 * OPERATIONS_PART_MAX };

/* One file of a history that is a directory. */
struct reader_file {
    const char *name, *text;
    size_t length;
};

struct reader_input {
    const char *name; /* for errors: "NAME:LINE:COLUMN: what is wrong" */
    const char *text; /* not NUL-terminated */
    size_t length;
    bool is_mapped; /* a file's: what was read may be left to the system, which can read it again */
    const struct reader_file *files; /* of a directory: text is the first one's; else none */
    size_t file_count;
    struct reader_options options;
};

/* What holds for the whole text, found at its beginning. */
struct reader_frame {
    const char *first; /* where events begin */
    char closing;      /* the bracket that ends the history; 0 if none does */
    /* How events begin, as far as can be told from the first one. */
    char signature[32];
    size_t signature_length; /* 0: the text cannot be cut */
};

struct reader {
    const char *name;
    const char *doc; /* one line */
    struct history_semantics semantics;

    /* Whether the text looks like this format; may look at a bounded part of its beginning. */
    bool (*sniff)(const char *text, size_t length);

    /* The model whose object the text's header names; NULL if it names none. May itself be NULL. */
    const char *(*model)(const char *text, size_t length);

    /* What a header says of the history, into the semantics: false without memory. May be NULL. */
    bool (*learn)(const char *text, size_t length, struct value_pool *values,
                  struct history_semantics *out);

    /* NULL if events are lines. Otherwise fills in the frame; never fails: what is wrong with the
     * text is for read_part to say. */
    void (*open)(const struct reader_input *input, struct reader_frame *frame);

    /* Reads one part; see formats/reader_part.h. Errors: ERR_INPUT by way of reader_part_fail, what
     * the functions of reader_part.h return. Linear time. Any number run at once. */
    int (*read_part)(struct reader_part *part, struct errbuf *err);

    /* If read_part is NULL: appends every event in order (operations_append) and sets
     * all->truncated. Errors: ERR_INPUT (see reader_error), ERR_TIMEOUT, what operations_append
     * returns. */
    int (*read_all)(const struct reader_input *input, struct operations *all, struct errbuf *err);
};

extern const struct reader reader_jsonl;
extern const struct reader reader_json;
extern const struct reader reader_edn;
extern const struct reader reader_porcupine_etcd;
extern const struct reader reader_porcupine_kv;
extern const struct reader reader_polylin;
extern const struct reader reader_limo;
extern const struct reader reader_awdit;
extern const struct reader reader_plume;
extern const struct reader reader_cobra;
extern const struct reader reader_dbcop;
extern const struct reader reader_dbcop_json;
extern const struct reader reader_dbcop_hist;

/* Every reader there is, NULL at the end. */
extern const struct reader *const reader_table[];

/* NULL if there is none of this name. */
const struct reader *reader_find(const char *name);

/* The reader whose format the text looks like; NULL if there is none. */
const struct reader *reader_sniff(const char *text, size_t length);

/* Reads a text into *all, which is initialised within options.bytes_max, filled and finished.
 * Errors, after which *all needs no fini: ERR_INPUT (malformed; or events that cannot follow one
 * another, see operations_finish), ERR_TIMEOUT, ERR_NOMEM. */
int reader_read(const struct reader *reader, const struct reader_input *input,
                struct operations *all, struct errbuf *err);

/* Loads the history in a file ("-": standard input), as reader_read, and fills *semantics. format
 * is a reader's name, or NULL to find it from the text. A regular file is mapped, not copied. A
 * directory is Cobra's, one .log for each session, or dbcop's, with a history.bincode.
 * Errors: also ERR_IO, and ERR_INPUT for no such file, no such format, or none that fits. */
int reader_load(const char *path, const char *format, struct reader_options options,
                struct operations *all, struct history_semantics *semantics, struct errbuf *err);

/* An error about an event of the history in a file, "PATH: event INDEX: what is wrong", is given
 * the place where the event begins: "PATH:LINE:COLUMN: event INDEX: ...". Any other error, and one
 * of a text that cannot be read again or has another order, stays as it is. reader_load does so by
 * itself. */
void reader_place_error(const char *path, const char *format, struct errbuf *err);

/* The user's --initial: text is one EDN value (nil, 0, "abc", :x); anything a reader assumed about
 * the beginning is replaced. The value lives in the pool. ERR_INPUT, ERR_NOMEM. */
int reader_set_initial(struct history_semantics *semantics, const char *text,
                       struct value_pool *values, struct errbuf *err);

/* ERR_INPUT with "NAME:LINE:COLUMN: problem" for a position in the text. */
int reader_error(const struct reader_input *input, const char *at, const char *problem,
                 struct errbuf *err);

/* The same for a format that is no text: "NAME: byte OFFSET: problem". */
int reader_binary_error(const struct reader_input *input, const char *at, const char *problem,
                        struct errbuf *err);

/* For readers: takes a value [key value] of an independent object apart, into op->key and
 * op->value. False if it is not a list of two. */
bool reader_split_key(struct op *op);

#endif
