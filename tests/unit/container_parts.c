/* The parts that the checks of containers are made of, against the simplest code that does the
 * same: on more cells and windows than the small histories of the property tests have. */
#include "checker/budget.h"
#include "checker/cell_set.h"
#include "checker/cover.h"
#include "checker/layers.h"
#include "checker/ref_map.h"
#include "checker/sort_items.h"
#include "checker/waiting.h"
#include "core/random.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ROUNDS = 60, SIZE_MAX_HERE = 9000 };

static struct random dice;
static struct budget budget;

static void begin(void)
{
    random_init(&dice, 20261121, RANDOM_TEST, 0);
    budget_init(&budget, 0, 0);
}

static uint32_t pick(uint32_t bound)
{
    return (uint32_t)random_below(&dice, bound);
}

/* Small and large ones, and such as are a whole number of words. */
static uint32_t pick_size(void)
{
    static const uint32_t odd[] = {1, 63, 64, 65, 128, 4095, 4096, 4097};
    return pick(2) ? odd[pick(8)] : 1 + pick(SIZE_MAX_HERE);
}

Test(sort_items, sorts_by_key_and_leaves_equal_ones_in_place, .init = begin)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t count = pick_size(), bits = 1 + pick(63);
        struct sort_item *items = malloc(count * sizeof *items);
        for (uint32_t i = 0; i < count; i++)
            items[i] = (struct sort_item){random_u64(&dice) >> bits, i};
        cr_assert_eq(sort_items(items, count, &budget), SORT_DONE);
        for (uint32_t i = 1; i < count; i++)
            cr_assert(items[i - 1].key < items[i].key ||
                      (items[i - 1].key == items[i].key && items[i - 1].item < items[i].item));
        free(items);
    }
    cr_assert_eq(budget.bytes_used, 0);
}

Test(sort_items, sorts_words_by_their_upper_half, .init = begin)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t count = pick_size(), bits = pick(32), same = pick(2) ? 0 : UINT32_C(5) << 20;
        uint64_t *words = malloc(count * sizeof *words);
        uint64_t sum = 0;
        for (uint32_t i = 0; i < count; i++) {
            words[i] = sort_word((uint32_t)random_u64(&dice) >> bits | same, i);
            sum += words[i];
        }
        cr_assert_eq(sort_words(words, count, &budget), SORT_DONE);
        for (uint32_t i = 1; i < count; i++)
            cr_assert_lt(words[i - 1], words[i]);
        for (uint32_t i = 0; i < count; i++)
            sum -= words[i];
        cr_assert_eq(sum, 0);
        free(words);
    }
    cr_assert_eq(sort_words(NULL, 0, &budget), SORT_DONE);
    cr_assert_eq(budget.bytes_used, 0);
}

Test(sort_items, ends_when_time_or_memory_do, .init = begin)
{
    enum { COUNT = 100000 };
    struct sort_item *items = malloc(COUNT * sizeof *items);
    for (uint32_t i = 0; i < COUNT; i++)
        items[i] = (struct sort_item){random_u64(&dice), i};
    budget.bytes_max = COUNT;
    cr_assert_eq(sort_items(items, COUNT, &budget), SORT_OUT_OF_MEMORY);
    budget.bytes_max = 0;
    budget_set_deadline(&budget, 1);
    cr_assert_eq(sort_items(items, COUNT, &budget), SORT_OUT_OF_TIME);
    cr_assert_eq(budget.bytes_used, 0);
    free(items);
}

Test(cover, finds_the_next_free_cell_as_a_plain_array_does, .init = begin)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct cover cover;
        uint32_t count = pick_size(), length = 1 + pick(count);
        bool *taken = calloc(count + 1, 1);
        cr_assert(cover_init(&cover, count, &budget));
        for (int i = 0; i < 200; i++) {
            uint32_t from = pick(count), to = from + pick(length + 10), cell = pick(count + 5);
            cover_add(&cover, from, to);
            for (uint32_t at = from; at < to && at < count; at++)
                taken[at] = true;
            uint32_t found = cover_next_free(&cover, cell);
            while (cell < count && taken[cell])
                cell++;
            cr_assert_eq(found, cell < count ? cell : count);
        }
        cover_fini(&cover);
        free(taken);
    }
    cr_assert_eq(budget.bytes_used, 0);
}

Test(cell_set, finds_the_next_and_the_last_as_a_plain_array_does, .init = begin)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct cell_set set;
        uint32_t count = pick_size();
        bool *in = calloc(count, 1);
        cr_assert(cell_set_init(&set, count, &budget));
        for (int i = 0; i < 60; i++) {
            uint32_t added = pick(count), number = pick(count), next = number, last = number;
            cell_set_add(&set, added / 64, UINT64_C(1) << added % 64);
            in[added] = true;
            while (next < count && !in[next])
                next++;
            while (last > 0 && !in[last - 1])
                last--;
            cr_assert_eq(cell_set_next(&set, number), next < count ? next : CELL_SET_NONE);
            cr_assert_eq(cell_set_last(&set, number), last > 0 ? last - 1 : CELL_SET_NONE);
        }
        cell_set_fini(&set);
        free(in);
    }
    cr_assert_eq(budget.bytes_used, 0);
}

struct plain_layers {
    int counts[SIZE_MAX_HERE + 64];
    bool found[SIZE_MAX_HERE + 64];
};

static void expect_bare(struct layers *layers, struct plain_layers *plain, uint32_t cells)
{
    uint32_t block;
    uint64_t bits;
    while (layers_next_bare(layers, &block, &bits))
        for (uint32_t i = 0; i < LAYERS_BLOCK; i++)
            if (bits >> i & 1) {
                uint32_t cell = block * LAYERS_BLOCK + i;
                cr_assert(cell < cells && plain->counts[cell] == 0 && !plain->found[cell]);
                plain->found[cell] = true;
            }
    for (uint32_t cell = 0; cell < cells; cell++)
        cr_assert_eq(plain->found[cell], plain->counts[cell] == 0, "cell %u", cell);
}

Test(layers, show_cells_as_they_become_bare, .init = begin)
{
    static struct plain_layers plain;
    for (int round = 0; round < ROUNDS; round++) {
        struct layers layers;
        uint32_t cells = pick_size(), from[100], to[100], length = 1 + pick(cells);
        bool taken[2 * SIZE_MAX_HERE + 64] = {false}; /* a range begins or ends there */
        memset(&plain, 0, sizeof plain);
        cr_assert(layers_init(&layers, cells, &budget));
        for (int i = 0; i < 100; i++) {
            from[i] = pick(cells);
            to[i] = from[i] + pick(length + 3);
            if (taken[from[i]] || (to[i] < cells && taken[to[i]]))
                to[i] = from[i];
            taken[from[i]] |= to[i] > from[i];
            taken[to[i]] |= to[i] > from[i];
            layers_add(&layers, from[i], to[i]);
            for (uint32_t at = from[i]; at < to[i] && at < cells; at++)
                plain.counts[at]++;
        }
        layers_begin(&layers);
        expect_bare(&layers, &plain, cells);
        for (int i = 0; i < 100; i++) {
            layers_remove(&layers, from[i], to[i]);
            for (uint32_t at = from[i]; at < to[i] && at < cells; at++)
                plain.counts[at]--;
            expect_bare(&layers, &plain, cells);
        }
        layers_fini(&layers);
    }
    cr_assert_eq(budget.bytes_used, 0);
}

Test(waiting, finds_the_last_that_goes_on_as_a_plain_array_does, .init = begin)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct waiting waiting;
        uint32_t count = pick_size(), *ends = calloc(count, sizeof *ends);
        cr_assert(waiting_init(&waiting, count, &budget));
        for (uint32_t i = 0; i < count; i++)
            waiting.levels[0][i] = ends[i] = pick(3) ? pick(1000) : 0;
        waiting_begin(&waiting);
        for (int i = 0; i < 200; i++) {
            uint32_t first = pick(count + 1), point = pick(2) ? 990 + pick(10) : pick(1000);
            uint32_t found = waiting_find(&waiting, first, point), last = first;
            while (last > 0 && ends[last - 1] <= point)
                last--;
            cr_assert_eq(found, last > 0 ? last - 1 : WAITING_NONE);
            if (found != WAITING_NONE) {
                waiting_leave(&waiting, found);
                ends[found] = 0;
            }
        }
        waiting_fini(&waiting);
        free(ends);
    }
    cr_assert_eq(budget.bytes_used, 0);
}

Test(ref_map, gives_each_reference_its_number_whether_they_lie_close_or_not, .init = begin)
{
    for (int round = 0; round < ROUNDS; round++) {
        enum { REFS = 500 };
        struct ref_map map;
        value_ref refs[REFS];
        int32_t spread = round % 2 ? 1 : 1000003;
        uint32_t low = UINT32_MAX, high = 0;
        for (int i = 0; i < REFS; i++) {
            refs[i] = value_ref_int((i - REFS / 2) * spread);
            uint32_t at = ref_map_order(refs[i]);
            low = at < low ? at : low;
            high = at > high ? at : high;
        }
        cr_assert(ref_map_init(&map, low, high, REFS, &budget));
        cr_assert_eq(map.numbers != NULL, spread == 1);
        for (uint32_t i = 0; i < REFS; i += 2) {
            cr_assert_eq(ref_map_find(&map, refs[i]), REF_MAP_NONE);
            *ref_map_place(&map, refs[i]) = i;
        }
        for (uint32_t i = 0; i < REFS; i++)
            cr_assert_eq(ref_map_find(&map, refs[i]), i % 2 ? REF_MAP_NONE : i);
        cr_assert_eq(ref_map_find(&map, VALUE_REF_NIL), REF_MAP_NONE);
        cr_assert_eq(ref_map_find(&map, value_ref_int(VALUE_REF_INT_MAX)), REF_MAP_NONE);
        ref_map_fini(&map);
    }
    cr_assert_eq(budget.bytes_used, 0);
}
