/* The part of a value pool that is plain words of 4 bytes: memory that any number of threads claim
 * in blocks and then fill without asking again, and that is found by a number of 30 bits.
 *
 * A number counts units of 16 bytes, so that 16 GiB are within reach. What was claimed never moves
 * and is never given back before the end. */
#ifndef CORE_VALUE_WORDS_H
#define CORE_VALUE_WORDS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct byte_cap;

enum {
    VALUE_WORDS_UNIT = 4,        /* words in a unit */
    VALUE_WORDS_CHUNK_BITS = 12, /* units in a chunk, as a power of two */
    VALUE_WORDS_FOLDER_BITS = 9, /* chunks in a folder */
    VALUE_WORDS_FOLDERS = 1 << (30 - VALUE_WORDS_CHUNK_BITS - VALUE_WORDS_FOLDER_BITS),
    VALUE_WORDS_CHUNK = VALUE_WORDS_UNIT << VALUE_WORDS_CHUNK_BITS, /* words in a chunk */
};

/* A block starts at a chunk: only that chunk knows it, for the others point into it. */
struct value_words_chunk {
    uint32_t *words;
    size_t block_bytes; /* of the block that begins here; 0 if it began earlier */
};

struct value_words {
    struct byte_cap *cap; /* borrowed */
    pthread_mutex_t lock; /* for claiming */
    uint32_t chunk_count;
    struct value_words_chunk *folders[VALUE_WORDS_FOLDERS];
    size_t bytes;
};

void value_words_init(struct value_words *words, struct byte_cap *cap);
void value_words_fini(struct value_words *words);

/* Claims a block of at least so many words, as many whole chunks as it takes, and sets the number
 * of its first unit; *count is what it holds. NULL when memory, numbers or the cap ran out. Any
 * thread may. */
uint32_t *value_words_claim(struct value_words *words, size_t at_least, uint32_t *first_unit,
                            size_t *count);

/* Where a claimed unit is; the units behind it in its block follow. */
static inline uint32_t *value_words_at(const struct value_words *words, uint32_t unit)
{
    uint32_t chunk = unit >> VALUE_WORDS_CHUNK_BITS;
    uint32_t in_folder = chunk & ((UINT32_C(1) << VALUE_WORDS_FOLDER_BITS) - 1);
    uint32_t in_chunk = unit & ((UINT32_C(1) << VALUE_WORDS_CHUNK_BITS) - 1);
    return words->folders[chunk >> VALUE_WORDS_FOLDER_BITS][in_folder].words +
           (size_t)in_chunk * VALUE_WORDS_UNIT;
}

#endif
