import Files
import Foundation
import Glibc

/// The copy of the logs of all starts of a stage in the local log of an attempt, also of starts that earlier attempts have
/// followed. How much of each was copied is in a file beside the local log, so that nothing is copied twice.
package struct StartLogs: Sendable {
    private let log: String

    /// By the name of the start, in bytes.
    private var copied: [String: Int]

    private static let piece = 1 << 20

    private static func record(_ log: String) -> String { log + ".copied" }

    /// The copy in the file `log`.
    package init(_ log: String) {
        self.log = log
        copied = [:]
        guard let data = FileManager.default.contents(atPath: Self.record(log)) else { return }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let count = Int(parts[1]), count >= 0 else { continue }
            copied[String(parts[0])] = count
        }
    }

    /// Appends what is new of the log of a start.
    package mutating func copy(_ start: TaskStart) throws(SharedFileError) {
        let name = FilePath.name(start.path)
        guard let source = try SharedFile.open(start.log) else { return }
        while true {
            let place = copied[name] ?? 0
            let bytes = try SharedFile.read(source, start.log, from: place, count: Self.piece)
            guard !bytes.isEmpty else { return }
            try append(bytes, to: log, O_APPEND)
            copied[name] = place + bytes.count
            let record = copied.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
            try append(Array(record.joined().utf8), to: Self.record(log), O_TRUNC)
        }
    }

    /// Removes the record, when no start of the stage is left.
    static func forget(_ log: String) { unlink(record(log)) }

    private func append(
        _ bytes: [UInt8], to path: String, _ flags: Int32
    ) throws(SharedFileError) {
        let number = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0o666)
        guard number >= 0 else { throw .unwritable(path, reason: POSIXError.last.reason) }
        let file = Descriptor(number)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                write(file.number, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(path, reason: POSIXError.last.reason) }
            start += count
        }
    }
}
