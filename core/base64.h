/* Base64 as of RFC 4648, section 4: how JSON and HTML carry bytes. */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct strbuf;

/* Appends the code of length bytes, with padding. */
void base64_encode(struct strbuf *buf, const char *data, size_t length);

/* The bytes that text stands for, in the arena and NUL-terminated. False if text is not base64
 * (padding is required), or the arena is full. */
bool base64_decode(struct arena *arena, const char *text, size_t length, char **out,
                   size_t *out_length);

#endif
