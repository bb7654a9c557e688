#include "kernels.h"
#include "simd.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { row_major = 101, as_it_is = 111, transposed = 112 };

static void (*sgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                     const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
static char identity[128];
static const char *failure;
extern char **environ;

// OpenBLAS reads its settings when it is loaded. It selects kernels by processor model, and a release older
// than the processor selects those for SSE3, which are four times slower. Therefore the features of the
// processor select the core here, unless the user did. Threads are disabled, because the callers have their
// own.
static void *load(void) {
    static char *settings[] = {"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", NULL};
    size_t count = 0;
    while (environ[count]) count++;
    // Put the settings first, where they take precedence, and only while the library is loaded: child processes
    // may use their own OpenBLAS. The array is never freed, because another thread may be reading it.
    char **before = environ, **during = calloc(count + 4, sizeof(char *));
    if (!during) return NULL;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!getenv("OPENBLAS_CORETYPE"))
        settings[2] = vk_level == avx512             ? "OPENBLAS_CORETYPE=SkylakeX"
                      : vk_level == avx2             ? "OPENBLAS_CORETYPE=Haswell"
                      : __builtin_cpu_supports("avx") ? "OPENBLAS_CORETYPE=Sandybridge"
                                                      : NULL;
#endif
    const size_t added = settings[2] ? 3 : 2;
    memcpy(during, settings, added * sizeof(char *));
    memcpy(during + added, before, count * sizeof(char *));
    environ = during;
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    environ = before;
    return library;
}

static void prepare(void) {
    void *library = load();
    if (!library) {
        failure = "libopenblas.so.0 is not installed or cannot be loaded";
        return;
    }
    char *(*const config)(void) = (char *(*)(void))dlsym(library, "openblas_get_config");
    char *(*const core)(void) = (char *(*)(void))dlsym(library, "openblas_get_corename");
    int (*const parallel)(void) = (int (*)(void))dlsym(library, "openblas_get_parallel");
    *(void **)&sgemm = dlsym(library, "cblas_sgemm");
    if (!sgemm || !config || !core || !parallel) {
        failure = "libopenblas.so.0 lacks functions of OpenBLAS";
    } else if (parallel() == 0) {
        failure = "libopenblas.so.0 is a build that threads cannot share";
    } else {
        // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
        char version[64] = "";
        sscanf(config(), "%*s %63s", version);
        snprintf(identity, sizeof identity, "openblas %s %s", version, core());
    }
}

const char *vk_openblas_failure(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
    return failure;
}

const char *vk_openblas_identity(void) { return vk_openblas_failure() ? "" : identity; }

void vk_openblas_product(const float *a, ptrdiff_t lda, int transpose_a, const float *b, ptrdiff_t ldb,
                         int transpose_b, float *c, ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n,
                         ptrdiff_t k, int accumulate) {
    sgemm(row_major, transpose_a ? transposed : as_it_is, transpose_b ? transposed : as_it_is, (int)m,
          (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, accumulate ? 1 : 0, c, (int)ldc);
}
