#include <zlib.h>
// A macro that Swift cannot import: reads gzip members alone, with windows of any size.
static inline int czlib_begin_gzip(z_streamp stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
