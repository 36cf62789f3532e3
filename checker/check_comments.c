/* CockroachDB's Jepsen test "comments": blind inserts of ids, spread over several tables, and reads
 * of all tables in one transaction -> set of ids; see reversed_writes.h. Of which table an id is
 * does not matter. */
#include "checker/reversed_writes.h"

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    return reversed_writes_check(input, &checker_comments, out, err);
}

const struct checker checker_comments = {
    .name = "comments",
    .doc = "the same of comments in several tables (Jepsen, CockroachDB)",
    .functions = reversed_writes_functions,
    .check = check,
    .confirm = reversed_writes_confirm,
};
