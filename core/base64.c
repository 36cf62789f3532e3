#include "core/base64.h"

#include "core/arena.h"
#include "core/strbuf.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes to four digits; of a last group with one or two bytes, the rest is padding. */
static void encode_group(struct strbuf *buf, const unsigned char *bytes, size_t count)
{
    uint32_t bits = (uint32_t)bytes[0] << 16;
    if (count > 1)
        bits |= (uint32_t)bytes[1] << 8;
    if (count > 2)
        bits |= bytes[2];
    char out[4];
    for (size_t i = 0; i < 4; i++)
        out[i] = i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
    strbuf_add(buf, out, sizeof out);
}

void base64_encode(struct strbuf *buf, const char *data, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)data;
    for (size_t i = 0; i < length; i += 3)
        encode_group(buf, bytes + i, length - i < 3 ? length - i : 3);
}

static int digit_value(char c)
{
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Four digits, the last `padding` of which are '='. */
static bool decode_group(const char *text, size_t padding, char *out)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - padding ? digit_value(text[i]) : 0;
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
    }
    for (size_t i = 0; i < 3 - padding; i++)
        out[i] = (char)(bits >> (16 - 8 * i) & 255);
    return true;
}

bool base64_decode(struct arena *arena, const char *text, size_t length, char **out,
                   size_t *out_length)
{
    if (length % 4 != 0)
        return false;
    size_t padding = 0;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    size_t bytes = length / 4 * 3 - padding;
    char *data = arena_alloc(arena, bytes + 1);
    if (!data)
        return false;
    for (size_t i = 0; i < length / 4; i++)
        if (!decode_group(text + 4 * i, i + 1 == length / 4 ? padding : 0, data + 3 * i))
            return false;
    data[bytes] = '\0';
    *out = data;
    *out_length = bytes;
    return true;
}
