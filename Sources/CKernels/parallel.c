#include "kernels.h"
#include <pthread.h>

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
