#include "kernels.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

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

// Waits are short, so threads spin, and yield if the wait takes longer.
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

struct team {
    void (*body)(void *, ptrdiff_t, struct vk_barrier *);
    void *context;
    struct vk_barrier barrier;
    pthread_mutex_t mutex;
    pthread_cond_t complete;
    int is_complete;
};

struct member {
    struct team *team;
    ptrdiff_t index;
};

static void *join_team(void *argument) {
    const struct member *member = argument;
    struct team *team = member->team;
    pthread_mutex_lock(&team->mutex);
    while (!team->is_complete) pthread_cond_wait(&team->complete, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
    team->body(team->context, member->index, &team->barrier);
    return NULL;
}

// No member starts before the number of threads is known; otherwise members would wait forever for one that
// could not be started.
void vk_team(ptrdiff_t threads, void (*body)(void *, ptrdiff_t, struct vk_barrier *), void *context) {
    struct team team = {.body = body, .context = context};
    struct member members[most];
    pthread_t ids[most];
    pthread_mutex_init(&team.mutex, NULL);
    pthread_cond_init(&team.complete, NULL);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 4 << 20);
    ptrdiff_t count = 1;
    for (; count < threads && count < most; count++) {
        members[count] = (struct member){&team, count};
        if (pthread_create(&ids[count], &attributes, join_team, &members[count]) != 0) break;
    }
    atomic_init(&team.barrier.arrived, 0);
    atomic_init(&team.barrier.phase, 0);
    team.barrier.threads = count;
    pthread_mutex_lock(&team.mutex);
    team.is_complete = 1;
    pthread_cond_broadcast(&team.complete);
    pthread_mutex_unlock(&team.mutex);
    body(context, 0, &team.barrier);
    for (ptrdiff_t t = 1; t < count; t++) pthread_join(ids[t], NULL);
    pthread_attr_destroy(&attributes);
    pthread_cond_destroy(&team.complete);
    pthread_mutex_destroy(&team.mutex);
}

ptrdiff_t vk_barrier_threads(const struct vk_barrier *barrier) { return barrier->threads; }
