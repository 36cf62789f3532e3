#include "transactions/key_accesses.h"

#include "checker/budget.h"

#include <string.h>

/* `found`, while it is taken, of who wrote first. */
#define ACCESS_BLIND (UINT32_MAX - 1)

/* What is known of a key while accesses are taken. */
struct key_state {
    uint32_t accessed_by; /* one more than the transaction that did last */
    uint32_t access;      /* its one */
    bool is_list;
};

struct taking {
    const struct transactions *all;
    struct key_accesses *out;
    struct key_state *states;
    uint8_t *stands; /* bit of each version: a committed transaction's last one, or the initial */
};

static void mark_standing(struct taking *run)
{
    const struct transactions *all = run->all;
    for (uint32_t key = 0; key < all->key_count; key++) {
        uint32_t first = all->keys[key].first_version;
        run->stands[first / 8] |= (uint8_t)(1u << first % 8);
        run->states[key].is_list = all->keys[key].ordered > 1;
    }
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
            const struct micro *micro = &all->micros[i];
            if (micro->f == MICRO_APPEND || micro->is_list)
                run->states[micro->key].is_list = true;
            else if (micro->f == MICRO_WRITE && micro->is_outer && txn_is_committed(all, txn))
                run->stands[micro->version / 8] |= (uint8_t)(1u << micro->version % 8);
        }
}

/* The access of a transaction to the key, a new one if it is its first. While they are counted,
 * NULL if it is not. */
static struct key_access *access_of(struct taking *run, uint32_t txn, uint32_t key, bool fills)
{
    struct key_state *state = &run->states[key];
    struct key_accesses *out = run->out;
    bool is_new = state->accessed_by != txn + 1;
    state->accessed_by = txn + 1;
    if (!fills) {
        out->first[key] += is_new;
        return NULL;
    }
    if (is_new) {
        state->access = out->first[key]++;
        out->items[state->access] = (struct key_access){txn, ACCESS_UNKNOWN, ACCESS_UNKNOWN};
    }
    return &out->items[state->access];
}

static void take(struct taking *run, uint32_t txn, const struct micro *micro, bool fills)
{
    bool is_read = micro->f == MICRO_READ;
    if (run->states[micro->key].is_list || (is_read && micro->version == VERSION_UNREAD) ||
        (is_read && !micro->is_outer))
        return;
    bool stands = run->stands[micro->version / 8] >> micro->version % 8 & 1;
    bool is_first = run->states[micro->key].accessed_by != txn + 1;
    struct key_access *access = access_of(run, txn, micro->key, fills);
    if (!access)
        return;
    if (is_read) {
        access->found = access->left = stands ? micro->version : ACCESS_UNKNOWN;
    } else if (micro->is_outer) {
        access->left = micro->version;
        /* The first of several writes is no version that anybody else may see. */
        if (is_first || access->found == ACCESS_BLIND)
            access->found = micro->version;
    } else if (is_first) {
        access->found = ACCESS_BLIND;
    }
}

static void take_all(struct taking *run, bool fills)
{
    const struct transactions *all = run->all;
    for (uint32_t key = 0; key < all->key_count; key++)
        run->states[key].accessed_by = 0;
    for (uint32_t txn = 0; txn < all->txn_count; txn++)
        for (uint32_t i = all->txns[txn].micros;
             txn_is_committed(all, txn) && i < all->txns[txn + 1].micros; i++)
            take(run, txn, &all->micros[i], fills);
}

bool key_accesses_build(const struct transactions *all, struct budget *budget,
                        struct key_accesses *out)
{
    size_t bits = all->version_count / 8 + 1, keys = all->key_count;
    struct taking run = {.all = all, .out = out};
    *out = (struct key_accesses){.budget = budget, .key_count = all->key_count};
    out->first = budget_zalloc(budget, (keys + 1) * sizeof *out->first);
    run.states = budget_zalloc(budget, keys * sizeof *run.states);
    run.stands = budget_zalloc(budget, bits);
    bool ok = out->first && run.states && run.stands;
    if (ok) {
        mark_standing(&run);
        take_all(&run, false);
        for (size_t key = 0; key <= keys; key++) {
            uint32_t own = out->first[key];
            out->first[key] = out->count;
            out->count += own;
        }
        out->items = budget_alloc(budget, out->count * sizeof *out->items);
        ok = out->items != NULL;
    }
    if (ok) {
        take_all(&run, true);
        memmove(out->first + 1, out->first, keys * sizeof *out->first);
        out->first[0] = 0;
    }
    budget_free(budget, run.states, keys * sizeof *run.states);
    budget_free(budget, run.stands, bits);
    return ok;
}

void key_accesses_fini(struct key_accesses *accesses)
{
    budget_free(accesses->budget, accesses->items, accesses->count * sizeof *accesses->items);
    budget_free(accesses->budget, accesses->first,
                ((size_t)accesses->key_count + 1) * sizeof *accesses->first);
}
