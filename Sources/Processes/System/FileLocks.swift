import Glibc

/// The locks that processes hold on files, according to `/proc/locks`.
package enum FileLocks {
    /// Whether a process holds a lock on an open file.
    package static func holds(_ pid: Int32, _ file: Int32) -> Bool {
        var status = stat()
        guard fstat(file, &status) == 0, let locks = ProcessFile.text("/proc/locks") else {
            return false
        }
        return holders(ofInode: UInt64(status.st_ino), in: locks).contains(pid)
    }

    /// The processes with a lock on the file. A line is `1: FLOCK  ADVISORY  WRITE 1234 fe:01:5678 0 EOF`; lines of
    /// waiting processes have an arrow.
    package static func holders(ofInode inode: UInt64, in locks: String) -> [Int32] {
        locks.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK",
                let place = fields[5].split(separator: ":").last, UInt64(place) == inode
            else { return nil }
            return Int32(fields[4])
        }
    }
}
