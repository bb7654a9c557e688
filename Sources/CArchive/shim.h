#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
// AE_IFREG and AE_IFDIR are cast macros, which Swift cannot import.
enum { carchive_regular_file = AE_IFREG, carchive_directory = AE_IFDIR };
// So is LC_CTYPE_MASK.
enum { carchive_ctype_mask = LC_CTYPE_MASK };
