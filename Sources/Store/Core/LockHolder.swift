import Files
import Foundation

/// A process that has a file locked, as `/proc/locks` tells.
package struct LockHolder: Hashable, Sendable, CustomStringConvertible {
    package let process: Int32
    /// Of its program; empty if it cannot be seen.
    package let name: String

    package init(process: Int32, name: String) {
        self.process = process
        self.name = name
    }

    package var description: String {
        name.isEmpty ? "process \(process)" : "process \(process) (\(name))"
    }

    /// Who holds a lock of the kind (`FLOCK` or `POSIX`) on a file that lets nobody else write; only the lock
    /// of `byte` counts, if one is given. `nil` if it is not known, or this process.
    init?(of kind: String, on path: String, byte: Int? = nil) {
        guard let inode = FileStamp(of: path)?.inode,
            let locks = FileManager.default.contents(atPath: "/proc/locks")
        else { return nil }
        let holder = String(decoding: locks, as: UTF8.self).split(separator: "\n").firstNonNil {
            Self.process($0.split(separator: " "), kind, inode, byte)
        }
        guard let holder, holder > 0, holder != getpid() else { return nil }
        let name = FileManager.default.contents(atPath: "/proc/\(holder)/comm")
        self.init(
            process: holder,
            name: String(decoding: name ?? Data(), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// A line is `1: POSIX ADVISORY WRITE 4711 08:01:123456 120 120`: the last are device and inode, and the
    /// first and last byte.
    private static func process(
        _ fields: [Substring], _ kind: String, _ inode: UInt64, _ byte: Int?
    ) -> Int32? {
        guard fields.count == 8, fields[1] == kind, fields[3] == "WRITE",
            fields[5].split(separator: ":").last == "\(inode)"
        else { return nil }
        if let byte {
            guard let first = Int(fields[6]), first <= byte, (Int(fields[7]) ?? .max) >= byte else {
                return nil
            }
        }
        return Int32(fields[4])
    }

    /// Who has SQLite's lock for writers: in WAL mode a byte of the shared memory, otherwise one of the file.
    static func ofDatabase(_ path: String) -> LockHolder? {
        LockHolder(of: "POSIX", on: path + "-shm", byte: 120)
            ?? LockHolder(of: "POSIX", on: path, byte: 0x4000_0001)
            ?? LockHolder(of: "POSIX", on: path + "-shm")
            ?? LockHolder(of: "POSIX", on: path)
    }
}

extension Sequence {
    func firstNonNil<Result>(_ transform: (Element) -> Result?) -> Result? {
        for element in self {
            if let result = transform(element) { return result }
        }
        return nil
    }
}
