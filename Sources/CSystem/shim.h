#ifndef VIREO_CSYSTEM_H
#define VIREO_CSYSTEM_H

// System calls of Linux that Swift cannot call, because they have variable arguments or no declaration in a header.

#include <fcntl.h>
#include <link.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/// A descriptor that becomes readable when the process ends; -1 if the kernel does not support it.
static inline int process_descriptor(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/// Makes this process the parent of its orphaned descendants.
static inline int adopt_orphans(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
}

/// Denies other processes of the same user access to the memory, environment and descriptors of this process in /proc.
static inline int close_to_others(void) {
    return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

/// Makes a directory read-only for this thread and its descendants, in a separate mount namespace. Later mounts of the
/// original namespace are visible here too. Returns 0, or -1 if this process may not mount.
static inline int make_read_only_here(const char *directory) {
    if (syscall(SYS_unshare, CLONE_NEWNS) != 0) return -1;
    if (mount("none", "/", 0, MS_REC | MS_SLAVE, 0) != 0) return -1;
    if (mount(directory, directory, 0, MS_BIND, 0) != 0) return -1;
    return mount(0, directory, 0, MS_BIND | MS_REMOUNT | MS_RDONLY, 0);
}

/// A pipe that is closed in programs that this process executes.
static inline int closed_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

/// Starts to write the changed pages of a file to the disk, without waiting.
static inline void start_writing_back(int file) {
    // 2 is SYNC_FILE_RANGE_WRITE; a file system without it writes later.
    (void)syscall(SYS_sync_file_range, file, 0L, 0L, 2);
}

/// The type number of the file system of an open file; 0 if it is unknown.
static inline unsigned file_system_type(int file) {
    struct statfs status;
    return fstatfs(file, &status) == 0 ? (unsigned)status.f_type : 0;
}

struct build_id {
    unsigned char bytes[64];
    int count;
};

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/// The build identifier that the linker computed from the program; no bytes if there is none.
static inline struct build_id program_build_id(void) {
    struct build_id id = {{0}, 0};
    const char *start = (const char *)&__ehdr_start;
    const ElfW(Phdr) *parts = (const ElfW(Phdr) *)(start + __ehdr_start.e_phoff);
    for (int part = 0; part < __ehdr_start.e_phnum; part++) {
        if (parts[part].p_type != PT_NOTE) continue;
        // Notes are in the part of the file that is loaded with the header.
        const char *note = start + parts[part].p_offset;
        const char *end = note + parts[part].p_filesz;
        while (note + sizeof(ElfW(Nhdr)) <= end) {
            const ElfW(Nhdr) *head = (const ElfW(Nhdr) *)note;
            const char *name = note + sizeof *head;
            const char *content = name + ((head->n_namesz + 3) & ~3u);
            if (head->n_type == NT_GNU_BUILD_ID && head->n_namesz == 4 && memcmp(name, "GNU", 4) == 0
                && head->n_descsz <= sizeof id.bytes) {
                memcpy(id.bytes, content, head->n_descsz);
                id.count = (int)head->n_descsz;
                return id;
            }
            note = content + ((head->n_descsz + 3) & ~3u);
        }
    }
    return id;
}

#endif
