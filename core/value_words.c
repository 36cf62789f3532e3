#include "core/value_words.h"

#include "core/byte_cap.h"

#include <stdlib.h>

enum {
    IN_FOLDER = 1 << VALUE_WORDS_FOLDER_BITS,
    /* Not the last one: its last unit's number, as a reference, would be VALUE_REF_NOMEM. */
    CHUNKS_MAX = (VALUE_WORDS_FOLDERS << VALUE_WORDS_FOLDER_BITS) - 1,
    CHUNK_BYTES = VALUE_WORDS_CHUNK * (int)sizeof(uint32_t),
};

void value_words_init(struct value_words *words, struct byte_cap *cap)
{
    *words = (struct value_words){.cap = cap};
    pthread_mutex_init(&words->lock, NULL);
}

void value_words_fini(struct value_words *words)
{
    for (uint32_t i = 0; i < words->chunk_count; i++) {
        struct value_words_chunk *chunk =
            &words->folders[i >> VALUE_WORDS_FOLDER_BITS][i & (IN_FOLDER - 1)];
        if (chunk->block_bytes)
            free(chunk->words);
    }
    for (int i = 0; i < VALUE_WORDS_FOLDERS; i++)
        free(words->folders[i]);
    byte_cap_give(words->cap, words->bytes);
    pthread_mutex_destroy(&words->lock);
}

static void *take(struct value_words *words, size_t bytes)
{
    if (!byte_cap_take(words->cap, bytes))
        return NULL;
    void *block = malloc(bytes);
    if (block)
        words->bytes += bytes;
    else
        byte_cap_give(words->cap, bytes);
    return block;
}

/* Every folder that the next `count` chunks are in. */
static int make_folders(struct value_words *words, uint32_t count)
{
    uint32_t last = (words->chunk_count + count - 1) >> VALUE_WORDS_FOLDER_BITS;
    for (uint32_t i = words->chunk_count >> VALUE_WORDS_FOLDER_BITS; i <= last; i++) {
        if (!words->folders[i])
            words->folders[i] = take(words, IN_FOLDER * sizeof *words->folders[i]);
        if (!words->folders[i])
            return -1;
    }
    return 0;
}

static uint32_t *claim(struct value_words *words, uint32_t count)
{
    if (count > CHUNKS_MAX - words->chunk_count || make_folders(words, count) != 0)
        return NULL;
    size_t bytes = (size_t)count * CHUNK_BYTES;
    uint32_t *block = take(words, bytes);
    for (uint32_t i = 0; block && i < count; i++) {
        uint32_t chunk = words->chunk_count++;
        words->folders[chunk >> VALUE_WORDS_FOLDER_BITS][chunk & (IN_FOLDER - 1)] =
            (struct value_words_chunk){.words = block + (size_t)i * VALUE_WORDS_CHUNK,
                                       .block_bytes = i == 0 ? bytes : 0};
    }
    return block;
}

uint32_t *value_words_claim(struct value_words *words, size_t at_least, uint32_t *first_unit,
                            size_t *count)
{
    size_t chunks = (at_least + VALUE_WORDS_CHUNK - 1) / VALUE_WORDS_CHUNK;
    if (chunks > CHUNKS_MAX)
        return NULL;
    chunks += chunks == 0;
    pthread_mutex_lock(&words->lock);
    *first_unit = words->chunk_count << VALUE_WORDS_CHUNK_BITS;
    uint32_t *block = claim(words, (uint32_t)chunks);
    pthread_mutex_unlock(&words->lock);
    *count = chunks * VALUE_WORDS_CHUNK;
    return block;
}
