#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Definitions shared by the kernels. Vectors have 16 lanes on all processors and the order of every sum is
// fixed, so that AVX-512 and AVX2 give the same bits. Processors without fused multiply-add give others.

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,bmi,bmi2")))
#define AVX2 __attribute__((target("avx2,fma,bmi,bmi2")))
#else
#define AVX512
#define AVX2
#endif

/// The level of the processor, or a lower one if the environment variable VIREO_KERNELS requests it.
enum vk_levels { baseline, avx2, avx512 };
extern enum vk_levels vk_level;

// The body of a kernel is inlined into one function per processor level.
#define KERNEL(TYPE, NAME, PARAMETERS, ARGUMENTS)                                                  \
    INLINE TYPE NAME##_body PARAMETERS;                                                            \
    AVX512 static TYPE NAME##_avx512 PARAMETERS { return NAME##_body ARGUMENTS; }                  \
    AVX2 static TYPE NAME##_avx2 PARAMETERS { return NAME##_body ARGUMENTS; }                      \
    static TYPE NAME##_baseline PARAMETERS { return NAME##_body ARGUMENTS; }                       \
    TYPE NAME PARAMETERS {                                                                         \
        return vk_level == avx512 ? NAME##_avx512 ARGUMENTS                                        \
            : vk_level == avx2    ? NAME##_avx2 ARGUMENTS                                          \
                                  : NAME##_baseline ARGUMENTS;                                     \
    }                                                                                              \
    INLINE TYPE NAME##_body PARAMETERS
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang diagnostic ignored "-Wunused-function"
#pragma STDC FP_CONTRACT ON

typedef float f4 __attribute__((ext_vector_type(4), aligned(4)));
typedef float f8 __attribute__((ext_vector_type(8), aligned(4)));
typedef float f16 __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t i16 __attribute__((ext_vector_type(16), aligned(4)));
typedef double d8 __attribute__((ext_vector_type(8), aligned(8)));

#define LOAD(p) (*(const f16 *)(p))
#define STORE(p, v) (*(f16 *)(p) = (v))

INLINE ptrdiff_t padded(ptrdiff_t n, ptrdiff_t to) { return (n + to - 1) / to * to; }
INLINE ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

// Loads the first `count` floats (at most 16), and `fill` in the other lanes.
INLINE f16 load_some(const float *p, ptrdiff_t count, float fill) {
    float lanes[16];
    for (ptrdiff_t i = 0; i < 16; i++) lanes[i] = i < count ? p[i] : fill;
    return LOAD(lanes);
}

INLINE void store_some(float *p, f16 v, ptrdiff_t count) {
    float lanes[16];
    STORE(lanes, v);
    for (ptrdiff_t i = 0; i < count; i++) p[i] = lanes[i];
}

// `v` in the first `count` lanes, and `fill` in the others.
INLINE f16 keep_some(f16 v, ptrdiff_t count, float fill) {
    const i16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const i16 kept = lane < (i16)((int32_t)count);
    return __builtin_bit_cast(f16, (__builtin_bit_cast(i16, v) & kept)
                                       | (__builtin_bit_cast(i16, (f16)(fill)) & ~kept));
}

INLINE float sum_of(f16 v) {
    const f8 a = v.lo + v.hi;
    const f4 b = a.lo + a.hi;
    return (b.x + b.z) + (b.y + b.w);
}

INLINE float largest_of(f16 v) {
    const f8 a = __builtin_elementwise_max(v.lo, v.hi);
    const f4 b = __builtin_elementwise_max(a.lo, a.hi);
    const float c = b.x > b.z ? b.x : b.z, d = b.y > b.w ? b.y : b.w;
    return c > d ? c : d;
}

// e^x by range reduction to [-ln2/2, ln2/2] and a polynomial of degree 6, with a relative error below 2e-7.
// Arguments are clamped to [-87, 88]; NaN stays NaN.
INLINE f16 exponential(f16 x) {
    x = x < -87.0f ? (f16)(-87.0f) : x;
    x = x > 88.0f ? (f16)(88.0f) : x;
    const f16 shifted = x * 1.44269504f + 12582912.0f;
    const f16 n = shifted - 12582912.0f;
    f16 r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    f16 p = (f16)(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const f16 square = r * r;
    p = p * square + r;
    p = p + 1.0f;
    const i16 power = (__builtin_bit_cast(i16, shifted) - 0x4B400000 + 127) << 23;
    return p * __builtin_bit_cast(f16, power);
}

// Transposes a block of 16 x 16 floats.
INLINE void transpose16(const float *from, ptrdiff_t ld, float *to, ptrdiff_t ldt) {
    f16 a[16], b[16];
    UNROLL for (int i = 0; i < 16; i++) a[i] = LOAD(from + i * ld);
    UNROLL for (int i = 0; i < 16; i += 2) {
        b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25,
                                       12, 28, 13, 29);
        b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11,
                                           27, 14, 30, 15, 31);
    }
    UNROLL for (int i = 0; i < 16; i += 4) {
        UNROLL for (int j = 0; j < 2; j++) {
            a[i + 2 * j] = __builtin_shufflevector(b[i + j], b[i + 2 + j], 0, 1, 16, 17, 4, 5, 20,
                                                   21, 8, 9, 24, 25, 12, 13, 28, 29);
            a[i + 2 * j + 1] = __builtin_shufflevector(b[i + j], b[i + 2 + j], 2, 3, 18, 19, 6, 7,
                                                       22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
        }
    }
    // For rows 4 g to 4 g + 3, a[4 g + c] now holds the columns c, c + 4, c + 8 and c + 12.
    UNROLL for (int c = 0; c < 4; c++) {
#define EVEN(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
#define ODD(x, y) __builtin_shufflevector(x, y, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31)
#define LOW(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define HIGH(x, y) __builtin_shufflevector(x, y, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
        const f16 even = EVEN(a[c], a[4 + c]), even2 = EVEN(a[8 + c], a[12 + c]);
        const f16 odd = ODD(a[c], a[4 + c]), odd2 = ODD(a[8 + c], a[12 + c]);
        STORE(to + c * ldt, LOW(even, even2));
        STORE(to + (c + 4) * ldt, LOW(odd, odd2));
        STORE(to + (c + 8) * ldt, HIGH(even, even2));
        STORE(to + (c + 12) * ldt, HIGH(odd, odd2));
#undef EVEN
#undef ODD
#undef LOW
#undef HIGH
    }
}

// to[column][row] = from[row][column]; the columns of `to` from `rows` to `width` are set to zero.
INLINE void transpose(const float *from, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t columns, float *to,
                      ptrdiff_t ldt, ptrdiff_t width) {
    ptrdiff_t r = 0;
    for (; r + 16 <= rows; r += 16) {
        ptrdiff_t c = 0;
        for (; c + 16 <= columns; c += 16)
            transpose16(from + r * ld + c, ld, to + c * ldt + r, ldt);
        for (; c < columns; c++)
            for (ptrdiff_t i = 0; i < 16; i++) to[c * ldt + r + i] = from[(r + i) * ld + c];
    }
    for (ptrdiff_t c = 0; c < columns; c++) {
        for (ptrdiff_t i = r; i < rows; i++) to[c * ldt + i] = from[i * ld + c];
        for (ptrdiff_t i = rows; i < width; i++) to[c * ldt + i] = 0;
    }
}

/// C [m][n] (+)= A B, summed in ascending order of p, then added to C. The bits of a row depend on that row
/// alone. Rows of A are `s` floats apart and columns `t`; n must be a multiple of 8.
void vk_product(const float *a, ptrdiff_t s, ptrdiff_t t, const float *b, ptrdiff_t ldb, float *c,
                ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int accumulate);
