/* The plans and databases that ship with the program, by name. */
#ifndef INJECTOR_SHIPPED_H
#define INJECTOR_SHIPPED_H

#include <stddef.h>

/* The folder with plans/ and databases/: $FAULTLINE_DATA, else beside the program's sources or
 * installation. Set once by cli/ before any plan is loaded; borrowed. */
void shipped_set_dir(const char *dir);
const char *shipped_dir(void);

enum { SHIPPED_MAX = 64, SHIPPED_NAME_SIZE = 64 };

struct shipped {
    char names[SHIPPED_MAX][SHIPPED_NAME_SIZE]; /* sorted, without .yaml */
    size_t count;
};

/* kind: "plans" or "databases", a folder of shipped_dir(). Empty if there is no such folder. */
void shipped_list(const char *kind, struct shipped *out);

/* suggest_names (suggest.h) over them. */
void shipped_suggest(const char *kind, const char *word, char *out, size_t size);

#endif
