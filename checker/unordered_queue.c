/* An unordered queue of distinct values, in linear time.
 *
 * Values have nothing to do with each other, but for removals that found nothing: such a one needs
 * a cell of its window in which no value certainly is in (container.h). If each has one there is an
 * order: every value is put in as late and taken out as early as it can be, both at once where its
 * windows overlap, and then nothing is in in these cells.
 *
 * Of the values that nobody is known to have taken, a crashed removal takes the one that was put in
 * first. At a cell before which m of them were certainly put in and k removals that crashed were
 * invoked, some value is in whatever the crashed ones took if m > k; otherwise the first m were
 * taken, each by the removal of its number, so that no other choice explains more. */
#include "checker/algorithm.h"

#include "checker/container.h"

static int run(const struct algorithm_input *input, struct algorithm_result *out,
               struct errbuf *err)
{
    struct container c;
    int rc = container_read(&c, input, F_ENQUEUE, F_DEQUEUE, out, err);
    if (rc != 0 || out->end != ALGORITHM_ACCEPTED)
        return rc;
    container_give_left(&c);
    container_check_all_empties(&c, out);
    if (out->end == ALGORITHM_ACCEPTED && c.set_aside > 0)
        container_not_for_this(out, CONTAINER_SET_ASIDE);
    else if (out->end == ALGORITHM_ACCEPTED && input->want_order)
        container_accept_late(&c, NULL, NULL, out);
    container_fini(&c);
    return 0;
}

static const char *const models[] = {"unordered-queue", NULL};

const struct algorithm algorithm_unordered_queue = {
    .name = "unordered-queue",
    .doc = "unordered queues of distinct values: only answers of emptiness bind them together",
    .models = models,
    .run = run,
};
