/* Reads the description of a model from a YAML file (the model itself: checker/user_model.h).
 *
 *   name: latch
 *   doc: opens once, and stays open        # may be left out
 *   initial: closed
 *   operations:
 *     - {f: open, from: closed, to: open}
 *     - {f: look, result: "open", from: open}
 *     - {f: look, result: "closed", from: closed}
 *
 * Of each operation: f, its name; value, its argument, and result, its answer: any (as if left out)
 * or a literal; from: a state, a list of states, or any (as if left out): where it is possible; to:
 * the state it leaves behind, or same (as if left out). What is there as states is what is named as
 * such. Literals: 5, true, null, text, "5" (a text), [1, 2], and the keyword :k, within braces
 * {keyword: k}. */
#ifndef INJECTOR_MODEL_FILE_H
#define INJECTOR_MODEL_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct errbuf;
struct user_model;

/* Whether the name of a model means a file: it has a '/' in it, or ends in .yaml. */
bool model_file_is_meant(const char *name);

/* Of a text that is called `source` in messages; otherwise as model_file_load. */
int model_file_parse(const char *source, const char *text, size_t length, struct arena *arena,
                     const struct user_model **out, struct errbuf *err);

/* The model lives in the arena. Errors: ERR_INPUT, "FILE:LINE: key: what is wrong", also for a file
 * that cannot be read; ERR_NOMEM. */
int model_file_load(const char *path, struct arena *arena, const struct user_model **out,
                    struct errbuf *err);

#endif
