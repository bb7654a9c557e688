#include "kernels.h"
#include "simd.h"
#include <stdlib.h>

// A tile of R rows and C vectors of columns stays in registers while p runs over k. One pointer serves four
// rows of A; the compiler must not merge these pointers, because there are too few registers.
#define TILE(R, C, V, LEVEL, TARGET, TAKE)                                                         \
    __attribute__((noinline)) TARGET static void tile_##R##_##C##_##V##_##LEVEL(                   \
        const float *a, ptrdiff_t s, ptrdiff_t t, const void *from, ptrdiff_t ldb, float *c,       \
        ptrdiff_t ldc, ptrdiff_t k, int accumulate) {                                              \
        V sum[R][C];                                                                               \
        enum { width = sizeof(V) / 4 };                                                            \
        const float *rows[(R + 3) / 4];                                                            \
        const ptrdiff_t s3 = 3 * s;                                                                \
        UNROLL for (int r = 0; r < R; r++)                                                         \
            UNROLL for (int j = 0; j < C; j++)                                                     \
                sum[r][j] = (V)(0.0f);                                                             \
        UNROLL for (int r = 0; r < (R + 3) / 4; r++) rows[r] = a + 4 * r * s;                      \
        TAKE(V, C, declare)                                                                        \
        for (ptrdiff_t p = 0; p < k; p++) {                                                        \
            V row[C];                                                                              \
            TAKE(V, C, load)                                                                       \
            b += ldb;                                                                              \
            UNROLL for (int r = 0; r < R; r++) {                                                   \
                const float *at = rows[r / 4];                                                     \
                const V x = (V)(r % 4 == 0   ? at[0]                                               \
                                : r % 4 == 1 ? at[s]                                               \
                                : r % 4 == 2 ? at[2 * s]                                           \
                                             : at[s3]);                                            \
                UNROLL for (int j = 0; j < C; j++) sum[r][j] = x * row[j] + sum[r][j];             \
            }                                                                                      \
            UNROLL for (int r = 0; r < (R + 3) / 4; r++) {                                         \
                rows[r] += t;                                                                      \
                __asm__("" : "+r"(rows[r]));                                                       \
            }                                                                                      \
        }                                                                                          \
        UNROLL for (int r = 0; r < R; r++)                                                         \
            UNROLL for (int j = 0; j < C; j++) {                                                   \
                V *to = (V *)(c + r * ldc + width * j);                                            \
                *to = accumulate ? *to + sum[r][j] : sum[r][j];                                    \
            }                                                                                      \
    }

#define SINGLE(V, C, WHAT) SINGLE_##WHAT(V, C)
#define SINGLE_declare(V, C) const float *b = from;
#define SINGLE_load(V, C) UNROLL for (int j = 0; j < C; j++) row[j] = *(const V *)(b + width * j);

// Pairs of bfloat16: the low half of word i of a group is column i, the high half is column i + 16.
#define HALF(V, C, WHAT) HALF_##WHAT(V, C)
#define HALF_declare(V, C) const uint16_t *b = from;
#define HALF_load(V, C)                                                                            \
    UNROLL for (int j = 0; j < C; j += 2) {                                                        \
        const i16 words = *(const i16 *)(b + width * j);                                           \
        row[j] = __builtin_bit_cast(f16, words << 16);                                             \
        row[j + 1] = __builtin_bit_cast(f16, words & (int32_t)0xFFFF0000);                         \
    }

#if defined(__x86_64__)
TILE(12, 2, f16, wide, AVX512, SINGLE)
TILE(8, 2, f16, wide, AVX512, SINGLE)
TILE(4, 4, f16, wide, AVX512, SINGLE)
TILE(4, 2, f16, wide, AVX512, SINGLE)
TILE(2, 4, f16, wide, AVX512, SINGLE)
TILE(2, 2, f16, wide, AVX512, SINGLE)
TILE(1, 4, f16, wide, AVX512, SINGLE)
TILE(1, 2, f16, wide, AVX512, SINGLE)
TILE(12, 1, f16, wide, AVX512, SINGLE)
TILE(4, 1, f16, wide, AVX512, SINGLE)
TILE(2, 1, f16, wide, AVX512, SINGLE)
TILE(1, 1, f16, wide, AVX512, SINGLE)
TILE(12, 2, f16, half_wide, AVX512, HALF)
TILE(8, 2, f16, half_wide, AVX512, HALF)
TILE(4, 4, f16, half_wide, AVX512, HALF)
TILE(4, 2, f16, half_wide, AVX512, HALF)
TILE(2, 4, f16, half_wide, AVX512, HALF)
TILE(2, 2, f16, half_wide, AVX512, HALF)
TILE(1, 4, f16, half_wide, AVX512, HALF)
TILE(1, 2, f16, half_wide, AVX512, HALF)
TILE(6, 1, f16, narrow, AVX2, SINGLE)
TILE(4, 1, f16, narrow, AVX2, SINGLE)
TILE(2, 2, f16, narrow, AVX2, SINGLE)
TILE(2, 1, f16, narrow, AVX2, SINGLE)
TILE(1, 4, f16, narrow, AVX2, SINGLE)
TILE(1, 1, f16, narrow, AVX2, SINGLE)
TILE(3, 2, f16, half_narrow, AVX2, HALF)
TILE(1, 2, f16, half_narrow, AVX2, HALF)
TILE(12, 1, f8, narrow, AVX2, SINGLE)
TILE(4, 1, f8, narrow, AVX2, SINGLE)
TILE(1, 1, f8, narrow, AVX2, SINGLE)
#endif
TILE(2, 1, f16, plain, , SINGLE)
TILE(1, 1, f16, plain, , SINGLE)
TILE(1, 1, f8, plain, , SINGLE)
TILE(1, 2, f16, half_plain, , HALF)

enum vk_levels vk_level = baseline;

__attribute__((constructor)) static void detect(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
        && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
        vk_level = avx2;
    if (vk_level == avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        vk_level = avx512;
#endif
    const char *wanted = getenv("VIREO_KERNELS");
    if (wanted && strcmp(wanted, "AVX2") == 0 && vk_level > avx2) vk_level = avx2;
    if (wanted && strcmp(wanted, "baseline") == 0) vk_level = baseline;
}

const char *vk_kernels(void) {
    return vk_level == avx512 ? "AVX-512" : vk_level == avx2 ? "AVX2" : "baseline";
}

// Processes the rows i to m with tiles of one shape, and prefetches the output of the next tile.
#define ROWS(R, C, V, LEVEL)                                                                       \
    for (; i + R <= m; i += R) {                                                                   \
        UNROLL for (ptrdiff_t r = 0; r < R; r++)                                                   \
            UNROLL for (ptrdiff_t j = 0; j < C; j++)                                               \
                __builtin_prefetch(c + (i + R + r) * ldc + 16 * j, 1);                             \
        tile_##R##_##C##_##V##_##LEVEL(a + i * s, s, t, b, ldb, c + i * ldc, ldc, k, accumulate);  \
    }

// C [m][width] (+)= A B for a width of 8, 16, 32 or 64.
static void columns(const float *a, ptrdiff_t s, ptrdiff_t t, const float *b, ptrdiff_t ldb, float *c,
                    ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t width, ptrdiff_t k, int accumulate) {
    ptrdiff_t i = 0;
#if defined(__x86_64__)
    if (width == 64 && vk_level == avx512 && m < 8) {
        ROWS(4, 4, f16, wide) ROWS(2, 4, f16, wide) ROWS(1, 4, f16, wide)
        return;
    }
    if (width == 64 && vk_level == avx2 && m < 2) {
        ROWS(1, 4, f16, narrow)
        return;
    }
#endif
    if (width == 64) {
        columns(a, s, t, b, ldb, c, ldc, m, 32, k, accumulate);
        columns(a, s, t, b + 32, ldb, c + 32, ldc, m, 32, k, accumulate);
        return;
    }
#if defined(__x86_64__)
    if (width == 32 && vk_level == avx512) {
        ROWS(12, 2, f16, wide) ROWS(8, 2, f16, wide) ROWS(4, 2, f16, wide) ROWS(2, 2, f16, wide)
        ROWS(1, 2, f16, wide)
        return;
    }
    if (width == 8 && vk_level != baseline) {
        ROWS(12, 1, f8, narrow) ROWS(4, 1, f8, narrow) ROWS(1, 1, f8, narrow)
        return;
    }
#endif
    if (width == 8) {
        ROWS(1, 1, f8, plain)
        return;
    }
    for (; width > 0; width -= 16, b += 16, c += 16, i = 0) {
#if defined(__x86_64__)
        if (vk_level == avx512) {
            ROWS(12, 1, f16, wide) ROWS(4, 1, f16, wide) ROWS(2, 1, f16, wide)
            ROWS(1, 1, f16, wide)
            continue;
        }
        if (vk_level == avx2) {
            ROWS(6, 1, f16, narrow) ROWS(4, 1, f16, narrow) ROWS(2, 1, f16, narrow)
            ROWS(1, 1, f16, narrow)
            continue;
        }
#endif
        ROWS(2, 1, f16, plain) ROWS(1, 1, f16, plain)
    }
}

void vk_product(const float *a, ptrdiff_t s, ptrdiff_t t, const float *b, ptrdiff_t ldb, float *c,
                ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int accumulate) {
    for (ptrdiff_t j = 0; j < n;) {
        const ptrdiff_t left = n - j;
        const ptrdiff_t width = left >= 64 && m < 8 ? 64 : left >= 32 ? 32 : left >= 16 ? 16 : 8;
        columns(a, s, t, b + j, ldb, c + j, ldc, m, width, k, accumulate);
        j += width;
    }
}

// ---- Products with unpacked weights, for many rows: panels of B are packed on the fly

// Long sums are split into parts of 256 to reduce rounding errors.
enum { depth = 256, tokens = 256, lanes = 32, height = 12, stripes = 4, chunk = 1024, direct = 384 };

// Multiplies all rows of A with one packed panel. A narrower last panel uses a tile of its own.
static void against(const float *a, ptrdiff_t s, ptrdiff_t t, const float *panel, float *c,
                    ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t width, ptrdiff_t k, int accumulate) {
    if (width == lanes) {
        columns(a, s, t, panel, lanes, c, ldc, m, lanes, k, accumulate);
        return;
    }
    float edge[height * lanes];
    for (ptrdiff_t i = 0; i < m; i += height) {
        const ptrdiff_t rows = least(height, m - i);
        if (accumulate)
            for (ptrdiff_t r = 0; r < rows; r++)
                for (ptrdiff_t j = 0; j < width; j++) edge[r * lanes + j] = c[(i + r) * ldc + j];
        columns(a + i * s, s, t, panel, lanes, edge, lanes, rows, padded(width, 16), k, accumulate);
        for (ptrdiff_t r = 0; r < rows; r++)
            for (ptrdiff_t j = 0; j < width; j++) c[(i + r) * ldc + j] = edge[r * lanes + j];
    }
}

// Copies `width` columns of `rows` rows to a panel, padded with zeros.
INLINE void gather(const float *from, ptrdiff_t ld, float *to, ptrdiff_t rows, ptrdiff_t width) {
    for (ptrdiff_t r = 0; r < rows; r++, from += ld, to += lanes) {
        if (width == lanes) {
            STORE(to, LOAD(from));
            STORE(to + 16, LOAD(from + 16));
        } else {
            for (ptrdiff_t i = 0; i < lanes; i++) to[i] = i < width ? from[i] : 0;
        }
    }
}

KERNEL(void, vk_apply, (const float *x, const float *w, float *y, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                     int accumulate),
       (x, w, y, m, n, k, accumulate)) {
    float panel[depth * lanes] __attribute__((aligned(64)));
    for (ptrdiff_t p = 0; p < k; p += depth) {
        const ptrdiff_t d = least(depth, k - p);
        for (ptrdiff_t j = 0; j < n; j += lanes) {
            const ptrdiff_t width = least(lanes, n - j);
            transpose(w + j * k + p, k, width, d, panel, lanes, lanes);
            against(x + p, k, 1, panel, y + j, n, m, width, d, accumulate || p > 0);
        }
    }
}

KERNEL(void, vk_propagate, (const float *dy, const float *w, float *dx, ptrdiff_t m, ptrdiff_t n,
                         ptrdiff_t k, int accumulate),
       (dy, w, dx, m, n, k, accumulate)) {
    float panel[depth * lanes] __attribute__((aligned(64)));
    for (ptrdiff_t p = 0; p < n; p += depth) {
        const ptrdiff_t d = least(depth, n - p);
        for (ptrdiff_t j = 0; j < k; j += lanes) {
            const ptrdiff_t width = least(lanes, k - j);
            gather(w + p * k + j, k, panel, d, width);
            against(dy + p, n, 1, panel, dx + j, k, m, width, d, accumulate || p > 0);
        }
    }
}

size_t vk_accumulate_scratch(void) { return chunk * tokens; }

// If dY has few columns it is read in place; otherwise it is packed into stripes of 12, and X into panels.
KERNEL(void, vk_accumulate, (const float *dy, const float *x, float *dw, ptrdiff_t m, ptrdiff_t n,
                          ptrdiff_t k, float *scratch),
       (dy, x, dw, m, n, k, scratch)) {
    float stage[tokens * stripes * height] __attribute__((aligned(64)));
    for (ptrdiff_t p = 0; p < m; p += tokens, dy += tokens * n, x += tokens * k) {
        const ptrdiff_t d = least(tokens, m - p);
        if (n <= direct) {
            for (ptrdiff_t j = 0; j < k; j += lanes) {
                const ptrdiff_t width = least(lanes, k - j);
                gather(x + j, k, stage, d, width);
                against(dy, 1, n, stage, dw + j, k, n, width, d, 1);
            }
            continue;
        }
        for (ptrdiff_t q = 0; q < k; q += chunk) {
            const ptrdiff_t columns = least(chunk, k - q);
            for (ptrdiff_t j = 0; j < columns; j += lanes)
                gather(x + q + j, k, scratch + j * d, d, least(lanes, columns - j));
            for (ptrdiff_t i = 0; i < n; i += stripes * height) {
                const ptrdiff_t rows = least(stripes * height, n - i);
                for (ptrdiff_t r = 0; r < d; r++)
                    for (ptrdiff_t b = 0; b < rows; b += height) {
                        float *to = stage + b * d + r * height;
                        const float *from = dy + r * n + i + b;
                        if (rows - b >= height) {
                            memcpy(to, from, height * sizeof(float));
                        } else {
                            for (ptrdiff_t e = 0; e < height; e++) to[e] = e < rows - b ? from[e] : 0;
                        }
                    }
                for (ptrdiff_t b = 0; b < rows; b += height) {
                    float *c = dw + (i + b) * k + q;
                    const ptrdiff_t used = least(height, rows - b);
                    for (ptrdiff_t j = 0; j < columns; j += lanes) {
                        for (ptrdiff_t r = 0; r < used; r++) {
                            __builtin_prefetch(c + r * k + j + lanes, 1);
                            __builtin_prefetch(c + r * k + j + lanes + 16, 1);
                        }
                        against(stage + b * d, 1, height, scratch + j * d, c + j, k, used,
                                least(lanes, columns - j), d, 1);
                    }
                }
            }
        }
    }
}

// ---- Products with packed weights

enum { panel = 64 };

// Panel j holds 64 outputs (the last one fewer, in groups of 32) for every input: [inputs][width].
static ptrdiff_t panel_width(ptrdiff_t n, ptrdiff_t j) { return least(panel, padded(n, 32) - j); }

size_t vk_packed_size(ptrdiff_t n, ptrdiff_t k) { return (size_t)(padded(n, 32) * k); }

KERNEL(void, vk_pack, (const float *w, ptrdiff_t n, ptrdiff_t k, float *packed, ptrdiff_t first,
                    ptrdiff_t end),
       (w, n, k, packed, first, end)) {
    for (ptrdiff_t j = first * panel; j < least(n, end * panel); j += panel) {
        const ptrdiff_t width = panel_width(n, j);
        transpose(w + j * k, k, least(panel, n - j), k, packed + j * k, width, width);
    }
}

KERNEL(void, vk_pack_half, (const float *w, ptrdiff_t n, ptrdiff_t k, uint16_t *packed, ptrdiff_t first,
                         ptrdiff_t end),
       (w, n, k, packed, first, end)) {
    for (ptrdiff_t j = first * panel; j < least(n, end * panel); j += panel) {
        const ptrdiff_t width = panel_width(n, j);
        for (ptrdiff_t p = 0; p < k; p++)
            for (ptrdiff_t c = 0; c < width; c++) {
                const ptrdiff_t group = c / 32 * 32, in = c % 32;
                uint32_t bits = 0;
                if (j + c < n) memcpy(&bits, w + (j + c) * k + p, 4);
                packed[j * k + p * width + group + (in < 16 ? 2 * in : 2 * (in - 16) + 1)] =
                    (uint16_t)(bits >> 16);
            }
    }
}

KERNEL(int, vk_is_half, (const float *w, ptrdiff_t count),
       (w, count)) {
    i16 low = (i16)(0);
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) low |= *(const i16 *)(w + i);
    uint32_t any = 0;
    for (ptrdiff_t lane = 0; lane < 16; lane++) any |= (uint32_t)low[lane];
    for (; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, w + i, 4);
        any |= bits;
    }
    return (any & 0xFFFF) == 0;
}

static void half_columns(const float *a, ptrdiff_t s, const uint16_t *b, ptrdiff_t ldb, float *c,
                         ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t width, ptrdiff_t k, int accumulate) {
    const ptrdiff_t t = 1;
    ptrdiff_t i = 0;
#if defined(__x86_64__)
    if (width == 64 && vk_level == avx512 && m < 8) {
        ROWS(4, 4, f16, half_wide) ROWS(2, 4, f16, half_wide) ROWS(1, 4, f16, half_wide)
        return;
    }
#endif
    for (; width > 0; width -= 32, b += 32, c += 32, i = 0) {
#if defined(__x86_64__)
        if (vk_level == avx512) {
            ROWS(12, 2, f16, half_wide) ROWS(8, 2, f16, half_wide) ROWS(4, 2, f16, half_wide)
            ROWS(2, 2, f16, half_wide) ROWS(1, 2, f16, half_wide)
            continue;
        }
        if (vk_level == avx2) {
            ROWS(3, 2, f16, half_narrow) ROWS(1, 2, f16, half_narrow)
            continue;
        }
#endif
        ROWS(1, 2, f16, half_plain)
    }
}

void vk_apply_packed(const float *x, ptrdiff_t ldx, const void *packed, int half, float *y,
                     ptrdiff_t ldy, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int accumulate,
                     ptrdiff_t part, ptrdiff_t parts) {
    // The work is split into tiles of 32 outputs and, if there are too few outputs, of 12 rows.
    const ptrdiff_t across = padded(n, 32) / 32;
    const ptrdiff_t unit = across >= 4 * parts ? m : height;
    const ptrdiff_t down = (m + unit - 1) / unit, all = across * down;
    const ptrdiff_t first = all * part / parts, end = all * (part + 1) / parts;
    for (ptrdiff_t p = 0; p < k; p += depth) {
        const ptrdiff_t d = least(depth, k - p);
        const int adding = accumulate || p > 0;
        for (ptrdiff_t u = first; u < end;) {
            const ptrdiff_t j = u / down * 32, row = u % down;
            const ptrdiff_t base = j / panel * panel, width = panel_width(n, base);
            const int whole = down == 1 && j == base && width == panel && u + 1 < end;
            const ptrdiff_t rows = least(down - row, end - u);
            const ptrdiff_t from = row * unit, count = least(m, (row + rows) * unit) - from;
            const ptrdiff_t at = base * k + p * width + (j - base);
            const float *a = x + from * ldx + p;
            float *c = y + from * ldy + j;
            if (half) {
                half_columns(a, ldx, (const uint16_t *)packed + at, width, c, ldy, count,
                             whole ? 64 : 32, d, adding);
            } else {
                columns(a, ldx, 1, (const float *)packed + at, width, c, ldy, count, whole ? 64 : 32,
                        d, adding);
            }
            u += whole ? 2 : rows;
        }
    }
}
