#include "cblas_loader.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

enum { row_major = 101, no_transpose = 111, transpose = 112 };

typedef void (*sgemm_function)(int, int, int, int, int, int, float, const float *, int,
                               const float *, int, float, float *, int);
typedef char *(*corename_function)(void);

static sgemm_function sgemm;
static corename_function corename;
static const char *failure;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        setenv("OPENBLAS_CORETYPE", "Haswell", 0);
#endif
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        failure = "OpenBLAS (libopenblas.so.0) is not installed: run apt-get install libopenblas0-pthread";
        return;
    }
    sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
    corename = (corename_function)dlsym(library, "openblas_get_corename");
    if (!sgemm) failure = "libopenblas.so.0 has no cblas_sgemm: install Debian's libopenblas0-pthread";
}

const char *vireo_blas_load(void) {
    pthread_once(&once, load);
    return failure;
}

const char *vireo_blas_kernels(void) { return corename ? corename() : ""; }

void vireo_sgemm(int transposeA, int transposeB, int m, int n, int k, float alpha, const float *a,
                 int lda, const float *b, int ldb, float beta, float *c, int ldc) {
    sgemm(row_major, transposeA ? transpose : no_transpose, transposeB ? transpose : no_transpose, m,
          n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
