/* The anomalies that a generated history can be given, each as a few transactions that some clients
 * act out on keys nobody else uses.
 *
 * To add one, add a row to the table in txn_script.c, and to that of tests/property/txn_generate.c
 * what must be found in it. */
#ifndef GENERATOR_TXN_SCRIPT_H
#define GENERATOR_TXN_SCRIPT_H

#include "core/micro_ops.h"
#include "core/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCRIPT_ACTORS = 4,
    SCRIPT_KEYS = 4,
    SCRIPT_MICROS = 4,
    SCRIPT_ITEMS = 2,
    SCRIPT_EVENTS = 24
};

struct script_micro {
    enum micro_f f;
    uint8_t key;                             /* from 0, of the script's own */
    uint8_t value;                           /* written */
    uint8_t items[SCRIPT_ITEMS], item_count; /* read; of a register the last one */
};

struct script_txn {
    struct script_micro micros[SCRIPT_MICROS];
    uint8_t count;
};

/* In the order in which they happen. */
struct script_event {
    uint8_t actor; /* the client, from 0 */
    enum op_type type;
    struct script_txn txn;
};

struct script {
    struct script_event events[SCRIPT_EVENTS];
    uint32_t count;
};

/* The next anomaly of lists or of registers, as txn_generate_anomaly. */
const char *script_name(bool lists, size_t *number);

/* False if there is none of this name. */
bool script_find(bool lists, const char *name, struct script *out);

#endif
