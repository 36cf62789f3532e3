#include "checker/verdict.h"

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {[VERDICT_VALID] = "valid",
                                        [VERDICT_INVALID] = "invalid",
                                        [VERDICT_UNKNOWN] = "unknown",
                                        [VERDICT_VACUOUS] = "vacuous"};
    return names[verdict];
}

int verdict_exit_status(enum verdict verdict)
{
    static const int statuses[] = {
        [VERDICT_VALID] = 0, [VERDICT_INVALID] = 1, [VERDICT_UNKNOWN] = 2, [VERDICT_VACUOUS] = 3};
    return statuses[verdict];
}

enum verdict verdict_worst(enum verdict a, enum verdict b)
{
    static const int badness[] = {
        [VERDICT_VALID] = 0, [VERDICT_VACUOUS] = 1, [VERDICT_UNKNOWN] = 2, [VERDICT_INVALID] = 3};
    return badness[a] >= badness[b] ? a : b;
}
