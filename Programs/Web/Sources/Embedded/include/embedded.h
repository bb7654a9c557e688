#include <stddef.h>

/// A file that is part of the program.
struct embedded {
    const char *name;
    /// The media type, or NULL for a notice, which is not served.
    const char *type;
    const unsigned char *bytes;
    size_t size;
};

/// The file with this index below `embedded_count`.
const struct embedded *embedded_file(size_t index);
extern const size_t embedded_count;
