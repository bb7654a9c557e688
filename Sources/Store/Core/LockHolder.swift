import Files
import Foundation

/// A process that holds a lock on a file, according to `/proc/locks`.
package struct LockHolder: Hashable, Sendable, CustomStringConvertible {
    package let process: Int32
    /// The name of its program; empty if it cannot be read.
    package let name: String

    package init(process: Int32, name: String) {
        self.process = process
        self.name = name
    }

    package var description: String {
        name.isEmpty ? "process \(process)" : "process \(process) (\(name))"
    }

    /// Finds the holder of a write lock of the kind (`FLOCK` or `POSIX`) on a file; with `byte`, only of a lock on that
    /// byte. `nil` if it is unknown or this process.
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

    /// A line is `1: POSIX ADVISORY WRITE 4711 08:01:123456 120 120`; the last fields are device and inode, first byte
    /// and last byte.
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

    /// The holder of the write lock of SQLite, which in WAL mode is on a byte of the shared memory file, otherwise on
    /// one of the database.
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
