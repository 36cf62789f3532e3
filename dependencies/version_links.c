#include "dependencies/version_links.h"

#include "checker/budget_array.h"
#include "checker/sort_items.h"
#include "core/err.h"
#include "core/errbuf.h"
#include "dependencies/version_inference.h"

/* Pairs of versions by the earlier one. */
struct followers {
    uint32_t *first; /* of each version, in `after`; and of one more; NULL without pairs */
    uint32_t *after;
    uint8_t *before_count; /* of each version: 0, 1, 2 for more */
    uint32_t count;
};

struct linking {
    struct version_links *out;
    const struct transactions *all;
    struct followers followers;
    uint32_t key;
};

static int no_memory(struct errbuf *err)
{
    return errbuf_set(err, ERR_NOMEM, "no memory for the dependencies");
}

static int time_over(struct errbuf *err)
{
    return errbuf_set(err, ERR_TIMEOUT, "the time was over before versions were linked");
}

/* --- hubs --- */

static bool add_target(struct version_links *out, uint32_t txn)
{
    return budget_array_push(out->budget, &out->targets, &out->target_count, &out->target_capacity,
                             txn);
}

uint32_t hub_find(const struct version_links *links, uint32_t hub, uint32_t txn)
{
    const uint32_t *targets = links->targets + links->hubs[hub].first;
    uint32_t low = 0, high = hub_size(links, hub);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (targets[middle] < txn)
            low = middle + 1;
        else
            high = middle;
    }
    return low < hub_size(links, hub) && targets[low] == txn ? low : LINK_NONE;
}

/* Makes the targets from `first` on follow a version. */
static bool close_targets(struct version_links *out, uint32_t first, uint32_t version)
{
    uint32_t count = out->target_count - first;
    if (count < 2) {
        if (count == 1)
            out->links[version].next = out->targets[first];
        out->target_count = first;
        return true;
    }
    void *hubs = out->hubs;
    if (out->hub_count + 1 >= out->hub_capacity &&
        !budget_array_grow(out->budget, &hubs, &out->hub_capacity, sizeof *out->hubs))
        return false;
    out->hubs = hubs;
    out->links[version].next = out->all->txn_count + out->hub_count;
    out->hubs[out->hub_count++] = (struct hub){.first = first};
    out->hubs[out->hub_count] = (struct hub){.first = out->target_count};
    return true;
}

/* --- pairs --- */

static int sort(uint64_t *words, uint32_t count, struct budget *budget, struct errbuf *err)
{
    enum sort_end end = sort_words(words, count, budget);
    if (end == SORT_OUT_OF_TIME)
        return time_over(err);
    return end == SORT_DONE ? 0 : no_memory(err);
}

/* By the earlier version, and then by the later one. */
static int sort_pairs(const struct version_graph *versions, uint64_t *words, struct budget *budget,
                      struct errbuf *err)
{
    for (uint32_t i = 0; i < versions->count; i++)
        words[i] = sort_word(versions->pairs[i].after, versions->pairs[i].before);
    int rc = sort(words, versions->count, budget, err);
    for (uint32_t i = 0; i < versions->count; i++)
        words[i] = sort_word((uint32_t)words[i], (uint32_t)(words[i] >> 32));
    return rc == 0 ? sort(words, versions->count, budget, err) : rc;
}

static void take_sorted(struct followers *followers, const uint64_t *words, uint32_t version_count)
{
    for (uint32_t i = 0; i < followers->count; i++) {
        uint32_t after = (uint32_t)words[i];
        followers->first[(words[i] >> 32) + 1]++;
        followers->after[i] = after;
        if (followers->before_count[after] < 2)
            followers->before_count[after]++;
    }
    for (uint32_t i = 0; i < version_count; i++)
        followers->first[i + 1] += followers->first[i];
}

static int take_pairs(struct linking *run, const struct version_graph *versions, struct errbuf *err)
{
    struct followers *followers = &run->followers;
    struct budget *budget = run->out->budget;
    uint32_t version_count = run->all->version_count;
    if (!versions || versions->count == 0)
        return 0;
    followers->count = versions->count;
    followers->first = budget_zalloc(budget, ((size_t)version_count + 1) * sizeof(uint32_t));
    followers->after = budget_alloc(budget, followers->count * sizeof(uint32_t));
    followers->before_count = budget_zalloc(budget, version_count);
    uint64_t *words = budget_alloc(budget, followers->count * sizeof *words);
    bool has_memory = followers->first && followers->after && followers->before_count && words;
    int rc = has_memory ? sort_pairs(versions, words, budget, err) : no_memory(err);
    if (rc == 0)
        take_sorted(followers, words, version_count);
    budget_free(budget, words, followers->count * sizeof *words);
    return rc;
}

static void free_pairs(struct linking *run)
{
    const struct followers *followers = &run->followers;
    struct budget *budget = run->out->budget;
    uint32_t version_count = run->all->version_count;
    budget_free(budget, followers->first, ((size_t)version_count + 1) * sizeof(uint32_t));
    budget_free(budget, followers->after, followers->count * sizeof(uint32_t));
    budget_free(budget, followers->before_count, version_count);
}

static bool follows_a_pair(const struct linking *run, uint32_t version)
{
    return run->followers.count > 0 && run->followers.before_count[version] > 0;
}

/* The writers of the versions that pairs put behind this one: in ascending order, as versions of a
 * register are numbered in order of their writers. */
static bool link_followers(struct linking *run, uint32_t version)
{
    struct version_links *out = run->out;
    const struct followers *followers = &run->followers;
    uint32_t first = out->target_count;
    for (uint32_t i = followers->first[version]; i < followers->first[version + 1]; i++) {
        uint32_t writer = out->links[followers->after[i]].writer;
        bool is_new = out->target_count == first || out->targets[out->target_count - 1] != writer;
        if (is_new && !add_target(out, writer))
            return false;
    }
    return close_targets(out, first, version);
}

/* Whether pairs put these versions, one of each transaction, into one row. */
static bool is_row(const struct linking *run, uint32_t begin, uint32_t end, uint32_t writers)
{
    const struct followers *followers = &run->followers;
    uint32_t pairs = 0;
    for (uint32_t version = begin; version < end && followers->count; version++) {
        uint32_t after = followers->first[version + 1] - followers->first[version];
        if (after > 1 || followers->before_count[version] > 1)
            return false;
        pairs += after;
    }
    return pairs + 1 == writers;
}

/* --- keys --- */

/* Back to front: the next version that was installed behind each. Returns the last installed. */
static uint32_t link_ordered(struct linking *run)
{
    const struct transactions *all = run->all;
    struct version_link *links = run->out->links;
    uint32_t first = all->keys[run->key].first_version, last = first, next = LINK_NONE;
    for (uint32_t i = all->keys[run->key].ordered; i-- > 1;) {
        uint32_t writer = all->versions[first + i].txn;
        bool is_installed = writer != TXN_NONE && txn_is_committed(all, writer);
        links[first + i] = (struct version_link){is_installed ? writer : LINK_GONE, next};
        next = is_installed ? writer : next;
        if (is_installed && last == first)
            last = first + i;
    }
    links[first] = (struct version_link){TXN_NONE, next};
    return last;
}

/* What is in no known order. Versions of one transaction are numbered one after the other. */
static bool link_unordered(struct linking *run, uint32_t last)
{
    const struct transactions *all = run->all;
    struct version_links *out = run->out;
    const struct txn_key *key = &all->keys[run->key];
    uint32_t begin = key->first_version + key->ordered, end = key[1].first_version;
    uint32_t first_target = out->target_count, writers = 0, before = TXN_NONE;
    for (uint32_t version = begin; version < end; version++) {
        uint32_t writer = all->versions[version].txn;
        bool is_installed = writer != TXN_NONE && txn_is_committed(all, writer);
        out->links[version] = (struct version_link){is_installed ? writer : LINK_GONE, LINK_NONE};
        if (!is_installed)
            continue;
        writers += writer != before;
        /* The last one of a transaction: pairs are of those. */
        bool is_last = version + 1 == end || all->versions[version + 1].txn != writer;
        if (is_last && !follows_a_pair(run, version) && !add_target(out, writer))
            return false;
        before = writer;
    }
    if (writers > 1 && !is_row(run, begin, end, writers)) {
        out->is_complete = false;
        out->has_unplaced_pairs |= run->followers.count > 0;
        for (uint32_t version = begin; version < end; version++)
            out->links[version].next = LINK_UNPLACED;
    }
    if (!close_targets(out, first_target, last))
        return false;
    for (uint32_t version = begin; version < end && run->followers.count; version++)
        if (!link_followers(run, version))
            return false;
    return true;
}

static int link_keys(struct linking *run, struct errbuf *err)
{
    for (run->key = 0; run->key < run->all->key_count; run->key++) {
        if (budget_time_over(run->out->budget))
            return time_over(err);
        uint32_t last = link_ordered(run);
        if (!link_unordered(run, last))
            return no_memory(err);
    }
    return 0;
}

/* --- points --- */

/* A hub is a chain if one of its targets saw or wrote the version itself. */
static void find_chains(struct version_links *out, uint32_t txn)
{
    const struct transactions *all = out->all;
    for (uint32_t i = all->txns[txn].micros; i < all->txns[txn + 1].micros; i++) {
        if (all->micros[i].version == VERSION_UNREAD)
            continue;
        uint32_t next = out->links[all->micros[i].version].next;
        if (next < all->txn_count || next >= LINK_UNPLACED)
            continue;
        struct hub *hub = &out->hubs[next - all->txn_count];
        hub->is_chain = hub->is_chain || hub_find(out, next - all->txn_count, txn) != LINK_NONE;
    }
}

static int number_points(struct version_links *out, struct errbuf *err)
{
    for (uint32_t txn = 0; out->hub_count > 0 && txn < out->all->txn_count; txn++) {
        if (budget_time_over(out->budget))
            return time_over(err);
        find_chains(out, txn);
    }
    for (uint32_t i = 0; i < out->hub_count; i++) {
        out->hubs[i].point = out->point_count;
        out->point_count += out->hubs[i].is_chain ? 2 * hub_size(out, i) : 1;
    }
    return 0;
}

int version_links_build(const struct transactions *all, const struct version_graph *versions,
                        struct budget *budget, struct version_links *out, struct errbuf *err)
{
    *out = (struct version_links){.all = all, .budget = budget, .is_complete = true};
    struct linking run = {.out = out, .all = all};
    out->links = budget_alloc(budget, all->version_count * sizeof *out->links);
    int rc = out->links ? take_pairs(&run, versions, err) : no_memory(err);
    if (rc == 0)
        rc = link_keys(&run, err);
    if (rc == 0)
        rc = number_points(out, err);
    free_pairs(&run);
    return rc;
}

void version_links_fini(struct version_links *links)
{
    struct budget *budget = links->budget;
    if (links->links)
        budget_free(budget, links->links, links->all->version_count * sizeof *links->links);
    budget_free(budget, links->hubs, links->hub_capacity * sizeof *links->hubs);
    budget_free(budget, links->targets, links->target_capacity * sizeof *links->targets);
}
