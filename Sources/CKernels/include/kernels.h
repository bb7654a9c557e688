#pragma once
#include <stddef.h>
#include <stdint.h>

// The kernels of the language model. All arrays are row-major float32. Every function is compiled for AVX-512,
// for AVX2 with FMA, and for baseline processors. The version is selected at load time by the processor; the
// environment variable VIREO_KERNELS (AVX2 or baseline) can select a lower one. AVX-512 and AVX2 give the same
// bits, because the order of every sum is fixed. Results never depend on threads or on other rows of a batch.
// OpenBLAS guarantees less.

/// The kernels in use: AVX-512, AVX2 or baseline.
const char *vk_kernels(void);

// ---- Matrix products. Weights are [outputs n][inputs k], as Hugging Face stores them.

/// y [m][n] (+)= x [m][k] w^T
void vk_apply(const float *x, const float *w, float *y, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
              int accumulate);

/// dx [m][k] (+)= dy [m][n] w
void vk_propagate(const float *dy, const float *w, float *dx, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                  int accumulate);

/// dw [n][k] += dy^T x over m rows; `scratch` has vk_accumulate_scratch() floats.
void vk_accumulate(const float *dy, const float *x, float *dw, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                   float *scratch);
size_t vk_accumulate_scratch(void);

/// Weights packed for repeated use: panels of 64 outputs, each [inputs][64]. vk_pack writes the panels from
/// `first` up to `end`; there is one panel per 64 outputs, rounded up. vk_packed_size is in numbers.
size_t vk_packed_size(ptrdiff_t n, ptrdiff_t k);
void vk_pack(const float *w, ptrdiff_t n, ptrdiff_t k, float *packed, ptrdiff_t first, ptrdiff_t end);

/// The same as bfloat16, which is lossless if vk_is_half returns 1.
void vk_pack_half(const float *w, ptrdiff_t n, ptrdiff_t k, uint16_t *packed, ptrdiff_t first,
                  ptrdiff_t end);
int vk_is_half(const float *w, ptrdiff_t count);

/// y (+)= x w^T with packed weights, which are bfloat16 if `half` is set. Rows of y are ldy floats apart; n
/// rounded up to 32 entries are written. Computes the share `part` of `parts`. The bits of a row depend on that
/// row alone.
void vk_apply_packed(const float *x, ptrdiff_t ldx, const void *packed, int half, float *y,
                     ptrdiff_t ldy, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int accumulate,
                     ptrdiff_t part, ptrdiff_t parts);

/// C [m][n] (+)= A B, summed in ascending order of p, then added to C. Rows of A are `s` floats apart and
/// columns `t`; n must be a multiple of 8.
void vk_product(const float *a, ptrdiff_t s, ptrdiff_t t, const float *b, ptrdiff_t ldb, float *c,
                ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int accumulate);

// ---- Products by OpenBLAS

/// Why OpenBLAS cannot be used; null if it can. The first call loads it.
const char *vk_openblas_failure(void);

/// Its version and core, such as "openblas 0.3.21 SkylakeX"; empty if it cannot be used.
const char *vk_openblas_identity(void);

/// C [m][n] (+)= A B over k. `transpose_a` means that A is stored [k][m], and `transpose_b` that B is stored
/// [n][k]. Sizes must be below 2^31. Runs on the calling thread. Call vk_openblas_failure() first. Results
/// depend on the processor, and those of a row on the number of rows.
void vk_openblas_product(const float *a, ptrdiff_t lda, int transpose_a, const float *b, ptrdiff_t ldb,
                         int transpose_b, float *c, ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n,
                         ptrdiff_t k, int accumulate);

// ---- Normalisation and rotation

/// y = x * scale * weight with scale = 1 / sqrt(mean(x^2) + epsilon) for each of `rows` rows of `d`. Rows of x
/// are ldx floats apart. `scale` may be null.
void vk_rms_norm(const float *x, ptrdiff_t ldx, const float *weight, float *y, float *scale,
                 ptrdiff_t rows, ptrdiff_t d, float epsilon);

/// dx += the gradient through RMSNorm; dweight += the gradient of the weight.
void vk_rms_norm_backward(const float *dy, const float *x, const float *weight, const float *scale,
                          float *dx, float *dweight, ptrdiff_t rows, ptrdiff_t d);

/// Normalises (unless weight is null) and rotates the heads of one projection. Row r of `x` holds `heads` heads
/// of `d` floats at stride `ldx`, and likewise `y` at stride `ldy`. cosine and sine have d / 2 entries per
/// position. scale is [rows][heads] and may be null.
void vk_head_norm_rope(const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy, const float *weight,
                       float *scale, const int32_t *positions, const float *cosine,
                       const float *sine, ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t d,
                       float epsilon);

/// The gradient of vk_head_norm_rope: dy (rotated) is replaced in place by the gradient of x.
void vk_head_norm_rope_backward(float *dy, ptrdiff_t lddy, const float *x, ptrdiff_t ldx,
                                const float *weight, const float *scale, float *dweight,
                                const int32_t *positions, const float *cosine, const float *sine,
                                ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t d);

// ---- Attention

/// The scratch floats of the attention functions for a sequence of `length` tokens.
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
/// to 8, capacity a multiple of 16. scores is scratch of heads * capacity + d_padded * heads + 32 floats.
void vk_attention_decode(const float *q, const float *keys, const float *values, float *out,
                         ptrdiff_t length, ptrdiff_t capacity, ptrdiff_t heads,
                         ptrdiff_t kv_heads, ptrdiff_t d, float *scores);

// ---- The rest

/// Adds bias to every row of y; dbias += the sum of the rows of dy.
void vk_add_bias(float *y, ptrdiff_t ldy, const float *bias, ptrdiff_t rows, ptrdiff_t n);
void vk_add_rows(const float *dy, float *dbias, ptrdiff_t rows, ptrdiff_t n);

/// h = silu(g) * u, where row r of gu holds g followed by u, `d` floats each. Rows of gu are ld floats apart.
void vk_swiglu(const float *gu, ptrdiff_t ld, float *h, ptrdiff_t rows, ptrdiff_t d);

/// Replaces gu in place by its gradient, given dh.
void vk_swiglu_backward(float *gu, const float *dh, ptrdiff_t rows, ptrdiff_t d);

/// log_probs[r] = log softmax(logits[r])[targets[r]]; entropy[r] is that of the distribution, unless null. If
/// coefficients is not null, logits are replaced by the gradient of -sum_r coefficients[r] * log_probs[r]. Rows
/// of logits are ld floats apart.
void vk_log_softmax(float *logits, ptrdiff_t ld, const int32_t *targets, const float *coefficients,
                    float *log_probs, float *entropy, ptrdiff_t rows, ptrdiff_t vocabulary);

/// Computes the softmax of logits / temperature. Returns the logarithm of the normaliser, so that log p(i) =
/// logits[i] / temperature - normaliser.
float vk_softmax(const float *logits, float *probabilities, ptrdiff_t vocabulary, float temperature);

/// Returns the entropy H of the softmax p of finite logits, in nats, and writes the gradient of -weight * H
/// with respect to the logits: weight * p * (log p + H).
float vk_entropy_gradient(const float *logits, float *gradient, ptrdiff_t vocabulary, float weight);

/// The index of the largest number, the first among equals.
ptrdiff_t vk_largest(const float *x, ptrdiff_t count);

/// The first index at which the cumulative distribution exceeds `drawn`, a number in [0, 1).
ptrdiff_t vk_draw(const float *probabilities, ptrdiff_t count, float drawn);

/// One AdamW step with decoupled weight decay. Gradients are multiplied by `clip` first.
void vk_adamw(float *parameters, const float *gradients, float *first, float *second, ptrdiff_t count,
              float clip, float rate, float beta1, float beta2, float epsilon, float decay,
              float correction1, float correction2);

/// The sum of squares, in double precision.
double vk_sum_of_squares(const float *x, ptrdiff_t count);

/// y += x
void vk_add(float *y, const float *x, ptrdiff_t count);

/// Converts `count` little-endian bfloat16 or IEEE float16 numbers at any address to float32.
void vk_widen_bfloat16(const void *from, float *to, ptrdiff_t count);
void vk_widen_float16(const void *from, float *to, ptrdiff_t count);

// ---- Threads

/// Calls body(context, t) for each t below `threads`, each on its own thread, and waits for all.
void vk_parallel(ptrdiff_t threads, void (*body)(void *context, ptrdiff_t thread), void *context);

/// A barrier at which the members of a team wait for each other.
struct vk_barrier;
void vk_barrier_wait(struct vk_barrier *barrier);
ptrdiff_t vk_barrier_threads(const struct vk_barrier *barrier);

/// Calls body(context, t, barrier) concurrently on `threads` threads, or fewer if the system cannot start as
/// many, and waits for all.
void vk_team(ptrdiff_t threads, void (*body)(void *context, ptrdiff_t thread, struct vk_barrier *barrier),
             void *context);
