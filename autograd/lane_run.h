/* Runs instructions for the loops of lane_kernel.h. An instruction is a row of LANE_FIELDS numbers:
   the code of the loop, the type (0 float, 1 double), whether to add to what is there, the number
   of rows, and of elements in a row; then for the result, g, out, x, y and z the address and how
   many bytes lie between two rows. In a row, elements are neighbours. */

#include "lane_kernel.h"

#define LANE_FIELDS 17
#define LANE_BLOCK 512

#define LANE_RUN(REAL)                                                                             \
    static void lane_run_##REAL(const long long *row) {                                            \
        const int code = (int)row[0], adds = (int)row[2];                                          \
        const ptrdiff_t rows = (ptrdiff_t)row[3], count = (ptrdiff_t)row[4];                       \
        REAL block[LANE_BLOCK];                                                                    \
        char *at[6];                                                                               \
        for (int k = 0; k < 6; k++) at[k] = (char *)(intptr_t)row[5 + 2 * k];                      \
        for (ptrdiff_t i = 0; i < rows; i++) {                                                     \
            REAL *result = (REAL *)at[0];                                                          \
            const REAL *from[5];                                                                   \
            for (int k = 0; k < 5; k++) from[k] = (const REAL *)at[k + 1];                         \
            if (!adds)                                                                             \
                lane_##REAL(code, count, result, from[0], from[1], from[2], from[3], from[4]);     \
            else                                                                                   \
                for (ptrdiff_t start = 0; start < count; start += LANE_BLOCK) {                    \
                    const ptrdiff_t n = count - start < LANE_BLOCK ? count - start : LANE_BLOCK;   \
                    lane_##REAL(code, n, block, from[0] + start, from[1] + start, from[2] + start, \
                        from[3] + start, from[4] + start);                                         \
                    for (ptrdiff_t j = 0; j < n; j++) result[start + j] += block[j];               \
                }                                                                                  \
            for (int k = 0; k < 6; k++) at[k] += row[6 + 2 * k];                                   \
        }                                                                                          \
    }

LANE_RUN(float)
LANE_RUN(double)

static void run_lanes(const long long *table, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++, table += LANE_FIELDS) {
        if (table[1]) lane_run_double(table);
        else lane_run_float(table);
    }
}
