/* Writes struct value as EDN text that edn_read_value reads back equal. */
#ifndef CORE_EDN_WRITE_H
#define CORE_EDN_WRITE_H

#include "core/value.h"

#include <stdbool.h>

struct strbuf;

/* False, and some of it written, if EDN has no such value: a keyword with a bracket, blank or
 * quote in its name, or text that is not UTF-8. */
bool edn_write_value(struct strbuf *buf, struct value value);

/* A name as a keyword, or as a string where no keyword can have it. False if it is not UTF-8. */
bool edn_write_name(struct strbuf *buf, const char *name, size_t length);

#endif
