/* Text that others wrote (databases, histories, plans), made harmless for where it goes.
 *
 * Bytes that are not UTF-8, control characters and those that turn the direction of writing become
 * U+FFFD. Linear time. Private to report/. */
#ifndef REPORT_SAFE_TEXT_H
#define REPORT_SAFE_TEXT_H

#include <stddef.h>

struct strbuf;

/* For the content of an element, and for a value of an attribute in double quotes. Line ends and
 * tabs are kept. */
void safe_put_html(struct strbuf *out, const char *text, size_t length);
void safe_puts_html(struct strbuf *out, const char *text);

/* At most `chars` characters, the last one an ellipsis if there are more. */
void safe_puts_html_cut(struct strbuf *out, const char *text, size_t chars);

/* A segment of a relative URL: everything but letters, digits, '-', '_' and '.' is encoded. */
void safe_puts_url(struct strbuf *out, const char *text);

/* For a terminal. Line ends are kept if `lines`, and are blanks otherwise. */
void safe_puts_terminal(struct strbuf *out, const char *text, int lines);

/* Number of characters. */
size_t safe_length(const char *text);

#endif
