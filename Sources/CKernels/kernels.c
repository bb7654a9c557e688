#include "kernels.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))
#pragma clang diagnostic ignored "-Wpsabi"

typedef float f8 __attribute__((ext_vector_type(8), aligned(4)));
typedef float f16 __attribute__((ext_vector_type(16), aligned(4)));
#define LOAD8(p) (*(const f8 *)(p))
#define LOAD16(p) (*(const f16 *)(p))
#define STORE8(p, v) (*(f8 *)(p) = (v))
#define STORE16(p, v) (*(f16 *)(p) = (v))

// e^x by range reduction to [-ln2/2, ln2/2] and a polynomial of degree 6; relative error below 2e-7.
// Below -87 the result is 0 within the smallest normal numbers; above 88 it saturates.
INLINE float exponential(float x) {
#pragma clang fp contract(fast)
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    const float shifted = x * 1.44269504f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    union { float f; int32_t i; } bits = {.f = shifted};
    union { int32_t i; float f; } power = {.i = (bits.i - 0x4B400000 + 127) << 23};
    return p * power.f;
}

// ---- Matrix products of any small shape

// A tile of R rows and 16 (or 8) columns stays in registers while p runs over k.
#define TILE(R, V, LOAD, STORE, WIDTH)                                                            \
    INLINE void tile_##R##_##WIDTH(const float *a, ptrdiff_t a_row, ptrdiff_t a_column,           \
                                   const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,        \
                                   ptrdiff_t k, int accumulate) {                                 \
        _Pragma("clang fp contract(fast)") V sum[R];                                              \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < R; r++) sum[r] = (V)(0.0f);        \
        for (ptrdiff_t p = 0; p < k; p++) {                                                       \
            const V row = LOAD(b + p * ldb);                                                      \
            _Pragma("clang loop unroll(full)") for (int r = 0; r < R; r++)                        \
                sum[r] += (V)(a[r * a_row + p * a_column]) * row;                                 \
        }                                                                                         \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < R; r++) {                          \
            if (accumulate) sum[r] += LOAD(c + r * ldc);                                          \
            STORE(c + r * ldc, sum[r]);                                                           \
        }                                                                                         \
    }
TILE(6, f16, LOAD16, STORE16, 16)
TILE(4, f16, LOAD16, STORE16, 16)
TILE(2, f16, LOAD16, STORE16, 16)
TILE(1, f16, LOAD16, STORE16, 16)
TILE(6, f8, LOAD8, STORE8, 8)
TILE(4, f8, LOAD8, STORE8, 8)
TILE(2, f8, LOAD8, STORE8, 8)
TILE(1, f8, LOAD8, STORE8, 8)

INLINE void matmul(const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b, ptrdiff_t ldb,
                   float *c, ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                   int accumulate) {
    ptrdiff_t j = 0;
#define ROWS(WIDTH)                                                                               \
    ptrdiff_t i = 0;                                                                              \
    for (; i + 6 <= m; i += 6)                                                                    \
        tile_6_##WIDTH(a + i * a_row, a_row, a_column, b + j, ldb, c + i * ldc + j, ldc, k,       \
                       accumulate);                                                               \
    for (; i + 4 <= m; i += 4)                                                                    \
        tile_4_##WIDTH(a + i * a_row, a_row, a_column, b + j, ldb, c + i * ldc + j, ldc, k,       \
                       accumulate);                                                               \
    for (; i + 2 <= m; i += 2)                                                                    \
        tile_2_##WIDTH(a + i * a_row, a_row, a_column, b + j, ldb, c + i * ldc + j, ldc, k,       \
                       accumulate);                                                               \
    for (; i < m; i++)                                                                            \
        tile_1_##WIDTH(a + i * a_row, a_row, a_column, b + j, ldb, c + i * ldc + j, ldc, k,       \
                       accumulate);
    for (; j + 16 <= n; j += 16) { ROWS(16) }
    for (; j + 8 <= n; j += 8) { ROWS(8) }
#undef ROWS
}

CLONES void vk_matmul(const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                      ptrdiff_t ldb, float *c, ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                      int accumulate) {
    matmul(a, a_row, a_column, b, ldb, c, ldc, m, n, k, accumulate);
}

// ---- Normalisation and rotation

CLONES void vk_rms_norm(const float *x, const float *weight, float *y, float *scale, ptrdiff_t rows,
                        ptrdiff_t d, float epsilon) {
#pragma clang fp reassociate(on) contract(fast)
    for (ptrdiff_t r = 0; r < rows; r++, x += d, y += d) {
        float squares = 0;
        for (ptrdiff_t i = 0; i < d; i++) squares += x[i] * x[i];
        const float s = 1.0f / sqrtf(squares / (float)d + epsilon);
        scale[r] = s;
        for (ptrdiff_t i = 0; i < d; i++) y[i] = x[i] * s * weight[i];
    }
}

CLONES void vk_rms_norm_backward(const float *dy, const float *x, const float *weight,
                                 const float *scale, float *dx, float *dweight, ptrdiff_t rows,
                                 ptrdiff_t d) {
#pragma clang fp reassociate(on) contract(fast)
    for (ptrdiff_t r = 0; r < rows; r++, x += d, dy += d, dx += d) {
        const float s = scale[r];
        float dot = 0;
        for (ptrdiff_t i = 0; i < d; i++) dot += dy[i] * weight[i] * x[i];
        const float mean = dot * s * s / (float)d;
        for (ptrdiff_t i = 0; i < d; i++) {
            dx[i] += s * (dy[i] * weight[i] - x[i] * mean);
            dweight[i] += dy[i] * x[i] * s;
        }
    }
}

CLONES void vk_head_norm_rope(const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy,
                              const float *weight, float *scale, const int32_t *positions,
                              const float *cosine, const float *sine, ptrdiff_t rows,
                              ptrdiff_t heads, ptrdiff_t d, float epsilon) {
#pragma clang fp reassociate(on) contract(fast)
    const ptrdiff_t half = d / 2;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *c = cosine + positions[r] * half, *s = sine + positions[r] * half;
        for (ptrdiff_t h = 0; h < heads; h++) {
            const float *in = x + r * ldx + h * d;
            float *out = y + r * ldy + h * d;
            if (weight) {
                float squares = 0;
                for (ptrdiff_t i = 0; i < d; i++) squares += in[i] * in[i];
                const float n = 1.0f / sqrtf(squares / (float)d + epsilon);
                scale[r * heads + h] = n;
                for (ptrdiff_t i = 0; i < half; i++) {
                    const float a = in[i] * n * weight[i], b = in[i + half] * n * weight[i + half];
                    out[i] = a * c[i] - b * s[i];
                    out[i + half] = b * c[i] + a * s[i];
                }
            } else {
                for (ptrdiff_t i = 0; i < half; i++) {
                    const float a = in[i], b = in[i + half];
                    out[i] = a * c[i] - b * s[i];
                    out[i + half] = b * c[i] + a * s[i];
                }
            }
        }
    }
}

CLONES void vk_head_norm_rope_backward(float *dy, ptrdiff_t lddy, const float *x, ptrdiff_t ldx,
                                       const float *weight, const float *scale, float *dweight,
                                       const int32_t *positions, const float *cosine,
                                       const float *sine, ptrdiff_t rows, ptrdiff_t heads,
                                       ptrdiff_t d) {
#pragma clang fp reassociate(on) contract(fast)
    const ptrdiff_t half = d / 2;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *c = cosine + positions[r] * half, *s = sine + positions[r] * half;
        for (ptrdiff_t h = 0; h < heads; h++) {
            float *g = dy + r * lddy + h * d;
            const float *in = x + r * ldx + h * d;
            for (ptrdiff_t i = 0; i < half; i++) {
                const float a = g[i], b = g[i + half];
                g[i] = a * c[i] + b * s[i];
                g[i + half] = b * c[i] - a * s[i];
            }
            if (!weight) continue;
            const float n = scale[r * heads + h];
            float dot = 0;
            for (ptrdiff_t i = 0; i < d; i++) dot += g[i] * weight[i] * in[i];
            const float mean = dot * n * n / (float)d;
            for (ptrdiff_t i = 0; i < d; i++) {
                dweight[i] += g[i] * in[i] * n;
                g[i] = n * (g[i] * weight[i] - in[i] * mean);
            }
        }
    }
}

// ---- Attention

// Each head is copied to contiguous scratch, its width padded to a multiple of 8 and its length to 16,
// so that all products are tiles. Rows are taken in blocks of 6 and work beyond the diagonal skipped.
enum { block = 6 };
INLINE ptrdiff_t padded(ptrdiff_t n, ptrdiff_t to) { return (n + to - 1) / to * to; }
INLINE ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

size_t vk_attention_scratch(ptrdiff_t length, ptrdiff_t d) {
    const size_t width = (size_t)padded(d, 8), columns = (size_t)padded(length, 16);
    return 8 * width * (columns + 16) + 2 * (columns + block) * columns + 64;
}

INLINE void copy_head(const float *x, ptrdiff_t ldx, float *y, ptrdiff_t length, ptrdiff_t d,
                      ptrdiff_t width) {
    for (ptrdiff_t t = 0; t < length; t++) {
        for (ptrdiff_t i = 0; i < d; i++) y[t * width + i] = x[t * ldx + i];
        for (ptrdiff_t i = d; i < width; i++) y[t * width + i] = 0;
    }
}

INLINE void transpose_head(const float *x, ptrdiff_t ldx, float *y, ptrdiff_t length, ptrdiff_t d,
                           ptrdiff_t columns) {
    for (ptrdiff_t i = 0; i < d; i++) {
        for (ptrdiff_t t = 0; t < length; t++) y[i * columns + t] = x[t * ldx + i];
        for (ptrdiff_t t = length; t < columns; t++) y[i * columns + t] = 0;
    }
}

// Turns `count` scores into exp(scale * score - lse); returns lse.
INLINE float softmax_row(float *row, ptrdiff_t count, float scale) {
#pragma clang fp reassociate(on) contract(fast)
    float top = row[0];
    for (ptrdiff_t i = 1; i < count; i++) top = row[i] > top ? row[i] : top;
    float sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        const float e = exponential(scale * (row[i] - top));
        row[i] = e;
        sum += e;
    }
    const float inverse = 1.0f / sum;
    for (ptrdiff_t i = 0; i < count; i++) row[i] *= inverse;
    return scale * top + logf(sum);
}

CLONES void vk_attention(const float *q, ptrdiff_t ldq, const float *k, ptrdiff_t ldk, const float *v,
                         ptrdiff_t ldv, float *out, ptrdiff_t ldo, float *lse, ptrdiff_t length,
                         ptrdiff_t heads, ptrdiff_t kv_heads, ptrdiff_t d, float *scratch) {
    const ptrdiff_t width = padded(d, 8), columns = padded(length, 16), group = heads / kv_heads;
    const float scale = 1.0f / sqrtf((float)d);
    float *kt = scratch, *vs = kt + d * columns, *scores = vs + columns * width;
    float *rows = scores + block * columns;
    for (ptrdiff_t h = 0; h < heads; h++) {
        if (h % group == 0) {
            transpose_head(k + h / group * d, ldk, kt, length, d, columns);
            copy_head(v + h / group * d, ldv, vs, length, d, width);
        }
        for (ptrdiff_t i = 0; i < length; i += block) {
            const ptrdiff_t m = least(block, length - i), seen = i + m;
            matmul(q + i * ldq + h * d, ldq, 1, kt, columns, scores, columns, m, padded(seen, 16),
                   d, 0);
            for (ptrdiff_t r = 0; r < m; r++) {
                lse[h * length + i + r] = softmax_row(scores + r * columns, i + r + 1, scale);
                for (ptrdiff_t j = i + r + 1; j < seen; j++) scores[r * columns + j] = 0;
            }
            matmul(scores, columns, 1, vs, width, rows, width, m, width, seen, 0);
            for (ptrdiff_t r = 0; r < m; r++)
                for (ptrdiff_t x = 0; x < d; x++)
                    out[(i + r) * ldo + h * d + x] = rows[r * width + x];
        }
    }
}

CLONES void vk_attention_backward(const float *q, ptrdiff_t ldq, const float *k, ptrdiff_t ldk,
                                  const float *v, ptrdiff_t ldv, const float *out,
                                  const float *dout, ptrdiff_t ldo, const float *lse, float *dq,
                                  float *dk, float *dv, ptrdiff_t length, ptrdiff_t heads,
                                  ptrdiff_t kv_heads, ptrdiff_t d, float *scratch) {
#pragma clang fp reassociate(on) contract(fast)
    const ptrdiff_t width = padded(d, 8), columns = padded(length, 16), group = heads / kv_heads;
    const float scale = 1.0f / sqrtf((float)d);
    float *kt = scratch, *vt = kt + d * columns, *ks = vt + d * columns;
    float *qs = ks + columns * width, *dos = qs + columns * width, *dks = dos + columns * width;
    float *dvs = dks + columns * width, *p = dvs + columns * width, *dp = p + length * columns;
    float *rows = dp + length * columns;
    for (ptrdiff_t h = 0; h < heads; h++) {
        if (h % group == 0) {
            transpose_head(k + h / group * d, ldk, kt, length, d, columns);
            transpose_head(v + h / group * d, ldv, vt, length, d, columns);
            copy_head(k + h / group * d, ldk, ks, length, d, width);
        }
        copy_head(q + h * d, ldq, qs, length, d, width);
        copy_head(dout + h * d, ldo, dos, length, d, width);
        for (ptrdiff_t i = 0; i < length; i += block) {
            const ptrdiff_t m = least(block, length - i), seen = i + m;
            float *pi = p + i * columns, *dpi = dp + i * columns;
            matmul(qs + i * width, width, 1, kt, columns, pi, columns, m, padded(seen, 16), d, 0);
            matmul(dos + i * width, width, 1, vt, columns, dpi, columns, m, padded(seen, 16), d, 0);
            for (ptrdiff_t r = 0; r < m; r++) {
                float *pr = pi + r * columns, *dpr = dpi + r * columns;
                const float l = lse[h * length + i + r];
                const float *o = out + (i + r) * ldo + h * d, *g = dos + (i + r) * width;
                float dot = 0;
                for (ptrdiff_t x = 0; x < d; x++) dot += o[x] * g[x];
                for (ptrdiff_t j = 0; j <= i + r; j++) {
                    pr[j] = exponential(scale * pr[j] - l);
                    dpr[j] = pr[j] * (dpr[j] - dot) * scale;
                }
                for (ptrdiff_t j = i + r + 1; j < seen; j++) pr[j] = dpr[j] = 0;
            }
            matmul(dpi, columns, 1, ks, width, rows, width, m, width, seen, 0);
            for (ptrdiff_t r = 0; r < m; r++)
                for (ptrdiff_t x = 0; x < d; x++)
                    dq[(i + r) * ldq + h * d + x] = rows[r * width + x];
        }
        // Query i of block b sees the keys of block b only up to i; the entries beyond are zero.
        const int accumulate = h % group != 0;
        for (ptrdiff_t j = 0; j < length; j += block) {
            const ptrdiff_t m = least(block, length - j), count = length - j;
            matmul(dp + j * columns + j, 1, columns, qs + j * width, width, dks + j * width, width,
                   m, width, count, accumulate);
            matmul(p + j * columns + j, 1, columns, dos + j * width, width, dvs + j * width, width,
                   m, width, count, accumulate);
        }
        if (h % group == group - 1)
            for (ptrdiff_t t = 0; t < length; t++)
                for (ptrdiff_t x = 0; x < d; x++) {
                    dk[t * ldk + h / group * d + x] = dks[t * width + x];
                    dv[t * ldv + h / group * d + x] = dvs[t * width + x];
                }
    }
}

CLONES void vk_attention_decode(const float *q, const float *keys, const float *values, float *out,
                                ptrdiff_t length, ptrdiff_t capacity, ptrdiff_t heads,
                                ptrdiff_t kv_heads, ptrdiff_t d, float *scores) {
    const ptrdiff_t width = padded(d, 8), group = heads / kv_heads, seen = padded(length, 16);
    const float scale = 1.0f / sqrtf((float)d);
    float *row = scores + capacity;
    for (ptrdiff_t h = 0; h < heads; h++) {
        const float *kt = keys + h / group * d * capacity;
        const float *vs = values + h / group * capacity * width;
        matmul(q + h * d, d, 1, kt, capacity, scores, capacity, 1, seen, d, 0);
        softmax_row(scores, length, scale);
        matmul(scores, capacity, 1, vs, width, row, width, 1, width, length, 0);
        for (ptrdiff_t x = 0; x < d; x++) out[h * d + x] = row[x];
    }
}

// ---- Feed-forward

CLONES void vk_swiglu(const float *gu, float *h, ptrdiff_t rows, ptrdiff_t d) {
#pragma clang fp contract(fast)
    for (ptrdiff_t r = 0; r < rows; r++, gu += 2 * d, h += d)
        for (ptrdiff_t i = 0; i < d; i++) {
            const float g = gu[i];
            h[i] = g / (1.0f + exponential(-g)) * gu[d + i];
        }
}

CLONES void vk_swiglu_backward(float *gu, const float *dh, ptrdiff_t rows, ptrdiff_t d) {
#pragma clang fp contract(fast)
    for (ptrdiff_t r = 0; r < rows; r++, gu += 2 * d, dh += d)
        for (ptrdiff_t i = 0; i < d; i++) {
            const float g = gu[i], u = gu[d + i], s = 1.0f / (1.0f + exponential(-g));
            gu[i] = dh[i] * u * s * (1.0f + g * (1.0f - s));
            gu[d + i] = dh[i] * g * s;
        }
}

// ---- The head

CLONES void vk_log_softmax(float *logits, const int32_t *targets, const float *coefficients,
                           float *log_probs, float *entropy, ptrdiff_t rows,
                           ptrdiff_t vocabulary) {
#pragma clang fp reassociate(on) contract(fast)
    for (ptrdiff_t r = 0; r < rows; r++, logits += vocabulary) {
        const float chosen = logits[targets[r]];
        float top = logits[0];
        for (ptrdiff_t i = 1; i < vocabulary; i++) top = logits[i] > top ? logits[i] : top;
        float weighted = 0;
        if (entropy)
            for (ptrdiff_t i = 0; i < vocabulary; i++)
                weighted += exponential(logits[i] - top) * (logits[i] - top);
        float sum = 0;
        for (ptrdiff_t i = 0; i < vocabulary; i++) {
            const float e = exponential(logits[i] - top);
            sum += e;
            logits[i] = coefficients ? e : logits[i];
        }
        log_probs[r] = chosen - top - logf(sum);
        if (entropy) entropy[r] = logf(sum) - weighted / sum;
        if (coefficients) {
            const float c = coefficients[r] / sum;
            for (ptrdiff_t i = 0; i < vocabulary; i++) logits[i] *= c;
            logits[targets[r]] -= coefficients[r];
        }
    }
}

CLONES void vk_softmax(float *logits, ptrdiff_t vocabulary, float temperature) {
    softmax_row(logits, vocabulary, 1.0f / temperature);
}

// ---- The optimizer

CLONES void vk_adamw(float *parameters, const float *gradients, float *first, float *second,
                     ptrdiff_t count, float clip, float rate, float beta1, float beta2,
                     float epsilon, float decay, float correction1, float correction2) {
#pragma clang fp contract(fast)
    const float shrink = 1.0f - rate * decay, step = rate / correction1;
    const float root = 1.0f / sqrtf(correction2);
    for (ptrdiff_t i = 0; i < count; i++) {
        const float g = gradients[i] * clip;
        const float m = beta1 * first[i] + (1.0f - beta1) * g;
        const float v = beta2 * second[i] + (1.0f - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        parameters[i] = parameters[i] * shrink - step * m / (sqrtf(v) * root + epsilon);
    }
}

CLONES double vk_sum_of_squares(const float *x, ptrdiff_t count) {
#pragma clang fp reassociate(on) contract(fast)
    double sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

CLONES void vk_add(float *y, const float *x, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] += x[i];
}
