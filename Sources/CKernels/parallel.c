#include "kernels.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { most = 256 };

struct share {
    void (*body)(void *, ptrdiff_t);
    void *context;
    ptrdiff_t thread;
};

static void *run(void *argument) {
    const struct share *share = argument;
    share->body(share->context, share->thread);
    return NULL;
}

void vk_parallel(ptrdiff_t threads, void (*body)(void *context, ptrdiff_t thread), void *context) {
    struct share shares[most];
    pthread_t ids[most];
    int started[most];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 4 << 20);
    for (ptrdiff_t t = 1; t < threads; t++) {
        if (t >= most) {
            body(context, t);
            continue;
        }
        shares[t] = (struct share){body, context, t};
        started[t] = pthread_create(&ids[t], &attributes, run, &shares[t]) == 0;
        if (!started[t]) body(context, t);
    }
    body(context, 0);
    for (ptrdiff_t t = 1; t < threads && t < most; t++)
        if (started[t]) pthread_join(ids[t], NULL);
    pthread_attr_destroy(&attributes);
}

struct vk_barrier {
    _Atomic(ptrdiff_t) arrived;
    _Atomic(ptrdiff_t) phase;
    ptrdiff_t threads;
};

struct vk_barrier *vk_barrier_create(ptrdiff_t threads) {
    struct vk_barrier *barrier = malloc(sizeof *barrier);
    if (!barrier) abort();
    atomic_init(&barrier->arrived, 0);
    atomic_init(&barrier->phase, 0);
    barrier->threads = threads;
    return barrier;
}

// Waits are short, so threads spin; one whose partner lost its processor soon gives its own away.
void vk_barrier_wait(struct vk_barrier *barrier) {
    if (barrier->threads == 1) return;
    const ptrdiff_t phase = atomic_load_explicit(&barrier->phase, memory_order_acquire);
    if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 == barrier->threads) {
        atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&barrier->phase, phase + 1, memory_order_release);
        return;
    }
    for (int spins = 0; atomic_load_explicit(&barrier->phase, memory_order_acquire) == phase; spins++) {
        if (spins < 4000) {
#if defined(__x86_64__)
            __builtin_ia32_pause();
#endif
        } else {
            sched_yield();
        }
    }
}

void vk_barrier_destroy(struct vk_barrier *barrier) { free(barrier); }
