#pragma once

/// Loads OpenBLAS with the kernel set that fits this processor and one thread a call. Safe to call more
/// than once and from several threads. Returns null, or what went wrong (static storage).
///
/// OpenBLAS chooses its kernels in a constructor, by processor model; releases older than the processor
/// fall back to SSE3 kernels, four times slower. So the library is not linked: OPENBLAS_CORETYPE is set
/// first, unless the user has set it, and the library is opened afterwards.
const char *vireo_blas_load(void);

/// The kernel set in use, such as "Haswell"; "" before a successful load.
const char *vireo_blas_kernels(void);

/// C = alpha op(A) op(B) + beta C in row-major order, op(A) of m x k, op(B) of k x n. Only after a load.
void vireo_sgemm(int transposeA, int transposeB, int m, int n, int k, float alpha, const float *a,
                 int lda, const float *b, int ldb, float beta, float *c, int ldc);
