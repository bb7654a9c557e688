#pragma once
#include <stddef.h>
#include <stdint.h>

// The loops of the language model that BLAS does not cover. All arrays are dense, row-major float32.
// Every function is compiled for AVX-512, AVX2 + FMA and baseline x86-64, and the processor decides at
// load time. Sums are reassociated to the vector width, so bits may differ between those three, never
// between runs, thread counts or batch compositions on one of them.

/// C[i][j] (+)= sum_p A[i * a_row + p * a_column] * B[p * ldb + j] for i < m, j < n, p < k in ascending
/// order: the bits of a row depend on that row alone. n must be a multiple of 8.
void vk_matmul(const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b, ptrdiff_t ldb,
               float *c, ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int accumulate);

/// y = x * scale * weight with scale = 1 / sqrt(mean(x^2) + epsilon) for each of `rows` rows of `d`.
void vk_rms_norm(const float *x, const float *weight, float *y, float *scale, ptrdiff_t rows,
                 ptrdiff_t d, float epsilon);

/// dx += the gradient through RMSNorm; dweight += its weight's gradient.
void vk_rms_norm_backward(const float *dy, const float *x, const float *weight, const float *scale,
                          float *dx, float *dweight, ptrdiff_t rows, ptrdiff_t d);

/// Normalises (unless weight is null) and rotates the heads of one projection: row r of `x` holds
/// `heads` heads of `d` floats at stride `ldx`; `y` likewise at stride `ldy`. cosine and sine have d / 2
/// entries a position. scale is [rows][heads].
void vk_head_norm_rope(const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy, const float *weight,
                       float *scale, const int32_t *positions, const float *cosine,
                       const float *sine, ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t d,
                       float epsilon);

/// The gradient of vk_head_norm_rope: dy (rotated) is replaced in place by the gradient of x.
void vk_head_norm_rope_backward(float *dy, ptrdiff_t lddy, const float *x, ptrdiff_t ldx,
                                const float *weight, const float *scale, float *dweight,
                                const int32_t *positions, const float *cosine, const float *sine,
                                ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t d);

/// Floats of scratch that the attention functions need for a sequence of `length` tokens.
size_t vk_attention_scratch(ptrdiff_t length, ptrdiff_t d);

/// Causal attention of one sequence. q, k, v and out are rows of a packed batch (strides ld...);
/// `heads` query heads share `kv_heads` key heads. lse [heads][length] receives log-sum-exps.
void vk_attention(const float *q, ptrdiff_t ldq, const float *k, ptrdiff_t ldk, const float *v,
                  ptrdiff_t ldv, float *out, ptrdiff_t ldo, float *lse, ptrdiff_t length,
                  ptrdiff_t heads, ptrdiff_t kv_heads, ptrdiff_t d, float *scratch);

/// Gradients of vk_attention; dq, dk, dv are overwritten.
void vk_attention_backward(const float *q, ptrdiff_t ldq, const float *k, ptrdiff_t ldk,
                           const float *v, ptrdiff_t ldv, const float *out, const float *dout,
                           ptrdiff_t ldo, const float *lse, float *dq, float *dk, float *dv,
                           ptrdiff_t length, ptrdiff_t heads, ptrdiff_t kv_heads, ptrdiff_t d,
                           float *scratch);

/// Attention of one new token over a cache of `length` tokens (itself included). keys is
/// [kv_heads][d][capacity] (transposed), values [kv_heads][capacity][d_padded], d_padded = d rounded up
/// to 8, capacity a multiple of 16. scores is scratch of 4 * capacity floats, 64-byte aligned.
void vk_attention_decode(const float *q, const float *keys, const float *values, float *out,
                         ptrdiff_t length, ptrdiff_t capacity, ptrdiff_t heads,
                         ptrdiff_t kv_heads, ptrdiff_t d, float *scores);

/// h = silu(g) * u with row r of gu holding g then u, `d` floats each.
void vk_swiglu(const float *gu, float *h, ptrdiff_t rows, ptrdiff_t d);

/// gu is replaced in place by the gradient of gu, given dh.
void vk_swiglu_backward(float *gu, const float *dh, ptrdiff_t rows, ptrdiff_t d);

/// log_probs[r] = log softmax(logits[r])[targets[r]]; entropy[r] of the distribution unless null. If
/// coefficients is not null, logits become the gradient of -sum_r coefficients[r] * log_probs[r].
void vk_log_softmax(float *logits, const int32_t *targets, const float *coefficients,
                    float *log_probs, float *entropy, ptrdiff_t rows, ptrdiff_t vocabulary);

/// logits of one row become probabilities of logits / temperature.
void vk_softmax(float *logits, ptrdiff_t vocabulary, float temperature);

/// One AdamW step with decoupled decay: gradients are multiplied by `clip` first.
void vk_adamw(float *parameters, const float *gradients, float *first, float *second, ptrdiff_t count,
              float clip, float rate, float beta1, float beta2, float epsilon, float decay,
              float correction1, float correction2);

/// The sum of squares, in double precision.
double vk_sum_of_squares(const float *x, ptrdiff_t count);

/// y += x
void vk_add(float *y, const float *x, ptrdiff_t count);

/// Calls body(context, t) for each t below `threads`, each on its own thread, and waits for all.
void vk_parallel(ptrdiff_t threads, void (*body)(void *context, ptrdiff_t thread), void *context);
