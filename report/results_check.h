/* The check's document within results.json (checker/check.h: check_result_json). Private to
 * results*.c. */
#ifndef REPORT_RESULTS_CHECK_H
#define REPORT_RESULTS_CHECK_H

#include "report/results.h"

#include <jansson.h>

/* The outcome of this name, or -1. "unfinished" is none. */
int outcome_parse(const char *name);

/* Fills *out, which is as results_init_unfinished leaves it. document may be NULL: no check took
 * place. False when memory ran out. */
bool results_check_load(json_t *document, struct arena *arena, struct results_check *out);

#endif
