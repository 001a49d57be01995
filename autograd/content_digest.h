/* A digest of an array's content: it tells, at the speed of memory, whether the content has changed.

   Eight lanes of 64 bits each take every eighth word: xor, then a product with an odd number. Both can
   be undone, so a change within one lane, such as that of a single element, always changes the
   digest; changes that hide each other across words do so once in 2^64 times. It is no defence
   against somebody who chooses the content for that. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CONTENT_LANES 8

static uint64_t content_mixed(uint64_t digest, uint64_t word) {
    digest = (digest ^ word) * 0x9E3779B97F4A7C15u; /* 2^64 over the golden ratio, odd */
    return digest ^ (digest >> 29);
}

static unsigned long long content_digest(const unsigned char *bytes, size_t count) {
    uint64_t lanes[CONTENT_LANES], word, digest = count;
    size_t at = 0;
    for (int lane = 0; lane < CONTENT_LANES; lane++)
        lanes[lane] = (uint64_t)lane + 1;
    for (; at + sizeof lanes <= count; at += sizeof lanes) {
        for (int lane = 0; lane < CONTENT_LANES; lane++) {
            memcpy(&word, bytes + at + 8 * (size_t)lane, 8);
            lanes[lane] = content_mixed(lanes[lane], word);
        }
    }
    for (; at < count; at++)
        digest = content_mixed(digest, bytes[at]);
    for (int lane = 0; lane < CONTENT_LANES; lane++)
        digest = content_mixed(digest, lanes[lane]);
    return digest;
}
