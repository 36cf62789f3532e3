/* Histories in which no event has a process: they are one client's after the other, so each
 * invocation is followed by its completion. */
#ifndef FORMATS_READER_UNNAMED_H
#define FORMATS_READER_UNNAMED_H

#include "formats/reader.h"

/* If all events are of that kind, they become the operations of clients; else *all is left as it
 * is. Errors: ERR_NOMEM, and *all is unchanged. */
int reader_name_clients(const struct reader_options *options, struct operations *all,
                        struct errbuf *err);

#endif
