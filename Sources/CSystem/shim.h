#ifndef VIREO_CPROCESS_H
#define VIREO_CPROCESS_H

// Calls of Linux with variable arguments, which Swift cannot make, or that its headers hide.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A descriptor that becomes readable when the process ends; -1 where the kernel has none.
static inline int process_descriptor(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/// Makes this process the parent of whatever its descendants leave behind.
static inline int adopt_orphans(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
}

/// A pipe that no other program inherits.
static inline int closed_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

/// Lets the disk begin with what was written to a file, without waiting for it.
static inline void start_writing_back(int file) {
    // 2 is SYNC_FILE_RANGE_WRITE; a file system without it writes later.
    (void)syscall(SYS_sync_file_range, file, 0L, 0L, 2);
}

#endif
