/* What the writers of JSON share. */
#ifndef FORMATS_WRITER_JSON_H
#define FORMATS_WRITER_JSON_H

struct errbuf;
struct op;
struct writer;

/* ERR_INPUT if any text in the event is not UTF-8, which JSON cannot hold. */
int writer_check_json(const struct writer *writer, const struct op *op, struct errbuf *err);

#endif
