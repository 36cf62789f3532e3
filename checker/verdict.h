/* What a check concludes. A verdict is not an error. */
#ifndef CHECKER_VERDICT_H
#define CHECKER_VERDICT_H

enum verdict {
    VERDICT_VALID,   /* proven: the history keeps the promise */
    VERDICT_INVALID, /* refuted, with a witness that independent code has re-checked */
    VERDICT_UNKNOWN, /* a time or memory budget ended the check first */
    VERDICT_VACUOUS, /* nothing was really tested */
};

/* "valid", "invalid", "unknown", "vacuous". */
const char *verdict_name(enum verdict verdict);

/* The exit status of the program: 0, 1, 2, 3. */
int verdict_exit_status(enum verdict verdict);

/* The worse of two: invalid, unknown, vacuous, valid, in this order. */
enum verdict verdict_worst(enum verdict a, enum verdict b);

#endif
