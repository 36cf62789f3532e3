#include "checker/budget.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    QUESTIONS_PER_CLOCK = 64,
    CLOCK_READ_NS = 1000 * 1000, /* how far apart two readings may be before they come closer */
    MAPPED_MIN = 1 << 20,        /* bytes of a block that is mapped by itself */
    HUGE_MIN = 4 << 20,          /* bytes of one that is worth pages of 2 MiB */
};

/* --- the pool --- */

void budget_pool_init(struct budget_pool *pool, size_t bytes_max, size_t bytes_taken)
{
    pool->cap.bytes_max = bytes_max;
    atomic_init(&pool->cap.bytes_used, bytes_taken);
    atomic_init(&pool->bytes_peak, bytes_taken);
}

static void note_peak(struct budget_pool *pool)
{
    size_t used = atomic_load_explicit(&pool->cap.bytes_used, memory_order_relaxed);
    size_t peak = atomic_load_explicit(&pool->bytes_peak, memory_order_relaxed);
    while (used > peak &&
           !atomic_compare_exchange_weak_explicit(&pool->bytes_peak, &peak, used,
                                                  memory_order_relaxed, memory_order_relaxed))
        continue;
}

static bool reserve(struct budget *budget, size_t size)
{
    struct byte_cap *cap = &budget->pool->cap;
    size_t granules = (size + BUDGET_GRANULE - 1) / BUDGET_GRANULE * BUDGET_GRANULE;
    if (byte_cap_take(cap, granules)) {
        budget->bytes_reserved += granules;
    } else if (byte_cap_take(cap, size)) {
        budget->bytes_reserved += size;
    } else {
        size_t used = atomic_load_explicit(&cap->bytes_used, memory_order_relaxed);
        budget->bytes_of_others = used > budget->bytes_reserved ? used - budget->bytes_reserved : 0;
        return false;
    }
    note_peak(budget->pool);
    return true;
}

void budget_share(struct budget *budget, struct budget_pool *pool)
{
    budget->pool = pool;
}

void budget_leave(struct budget *budget)
{
    if (budget->pool)
        byte_cap_give(&budget->pool->cap, budget->bytes_reserved);
    budget->bytes_reserved = 0;
}

/* --- time --- */

void budget_init(struct budget *budget, int64_t time_limit_ns, size_t bytes_max)
{
    *budget = (struct budget){.bytes_max = bytes_max};
    if (time_limit_ns > 0)
        budget->deadline_ns = monotonic_ns() + time_limit_ns;
}

/* So many questions are answered without the clock as take about a millisecond. */
static void read_clock(struct budget *budget)
{
    int64_t now_ns = monotonic_ns();
    bool was_slow = now_ns - budget->clock_ns > CLOCK_READ_NS;
    uint32_t questions = was_slow ? budget->questions / 4 : budget->questions * 2 + 1;
    budget->questions = questions < QUESTIONS_PER_CLOCK ? questions : QUESTIONS_PER_CLOCK - 1;
    budget->until_clock = budget->questions;
    budget->clock_ns = now_ns;
    budget->time_is_over = now_ns >= budget->deadline_ns;
}

bool budget_time_over(struct budget *budget)
{
    if (budget->deadline_ns == 0)
        return false;
    if (budget->until_clock > 0) {
        budget->until_clock--;
        return budget->time_is_over;
    }
    read_clock(budget);
    return budget->time_is_over;
}

void budget_set_deadline(struct budget *budget, int64_t deadline_ns)
{
    budget->deadline_ns = deadline_ns;
    budget->until_clock = 0;
    budget->time_is_over = false;
}

/* --- memory --- */

static bool charge(struct budget *budget, size_t size)
{
    if (size > SIZE_MAX / 2 ||
        (budget->bytes_max &&
         (size > budget->bytes_max || budget->bytes_used > budget->bytes_max - size)))
        return false;
    size_t used = budget->bytes_used + size;
    if (budget->pool && used > budget->bytes_reserved &&
        !reserve(budget, used - budget->bytes_reserved))
        return false;
    budget->bytes_used = used;
    if (used > budget->bytes_peak)
        budget->bytes_peak = used;
    return true;
}

static void discharge(struct budget *budget, size_t size)
{
    budget->bytes_used -= size;
    size_t spare = budget->pool ? budget->bytes_reserved - budget->bytes_used : 0;
    if (spare > 2 * BUDGET_GRANULE) {
        byte_cap_give(&budget->pool->cap, spare - BUDGET_GRANULE);
        budget->bytes_reserved -= spare - BUDGET_GRANULE;
    }
}

static bool is_mapped(size_t size)
{
    return size >= MAPPED_MIN;
}

static void *get_block(size_t size)
{
    if (!is_mapped(size))
        return malloc(size ? size : 1);
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        return NULL;
    if (size >= HUGE_MIN)
        madvise(block, size, MADV_HUGEPAGE); /* a hint: nothing is lost if it is not taken */
    return block;
}

static void put_block(void *block, size_t size)
{
    if (is_mapped(size))
        munmap(block, size);
    else
        free(block);
}

void *budget_alloc(struct budget *budget, size_t size)
{
    if (!charge(budget, size))
        return NULL;
    void *block = get_block(size);
    if (!block)
        discharge(budget, size);
    return block;
}

void *budget_zalloc(struct budget *budget, size_t size)
{
    void *block = budget_alloc(budget, size);
    if (block && !is_mapped(size)) /* fresh pages are zero */
        memset(block, 0, size);
    return block;
}

/* ThreadSanitizer does not see mremap: what one thread had left at an address it would take for a
 * race with the next one there. */
#ifdef __SANITIZE_THREAD__
enum { CAN_MOVE_PAGES = false };
#else
enum { CAN_MOVE_PAGES = true };
#endif

/* Grows or shrinks a mapping without a copy. */
static void *resize_mapped(struct budget *budget, void *block, size_t old_size, size_t new_size)
{
    if (new_size > old_size && !charge(budget, new_size - old_size))
        return NULL;
    void *moved = mremap(block, old_size, new_size, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) {
        if (new_size > old_size)
            discharge(budget, new_size - old_size);
        return NULL;
    }
    if (new_size < old_size)
        discharge(budget, old_size - new_size);
    return moved;
}

void *budget_resize(struct budget *budget, void *block, size_t old_size, size_t new_size)
{
    if (CAN_MOVE_PAGES && block && is_mapped(old_size) && is_mapped(new_size))
        return resize_mapped(budget, block, old_size, new_size);
    void *moved = budget_alloc(budget, new_size);
    if (moved && block) {
        memcpy(moved, block, old_size < new_size ? old_size : new_size);
        budget_free(budget, block, old_size);
    }
    return moved;
}

void budget_free(struct budget *budget, void *block, size_t size)
{
    if (!block)
        return;
    put_block(block, size);
    discharge(budget, size);
}
