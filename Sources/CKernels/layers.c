#include "kernels.h"
#include "simd.h"

// ---- Normalisation and rotation

INLINE float sum_of_products(const float *x, const float *y, ptrdiff_t d) {
    f16 sum = (f16)(0.0f);
    ptrdiff_t i = 0;
    for (; i + 16 <= d; i += 16) sum += LOAD(x + i) * LOAD(y + i);
    if (i < d) sum += load_some(x + i, d - i, 0) * load_some(y + i, d - i, 0);
    return sum_of(sum);
}

KERNEL(void, vk_rms_norm, (const float *x, ptrdiff_t ldx, const float *weight, float *y, float *scale,
                        ptrdiff_t rows, ptrdiff_t d, float epsilon),
       (x, ldx, weight, y, scale, rows, d, epsilon)) {
    for (ptrdiff_t r = 0; r < rows; r++, x += ldx, y += d) {
        const float s = 1.0f / sqrtf(sum_of_products(x, x, d) / (float)d + epsilon);
        if (scale) scale[r] = s;
        ptrdiff_t i = 0;
        for (; i + 16 <= d; i += 16) STORE(y + i, LOAD(x + i) * s * LOAD(weight + i));
        for (; i < d; i++) y[i] = x[i] * s * weight[i];
    }
}

KERNEL(void, vk_rms_norm_backward, (const float *dy, const float *x, const float *weight,
                                 const float *scale, float *dx, float *dweight, ptrdiff_t rows,
                                 ptrdiff_t d),
       (dy, x, weight, scale, dx, dweight, rows, d)) {
    for (ptrdiff_t r = 0; r < rows; r++, x += d, dy += d, dx += d) {
        const float s = scale[r];
        f16 dots = (f16)(0.0f);
        ptrdiff_t i = 0;
        for (; i + 16 <= d; i += 16) dots += LOAD(dy + i) * LOAD(weight + i) * LOAD(x + i);
        if (i < d)
            dots += load_some(dy + i, d - i, 0) * load_some(weight + i, d - i, 0)
                * load_some(x + i, d - i, 0);
        const float mean = sum_of(dots) * s * s / (float)d;
        for (i = 0; i + 16 <= d; i += 16) {
            const f16 g = LOAD(dy + i), v = LOAD(x + i);
            STORE(dx + i, LOAD(dx + i) + (g * LOAD(weight + i) - v * mean) * s);
            STORE(dweight + i, LOAD(dweight + i) + g * v * s);
        }
        for (; i < d; i++) {
            dx[i] += (dy[i] * weight[i] - x[i] * mean) * s;
            dweight[i] += dy[i] * x[i] * s;
        }
    }
}

// Rotates the pairs (i, i + half) of a head.
INLINE void rotate(const float *x, float n, const float *weight, const float *c, const float *s,
                   float *y, ptrdiff_t half) {
    ptrdiff_t i = 0;
#define PART(V, WIDTH)                                                                             \
    for (; i + WIDTH <= half; i += WIDTH) {                                                        \
        V a = *(const V *)(x + i), b = *(const V *)(x + half + i);                                 \
        if (weight) {                                                                              \
            a = a * n * *(const V *)(weight + i);                                                  \
            b = b * n * *(const V *)(weight + half + i);                                           \
        }                                                                                          \
        const V cosine = *(const V *)(c + i), sine = *(const V *)(s + i);                          \
        *(V *)(y + i) = a * cosine - b * sine;                                                     \
        *(V *)(y + half + i) = b * cosine + a * sine;                                              \
    }
    PART(f16, 16)
    PART(f8, 8)
    PART(f4, 4)
    PART(float, 1)
#undef PART
}

KERNEL(void, vk_head_norm_rope, (const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy,
                              const float *weight, float *scale, const int32_t *positions,
                              const float *cosine, const float *sine, ptrdiff_t rows,
                              ptrdiff_t heads, ptrdiff_t d, float epsilon),
       (x, ldx, y, ldy, weight, scale, positions, cosine, sine, rows, heads, d, epsilon)) {
    const ptrdiff_t half = d / 2;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *c = cosine + positions[r] * half, *s = sine + positions[r] * half;
        for (ptrdiff_t h = 0; h < heads; h++) {
            const float *in = x + r * ldx + h * d;
            float n = 1;
            if (weight) n = 1.0f / sqrtf(sum_of_products(in, in, d) / (float)d + epsilon);
            if (weight && scale) scale[r * heads + h] = n;
            rotate(in, n, weight, c, s, y + r * ldy + h * d, half);
        }
    }
}

KERNEL(void, vk_head_norm_rope_backward, (float *dy, ptrdiff_t lddy, const float *x, ptrdiff_t ldx,
                                       const float *weight, const float *scale, float *dweight,
                                       const int32_t *positions, const float *cosine,
                                       const float *sine, ptrdiff_t rows, ptrdiff_t heads,
                                       ptrdiff_t d),
       (dy, lddy, x, ldx, weight, scale, dweight, positions, cosine, sine, rows, heads, d)) {
    const ptrdiff_t half = d / 2;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *c = cosine + positions[r] * half, *s = sine + positions[r] * half;
        for (ptrdiff_t h = 0; h < heads; h++) {
            float *g = dy + r * lddy + h * d;
            const float *in = x + r * ldx + h * d;
            ptrdiff_t i = 0;
#define PART(V, WIDTH)                                                                             \
    for (; i + WIDTH <= half; i += WIDTH) {                                                        \
        const V a = *(const V *)(g + i), b = *(const V *)(g + half + i);                           \
        const V cos = *(const V *)(c + i), sin = *(const V *)(s + i);                              \
        *(V *)(g + i) = a * cos + b * sin;                                                         \
        *(V *)(g + half + i) = b * cos - a * sin;                                                  \
    }
            PART(f16, 16)
            PART(f8, 8)
            PART(f4, 4)
            PART(float, 1)
#undef PART
            if (!weight) continue;
            const float n = scale[r * heads + h];
            f16 dots = (f16)(0.0f);
            for (i = 0; i + 16 <= d; i += 16) dots += LOAD(g + i) * LOAD(weight + i) * LOAD(in + i);
            if (i < d)
                dots += load_some(g + i, d - i, 0) * load_some(weight + i, d - i, 0)
                    * load_some(in + i, d - i, 0);
            const float mean = sum_of(dots) * n * n / (float)d;
            i = 0;
#define PART(V, WIDTH)                                                                             \
    for (; i + WIDTH <= d; i += WIDTH) {                                                           \
        const V a = *(const V *)(g + i), b = *(const V *)(in + i);                                 \
        *(V *)(dweight + i) += a * b * n;                                                          \
        *(V *)(g + i) = (a * *(const V *)(weight + i) - b * mean) * n;                             \
    }
            PART(f16, 16)
            PART(f8, 8)
            PART(f4, 4)
            PART(float, 1)
#undef PART
        }
    }
}

// ---- Biases

KERNEL(void, vk_add_bias, (float *y, ptrdiff_t ldy, const float *bias, ptrdiff_t rows, ptrdiff_t n),
       (y, ldy, bias, rows, n)) {
    for (ptrdiff_t r = 0; r < rows; r++, y += ldy)
        for (ptrdiff_t i = 0; i < n; i++) y[i] += bias[i];
}

KERNEL(void, vk_add_rows, (const float *dy, float *dbias, ptrdiff_t rows, ptrdiff_t n),
       (dy, dbias, rows, n)) {
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t i = 0; i < n; i++) dbias[i] += dy[r * n + i];
}

// ---- Feed-forward

KERNEL(void, vk_swiglu, (const float *gu, ptrdiff_t ld, float *h, ptrdiff_t rows, ptrdiff_t d),
       (gu, ld, h, rows, d)) {
    for (ptrdiff_t r = 0; r < rows; r++, gu += ld, h += d) {
        ptrdiff_t i = 0;
        for (; i + 16 <= d; i += 16) {
            const f16 g = LOAD(gu + i);
            STORE(h + i, g / (exponential(-g) + 1.0f) * LOAD(gu + d + i));
        }
        if (i < d) {
            const f16 g = load_some(gu + i, d - i, 0);
            store_some(h + i, g / (exponential(-g) + 1.0f) * load_some(gu + d + i, d - i, 0), d - i);
        }
    }
}

INLINE void swiglu_gradient(f16 *g, f16 *u, f16 dh) {
    const f16 s = 1.0f / (exponential(-*g) + 1.0f);
    const f16 gradient = dh * *u * s * (*g * (1.0f - s) + 1.0f);
    *u = dh * *g * s;
    *g = gradient;
}

KERNEL(void, vk_swiglu_backward, (float *gu, const float *dh, ptrdiff_t rows, ptrdiff_t d),
       (gu, dh, rows, d)) {
    for (ptrdiff_t r = 0; r < rows; r++, gu += 2 * d, dh += d) {
        ptrdiff_t i = 0;
        for (; i + 16 <= d; i += 16) {
            f16 g = LOAD(gu + i), u = LOAD(gu + d + i);
            swiglu_gradient(&g, &u, LOAD(dh + i));
            STORE(gu + i, g);
            STORE(gu + d + i, u);
        }
        if (i < d) {
            f16 g = load_some(gu + i, d - i, 0), u = load_some(gu + d + i, d - i, 0);
            swiglu_gradient(&g, &u, load_some(dh + i, d - i, 0));
            store_some(gu + i, g, d - i);
            store_some(gu + d + i, u, d - i);
        }
    }
}

// ---- The head

INLINE float largest(const float *x, ptrdiff_t count) {
    f16 top = (f16)(-INFINITY);
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) top = __builtin_elementwise_max(top, LOAD(x + i));
    if (i < count) top = __builtin_elementwise_max(top, load_some(x + i, count - i, -INFINITY));
    return largest_of(top);
}

KERNEL(void, vk_log_softmax, (float *logits, ptrdiff_t ld, const int32_t *targets,
                           const float *coefficients, float *log_probs, float *entropy,
                           ptrdiff_t rows, ptrdiff_t vocabulary),
       (logits, ld, targets, coefficients, log_probs, entropy, rows, vocabulary)) {
    for (ptrdiff_t r = 0; r < rows; r++, logits += ld) {
        const float chosen = logits[targets[r]], top = largest(logits, vocabulary);
        f16 sum = (f16)(0.0f), weighted = (f16)(0.0f);
        ptrdiff_t i = 0;
        for (; i < vocabulary; i += 16) {
            const ptrdiff_t count = least(16, vocabulary - i);
            const f16 x = count == 16 ? LOAD(logits + i) : load_some(logits + i, count, -INFINITY);
            f16 e = exponential(x - top);
            if (count < 16) e = keep_some(e, count, 0);
            sum += e;
            if (entropy) weighted += e * keep_some(x - top, count, 0);
            if (!coefficients) continue;
            if (count == 16) STORE(logits + i, e); else store_some(logits + i, e, count);
        }
        const float total = sum_of(sum), log_total = logf(total);
        log_probs[r] = chosen - top - log_total;
        if (entropy) entropy[r] = log_total - sum_of(weighted) / total;
        if (!coefficients) continue;
        const float c = coefficients[r] / total;
        for (i = 0; i + 16 <= vocabulary; i += 16) STORE(logits + i, LOAD(logits + i) * c);
        for (; i < vocabulary; i++) logits[i] *= c;
        logits[targets[r]] -= coefficients[r];
    }
}

KERNEL(float, vk_softmax, (const float *logits, float *probabilities, ptrdiff_t vocabulary,
                        float temperature),
       (logits, probabilities, vocabulary, temperature)) {
    const float top = largest(logits, vocabulary), scale = 1.0f / temperature;
    f16 sum = (f16)(0.0f);
    ptrdiff_t i = 0;
    for (; i < vocabulary; i += 16) {
        const ptrdiff_t count = least(16, vocabulary - i);
        const f16 x = count == 16 ? LOAD(logits + i) : load_some(logits + i, count, -INFINITY);
        f16 e = exponential((x - top) * scale);
        if (count < 16) e = keep_some(e, count, 0);
        sum += e;
        if (count == 16) STORE(probabilities + i, e); else store_some(probabilities + i, e, count);
    }
    const float total = sum_of(sum), inverse = 1.0f / total;
    for (i = 0; i + 16 <= vocabulary; i += 16)
        STORE(probabilities + i, LOAD(probabilities + i) * inverse);
    for (; i < vocabulary; i++) probabilities[i] *= inverse;
    return scale * top + logf(total);
}

KERNEL(float, vk_entropy_gradient, (const float *logits, float *gradient, ptrdiff_t vocabulary,
                                    float weight),
       (logits, gradient, vocabulary, weight)) {
    const float normalizer = vk_softmax(logits, gradient, vocabulary, 1);
    // Filtered tokens have probability 0 up to rounding, which must not be multiplied by their large logits.
    const float least_logit = normalizer - 100;
    f16 sum = (f16)(0.0f);
    ptrdiff_t i = 0;
    for (; i + 16 <= vocabulary; i += 16)
        sum += LOAD(gradient + i) * (normalizer - __builtin_elementwise_max(LOAD(logits + i), (f16)(least_logit)));
    float entropy = sum_of(sum);
    for (ptrdiff_t j = i; j < vocabulary; j++) entropy += gradient[j] * (normalizer - (logits[j] > least_logit ? logits[j] : least_logit));
    const float shift = entropy - normalizer;
    for (i = 0; i + 16 <= vocabulary; i += 16)
        STORE(gradient + i, LOAD(gradient + i) * weight
              * (__builtin_elementwise_max(LOAD(logits + i), (f16)(least_logit)) + shift));
    for (; i < vocabulary; i++)
        gradient[i] *= ((logits[i] > least_logit ? logits[i] : least_logit) + shift) * weight;
    return entropy;
}

KERNEL(ptrdiff_t, vk_largest, (const float *x, ptrdiff_t count),
       (x, count)) {
    const float top = largest(x, count);
    for (ptrdiff_t i = 0; i < count; i++)
        if (x[i] == top) return i;
    return 0;
}

KERNEL(ptrdiff_t, vk_draw, (const float *probabilities, ptrdiff_t count, float drawn),
       (probabilities, count, drawn)) {
    // Skips whole vectors by their sums, then adds the entries of the right one in order.
    float before = 0;
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const float next = before + sum_of(LOAD(probabilities + i));
        if (drawn < next) break;
        before = next;
    }
    for (; i < count; i++) {
        before += probabilities[i];
        if (drawn < before && probabilities[i] > 0) return i;
    }
    for (i = count - 1; i > 0 && probabilities[i] <= 0;) i--;
    return i;
}

// ---- The optimizer

KERNEL(void, vk_adamw, (float *parameters, const float *gradients, float *first, float *second,
                     ptrdiff_t count, float clip, float rate, float beta1, float beta2,
                     float epsilon, float decay, float correction1, float correction2),
       (parameters, gradients, first, second, count, clip, rate, beta1, beta2, epsilon, decay, correction1, correction2)) {
    const float shrink = 1.0f - rate * decay, step = rate / correction1;
    const float root = 1.0f / sqrtf(correction2), rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const f16 g = LOAD(gradients + i) * clip;
        const f16 m = LOAD(first + i) * beta1 + g * rest1;
        const f16 v = LOAD(second + i) * beta2 + g * g * rest2;
        STORE(first + i, m);
        STORE(second + i, v);
        STORE(parameters + i, LOAD(parameters + i) * shrink
                                  - m * step / (__builtin_elementwise_sqrt(v) * root + epsilon));
    }
    for (; i < count; i++) {
        const float g = gradients[i] * clip;
        const float m = first[i] * beta1 + g * rest1;
        const float v = second[i] * beta2 + g * g * rest2;
        first[i] = m;
        second[i] = v;
        parameters[i] = parameters[i] * shrink - m * step / (sqrtf(v) * root + epsilon);
    }
}

KERNEL(double, vk_sum_of_squares, (const float *x, ptrdiff_t count),
       (x, count)) {
    d8 sum = (d8)(0.0);
    ptrdiff_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const d8 v = __builtin_convertvector(*(const f8 *)(x + i), d8);
        sum += v * v;
    }
    double total = ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
    for (; i < count; i++) total += (double)x[i] * (double)x[i];
    return total;
}

KERNEL(void, vk_add, (float *y, const float *x, ptrdiff_t count),
       (y, x, count)) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] += x[i];
}

// ---- Half-precision files

KERNEL(void, vk_widen_bfloat16, (const void *from, float *to, ptrdiff_t count), (from, to, count)) {
    for (ptrdiff_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, (const char *)from + 2 * i, 2);
        const uint32_t bits = (uint32_t)half << 16;
        memcpy(to + i, &bits, 4);
    }
}

// The exponent is adjusted by a multiplication, which also normalises subnormal numbers.
KERNEL(void, vk_widen_float16, (const void *from, float *to, ptrdiff_t count), (from, to, count)) {
    for (ptrdiff_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, (const char *)from + 2 * i, 2);
        const uint32_t magnitude = (uint32_t)(half & 0x7FFF) << 13;
        float scaled;
        memcpy(&scaled, &magnitude, 4);
        scaled *= 0x1p112f;
        uint32_t bits;
        memcpy(&bits, &scaled, 4);
        if (magnitude >= 0x0F800000) bits = magnitude | 0x7F800000;
        bits |= (uint32_t)(half & 0x8000) << 16;
        memcpy(to + i, &bits, 4);
    }
}
