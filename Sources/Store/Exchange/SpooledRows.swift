import Files
import Foundation
import Glibc
import Pipeline

/// Rows of an exported run, stored on disk until they are added to the bundle, because there may be many points. The
/// file has no name, and is deleted when it is closed.
struct SpooledRows: ~Copyable {
    let file: Int32
    private let path: String
    private var waiting = Data()
    private(set) var bytes = 0
    private var hasher: Digest.Hasher? = Digest.Hasher()

    private static let piece = 1 << 20

    /// Creates the file in the directory for temporary files, which `TMPDIR` sets.
    init() throws(StoreError) {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("vireo-XXXXXX").path
        var template = path.utf8CString.map { $0 }
        file = mkstemp(&template)
        guard file >= 0 else {
            throw .file(operation: "create a temporary file", path: path, code: errno)
        }
        unlink(template)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(file) }

    mutating func add(_ row: ExchangedRow) throws {
        waiting += row.line
        waiting.append(10)
        if waiting.count > Self.piece { try flush() }
    }

    /// The digest of all rows, after the last one was added.
    mutating func finish() throws(StoreError) -> Digest {
        try flush()
        return (hasher.take() ?? Digest.Hasher()).finalize()
    }

    private mutating func flush() throws(StoreError) {
        let written = waiting.withUnsafeBytes { bytes in
            hasher?.update(bytes)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(
                    file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard count > 0 || (count < 0 && errno == EINTR) else { return false }
                rest = rest.dropFirst(max(0, count))
            }
            return true
        }
        guard written else { throw .file(operation: "write", path: path, code: errno) }
        bytes += waiting.count
        waiting.removeAll(keepingCapacity: true)
    }
}
