#include "kernels.h"
#include "simd.h"

// Queries are processed in blocks of 12, so that scores form tiles, and work beyond the diagonal is skipped.
// Keys are transposed once per key head. Heads whose width is not a multiple of 8 are copied and padded.
enum { block = 12, chunk = 48 };

size_t vk_attention_scratch(ptrdiff_t length, ptrdiff_t d) {
    const size_t width = (size_t)padded(d, 8), columns = (size_t)padded(length, 32);
    return 8 * width * columns + 2 * chunk * columns + chunk * width + 64;
}

// The rows of a head in the form that products need: in place, or padded with zeros to a multiple of 8.
INLINE const float *head_rows(const float *x, ptrdiff_t ld, ptrdiff_t length, ptrdiff_t d, float *copy,
                              ptrdiff_t *stride) {
    *stride = ld;
    if (d % 8 == 0) return x;
    *stride = padded(d, 8);
    for (ptrdiff_t t = 0; t < length; t++)
        for (ptrdiff_t i = 0; i < *stride; i++) copy[t * *stride + i] = i < d ? x[t * ld + i] : 0;
    return copy;
}

// Replaces `count` scores by exp(scale * score - lse), with zeros up to `end`, and returns lse. There must be
// room for 16 more.
INLINE float softmax_row(float *row, ptrdiff_t count, ptrdiff_t end, float scale) {
    f16 top = (f16)(-INFINITY), sum = (f16)(0.0f);
    ptrdiff_t j = 0;
    for (; j + 16 <= count; j += 16) top = __builtin_elementwise_max(top, LOAD(row + j));
    if (j < count) {
        const f16 last = keep_some(LOAD(row + j), count - j, -INFINITY);
        top = __builtin_elementwise_max(top, last);
    }
    const float largest = largest_of(top);
    for (j = 0; j + 16 <= count; j += 16) {
        const f16 e = exponential((LOAD(row + j) - largest) * scale);
        STORE(row + j, e);
        sum += e;
    }
    if (j < count) {
        const f16 e = keep_some(exponential((LOAD(row + j) - largest) * scale), count - j, 0);
        STORE(row + j, e);
        sum += e;
        j += 16;
    }
    for (; j < end; j += 16) STORE(row + j, (f16)(0.0f));
    const float total = sum_of(sum), inverse = 1.0f / total;
    for (j = 0; j < count; j += 16) STORE(row + j, LOAD(row + j) * inverse);
    return scale * largest + logf(total);
}

KERNEL(void, vk_attention, (const float *q, ptrdiff_t ldq, const float *k, ptrdiff_t ldk, const float *v,
                         ptrdiff_t ldv, float *out, ptrdiff_t ldo, float *lse, ptrdiff_t length,
                         ptrdiff_t heads, ptrdiff_t kv_heads, ptrdiff_t d, float *scratch),
       (q, ldq, k, ldk, v, ldv, out, ldo, lse, length, heads, kv_heads, d, scratch)) {
    const ptrdiff_t width = padded(d, 8), columns = padded(length, 32), group = heads / kv_heads;
    const float scale = 1.0f / sqrtf((float)d);
    float *kt = scratch, *copy = kt + d * columns, *scores = copy + length * width;
    float *rows = scores + block * columns + 16;
    const float *values = v;
    ptrdiff_t ldvalues = ldv;
    for (ptrdiff_t h = 0; h < heads; h++) {
        if (h % group == 0) {
            transpose(k + h / group * d, ldk, length, d, kt, columns, columns);
            values = head_rows(v + h / group * d, ldv, length, d, copy, &ldvalues);
        }
        for (ptrdiff_t i = 0; i < length; i += block) {
            const ptrdiff_t m = least(block, length - i), seen = i + m;
            vk_product(q + i * ldq + h * d, ldq, 1, kt, columns, scores, columns, m,
                       padded(seen, 16), d, 0);
            for (ptrdiff_t r = 0; r < m; r++)
                lse[h * length + i + r] = softmax_row(scores + r * columns, i + r + 1, seen, scale);
            float *to = out + i * ldo + h * d;
            if (d % 8 == 0) {
                vk_product(scores, columns, 1, values, ldvalues, to, ldo, m, d, seen, 0);
            } else {
                vk_product(scores, columns, 1, values, ldvalues, rows, width, m, width, seen, 0);
                for (ptrdiff_t r = 0; r < m; r++) memcpy(to + r * ldo, rows + r * width, (size_t)d * 4);
            }
        }
    }
}

// Computes P and its gradient for the queries i to i + m, with zeros beyond the diagonal up to `end`, and dq.
INLINE void attention_rows(const float *o, ptrdiff_t ldo, const float *g, ptrdiff_t ldg,
                           const float *lse, float *p, float *dp, ptrdiff_t columns, ptrdiff_t i,
                           ptrdiff_t m, ptrdiff_t end, ptrdiff_t d, float scale) {
    for (ptrdiff_t r = 0; r < m; r++) {
        float *pr = p + r * columns, *dpr = dp + r * columns;
        const float *or = o + r * ldo, *gr = g + r * ldg;
        f16 dots = (f16)(0.0f);
        ptrdiff_t x = 0;
        for (; x + 16 <= d; x += 16) dots += LOAD(or + x) * LOAD(gr + x);
        if (x < d) dots += load_some(or + x, d - x, 0) * load_some(gr + x, d - x, 0);
        const float dot = sum_of(dots), l = lse[i + r];
        const ptrdiff_t count = i + r + 1;
        ptrdiff_t j = 0;
        for (; j < count; j += 16) {
            f16 e = exponential(LOAD(pr + j) * scale - l);
            if (j + 16 > count) e = keep_some(e, count - j, 0);
            STORE(pr + j, e);
            STORE(dpr + j, e * ((LOAD(dpr + j) - dot) * scale));
        }
        for (; j < end; j += 16) {
            STORE(pr + j, (f16)(0.0f));
            STORE(dpr + j, (f16)(0.0f));
        }
    }
}

KERNEL(void, vk_attention_backward, (const float *q, ptrdiff_t ldq, const float *k, ptrdiff_t ldk,
                                  const float *v, ptrdiff_t ldv, const float *out,
                                  const float *dout, ptrdiff_t ldo, const float *lse, float *dq,
                                  float *dk, float *dv, ptrdiff_t length, ptrdiff_t heads,
                                  ptrdiff_t kv_heads, ptrdiff_t d, float *scratch),
       (q, ldq, k, ldk, v, ldv, out, dout, ldo, lse, dq, dk, dv, length, heads, kv_heads, d, scratch)) {
    const ptrdiff_t width = padded(d, 8), columns = padded(length, 32), group = heads / kv_heads;
    const ptrdiff_t size = length * width;
    const int padding = d % 8 != 0;
    const float scale = 1.0f / sqrtf((float)d);
    float *kt = scratch, *vt = kt + d * columns, *copies = vt + d * columns;
    float *dks = copies + 3 * size, *dvs = dks + size, *dqs = dvs + size, *p = dqs + chunk * width;
    float *dp = p + chunk * columns + 16;
    const float *keys = k;
    ptrdiff_t ldkeys = ldk, ldqueries = ldq, ldg = ldo, lddk = ldk, lddv = ldv;
    for (ptrdiff_t h = 0; h < heads; h++) {
        const ptrdiff_t kv = h / group * d;
        if (h % group == 0) {
            transpose(k + kv, ldk, length, d, kt, columns, columns);
            transpose(v + kv, ldv, length, d, vt, columns, columns);
            keys = head_rows(k + kv, ldk, length, d, copies, &ldkeys);
        }
        const float *queries = head_rows(q + h * d, ldq, length, d, copies + size, &ldqueries);
        const float *g = head_rows(dout + h * d, ldo, length, d, copies + 2 * size, &ldg);
        float *dkey = padding ? dks : dk + kv, *dvalue = padding ? dvs : dv + kv;
        if (padding) lddk = lddv = width;
        for (ptrdiff_t start = 0; start < length; start += chunk) {
            const ptrdiff_t end = least(start + chunk, length);
            for (ptrdiff_t i = start; i < end; i += block) {
                const ptrdiff_t m = least(block, end - i), seen = i + m;
                float *pi = p + (i - start) * columns, *dpi = dp + (i - start) * columns;
                vk_product(queries + i * ldqueries, ldqueries, 1, kt, columns, pi, columns, m,
                           padded(seen, 16), d, 0);
                vk_product(g + i * ldg, ldg, 1, vt, columns, dpi, columns, m, padded(seen, 16), d,
                           0);
                attention_rows(out + i * ldo + h * d, ldo, g + i * ldg, ldg, lse + h * length, pi,
                               dpi, columns, i, m, seen, d, scale);
                if (padding) {
                    vk_product(dpi, columns, 1, keys, ldkeys, dqs, width, m, width, seen, 0);
                    for (ptrdiff_t r = 0; r < m; r++)
                        memcpy(dq + (i + r) * ldq + h * d, dqs + r * width, (size_t)d * 4);
                } else {
                    vk_product(dpi, columns, 1, keys, ldkeys, dq + i * ldq + h * d, ldq, m, d, seen,
                               0);
                }
            }
            // A key is visible to the queries of its own block, where the entries beyond the diagonal are zero,
            // and to all later ones.
            for (ptrdiff_t j = 0; j < end; j += block) {
                const ptrdiff_t m = least(block, end - j), first = j > start ? j : start;
                const ptrdiff_t at = (first - start) * columns + j;
                const int accumulate = h % group != 0 || j < start;
                vk_product(dp + at, 1, columns, queries + first * ldqueries, ldqueries,
                           dkey + j * lddk, lddk, m, width, end - first, accumulate);
                vk_product(p + at, 1, columns, g + first * ldg, ldg, dvalue + j * lddv, lddv, m,
                           width, end - first, accumulate);
            }
        }
        if (padding && h % group == group - 1)
            for (ptrdiff_t t = 0; t < length; t++) {
                memcpy(dk + kv + t * ldk, dks + t * width, (size_t)d * 4);
                memcpy(dv + kv + t * ldv, dvs + t * width, (size_t)d * 4);
            }
    }
}

KERNEL(void, vk_attention_decode, (const float *q, const float *keys, const float *values, float *out,
                                ptrdiff_t length, ptrdiff_t capacity, ptrdiff_t heads,
                                ptrdiff_t kv_heads, ptrdiff_t d, float *scores),
       (q, keys, values, out, length, capacity, heads, kv_heads, d, scores)) {
    const ptrdiff_t width = padded(d, 8), group = heads / kv_heads, seen = padded(length, 16);
    const float scale = 1.0f / sqrtf((float)d);
    float *rows = scores + group * capacity + 16;
    for (ptrdiff_t h = 0; h < kv_heads; h++) {
        const float *kt = keys + h * d * capacity, *vs = values + h * capacity * width;
        vk_product(q + h * group * d, d, 1, kt, capacity, scores, capacity, group, seen, d, 0);
        for (ptrdiff_t g = 0; g < group; g++)
            softmax_row(scores + g * capacity, length, length, scale);
        if (d % 8 == 0) {
            vk_product(scores, capacity, 1, vs, width, out + h * group * d, d, group, d, length, 0);
        } else {
            vk_product(scores, capacity, 1, vs, width, rows, width, group, width, length, 0);
            for (ptrdiff_t g = 0; g < group; g++)
                memcpy(out + (h * group + g) * d, rows + g * width, (size_t)d * 4);
        }
    }
}
