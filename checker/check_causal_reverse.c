/* Jepsen's checker "causal-reverse": write v and read -> ids; see reversed_writes.h. */
#include "checker/reversed_writes.h"

static int check(const struct checker_input *input, struct checker_result *out, struct errbuf *err)
{
    return reversed_writes_check(input, &checker_causal_reverse, out, err);
}

const struct checker checker_causal_reverse = {
    .name = "causal-reverse",
    .doc = "whoever sees a write sees all that were acknowledged before it began (Jepsen)",
    .functions = reversed_writes_functions,
    .check = check,
    .confirm = reversed_writes_confirm,
};
