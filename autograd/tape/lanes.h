/* A block of lanes: samples that run side by side, each value a row with one number for each.

   An operand is a slot. From 0 on it is a row of its own; below, it is ~slot in what all lanes share,
   the uniform values. Their gradients are sums over all lanes, which are kept as eight partial sums
   until the last block is done: to add up a row is then as fast as to read it. */

#include <stddef.h>
#include <string.h>

#if defined(__linux__)
#include <features.h>
#endif
/* One machine code for each generation of vector registers, chosen when the module is loaded. All
   give the same results: nothing is reordered and nothing fused. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define TAPE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define TAPE_CLONES
#endif

#define TAPE_MOST_LANES 256
#define TAPE_PARTS 8

/* TAPE_PARTS lanes at once, at any address: one register or several, as the processor has them. */
typedef double tape_vector __attribute__((vector_size(8 * TAPE_PARTS), aligned(8), may_alias));
#define TAPE_INLINE static inline __attribute__((always_inline))

#define TAPE_VECTOR(address) (*(tape_vector *)(address))

typedef struct {
    ptrdiff_t lanes;                /* how many of this block are used */
    ptrdiff_t stride;               /* how far one row is from the next */
    double *values, *gradients;     /* the rows */
    const double *uniform;          /* what all lanes share */
    double *partial;                /* the partial sums of its gradients, TAPE_PARTS for each */
    const signed char *wanted;      /* whether a uniform value needs a gradient */
    double scratch[4][TAPE_MOST_LANES]; /* rows of what is uniform: operands, and a gradient */
} tape_block;

static inline double *tape_row(tape_block *block, ptrdiff_t slot) {
    return block->values + slot * block->stride;
}

static inline double *tape_gradient_row(tape_block *block, ptrdiff_t slot) {
    return block->gradients + slot * block->stride;
}

static inline const double *tape_operand(tape_block *block, int slot, int place) {
    if (slot >= 0)
        return tape_row(block, slot);
    const double number = block->uniform[~slot];
    double *row = block->scratch[place];
    for (ptrdiff_t l = 0; l < block->lanes; l++)
        row[l] = number;
    return row;
}

static inline int tape_wants_gradient(const tape_block *block, int slot) {
    return slot >= 0 || block->wanted[~slot];
}

static inline void tape_add_row(const double *restrict row, ptrdiff_t lanes, double *restrict parts) {
    ptrdiff_t l = 0;
    for (; l + TAPE_PARTS <= lanes; l += TAPE_PARTS)
        for (int j = 0; j < TAPE_PARTS; j++)
            parts[j] += row[l + j];
    for (int j = 0; l + j < lanes; j++)
        parts[j] += row[l + j];
}

/* The row to which a gradient is added, and what is to be done when it was. */
static inline double *tape_open_gradient(tape_block *block, int slot) {
    if (slot >= 0)
        return tape_gradient_row(block, slot);
    memset(block->scratch[3], 0, sizeof(double) * (size_t)block->lanes);
    return block->scratch[3];
}

static inline void tape_close_gradient(tape_block *block, int slot) {
    if (slot < 0)
        tape_add_row(block->scratch[3], block->lanes, block->partial + (ptrdiff_t)~slot * TAPE_PARTS);
}
