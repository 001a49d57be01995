/* exp and tanh of many numbers at once: no branch and no table, so that the compiler makes each loop
   over them one of vectors. Right to within two units in the last place. After Moshier's Cephes
   library: exp(x) = 2**n * exp(r) with |r| <= ln(2) / 2; tanh by a series or fraction below 0.625,
   and by exp above. What is not a number stays so: every comparison with it is false. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A call in a loop would keep it from being one of vectors. */
#if defined(__GNUC__)
#define LANE_INLINE static inline __attribute__((always_inline))
#else
#define LANE_INLINE static inline
#endif

/* Added to a number below 2**22 (2**51) and subtracted again, it leaves the nearest integer, which
   stands in the last bits in between. */
#define LANE_ROUNDING_F 12582912.0f
#define LANE_ROUNDING 6755399441055744.0

LANE_INLINE float lane_from_bits_f(int32_t bits) {
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

LANE_INLINE int32_t lane_bits_f(float number) {
    int32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

LANE_INLINE double lane_from_bits(int64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

LANE_INLINE int64_t lane_bits(double number) {
    int64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* 2**n, for n as it stands in the last bits of n + LANE_ROUNDING. */
LANE_INLINE float lane_power_of_two_f(float shifted) {
    uint32_t n = (uint32_t)lane_bits_f(shifted) - (uint32_t)lane_bits_f(LANE_ROUNDING_F);
    return lane_from_bits_f((int32_t)((n + 127u) << 23));
}

LANE_INLINE double lane_power_of_two(double shifted) {
    uint64_t n = (uint64_t)lane_bits(shifted) - (uint64_t)lane_bits(LANE_ROUNDING);
    return lane_from_bits((int64_t)((n + 1023u) << 52));
}

LANE_INLINE float lane_exp_f(float x) {
    const float above = x > 89.0f ? 89.0f : x;
    const float within = above < -104.0f ? -104.0f : above;
    const float shifted = within * 1.44269504088896341f + LANE_ROUNDING_F;
    const float n = shifted - LANE_ROUNDING_F;
    const float r = within - n * 0.693359375f + n * 2.12194440e-4f;
    const float series = ((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r
        + 4.1665795894e-2f) * r + 1.6666665459e-1f) * r + 5.0000001201e-1f;
    /* In two factors: the whole power may be outside of the range, where the result is not. */
    const float half = n * 0.5f + LANE_ROUNDING_F;
    const float rest = n - (half - LANE_ROUNDING_F) + LANE_ROUNDING_F;
    return (series * r * r + r + 1.0f) * lane_power_of_two_f(half) * lane_power_of_two_f(rest);
}

LANE_INLINE double lane_exp(double x) {
    const double above = x > 710.0 ? 710.0 : x;
    const double within = above < -746.0 ? -746.0 : above;
    const double shifted = within * 1.4426950408889634073599 + LANE_ROUNDING;
    const double n = shifted - LANE_ROUNDING;
    const double r = within - n * 6.93145751953125e-1 - n * 1.42860682030941723212e-6;
    const double rr = r * r;
    const double p = r * ((1.26177193074810590878e-4 * rr + 3.02994407707441961300e-2) * rr
        + 9.99999999999999999910e-1);
    const double q = ((3.00198505138664455042e-6 * rr + 2.52448340349684104192e-3) * rr
        + 2.27265548208155028766e-1) * rr + 2.0;
    const double half = n * 0.5 + LANE_ROUNDING;
    const double rest = n - (half - LANE_ROUNDING) + LANE_ROUNDING;
    return (1.0 + 2.0 * (p / (q - p))) * lane_power_of_two(half) * lane_power_of_two(rest);
}

LANE_INLINE float lane_tanh_f(float x) {
    const float size = fabsf(x), z = x * x;
    const float series = ((((-5.70498872745e-3f * z + 2.06390887954e-2f) * z - 5.37397155531e-2f) * z
        + 1.33314422036e-1f) * z - 3.33332819422e-1f) * z * size + size;
    const float far = 1.0f - 2.0f / (lane_exp_f(2.0f * size) + 1.0f);
    const float result = size < 0.625f ? series : far;
    return copysignf(result, x);
}

LANE_INLINE double lane_tanh(double x) {
    const double size = fabs(x), z = x * x;
    const double p = (-9.64399179425052238628e-1 * z - 9.92877231001918586564e1) * z
        - 1.61468768441708447952e3;
    const double q = ((z + 1.12811678491632931402e2) * z + 2.23548839060100448583e3) * z
        + 4.84406305325125486048e3;
    const double near = size + size * z * (p / q);
    const double far = 1.0 - 2.0 / (lane_exp(2.0 * size) + 1.0);
    const double result = size < 0.625 ? near : far;
    return copysign(result, x);
}
