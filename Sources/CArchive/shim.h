#include <archive.h>
#include <archive_entry.h>
// AE_IFREG and AE_IFDIR are cast macros, which Swift cannot import.
enum { carchive_regular_file = AE_IFREG, carchive_directory = AE_IFDIR };
