/* What the readers of a description's parts share. Private to the database*.c files.
 *
 * Every function returns 0, or ERR_INPUT with its place, or ERR_NOMEM. */
#ifndef INJECTOR_DATABASE_READING_H
#define INJECTOR_DATABASE_READING_H

#include "injector/database_description.h"
#include "injector/options.h"
#include "injector/yaml_tree.h"

struct description {
    struct database *database;
    struct arena *arena;
    struct errbuf *err;
};

/* The members of a mapping (NULL = defaults); `others` are those that are read in another way. */
int description_options(const struct description *d, const struct option *table,
                        const struct yaml_node *node, const char *const *others,
                        const struct option_values **out);

/* Are the templates in this text ones that exist? Nothing to check if either is NULL. */
int description_check(const struct description *d, const struct yaml_node *node, const char *text);

/* A list of texts with at least one item; none if node is NULL. */
int description_list(const struct description *d, const struct yaml_node *node, const char *what,
                     struct text_list *out);

/* The member `run`: a program with its arguments, each a text of its own. */
int description_command(const struct description *d, const struct yaml_node *parent,
                        struct text_list *out);

/* --- database_questions.c --- */
int description_ready(const struct description *d, const struct yaml_node *node);
int description_primaries(const struct description *d, const struct yaml_node *node);

#endif
