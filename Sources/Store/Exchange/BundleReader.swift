import CArchive
import Files
import Foundation
import Pipeline

/// Reads the files of a tar.zst in order, each only up to the limit of the caller. A class, because it represents an
/// open archive.
final class BundleReader {
    private let archive: OpaquePointer
    private let source: ArchiveSource
    private let path: String

    init(_ path: String, on files: any FileSystem) throws {
        self.path = path
        source = try ArchiveSource(path, on: files)
        guard let archive = archive_read_new() else {
            throw StoreError.archive(path: path, problem: "no memory")
        }
        self.archive = archive
        guard archive_read_support_filter_zstd(archive) == ARCHIVE_OK,
            archive_read_support_format_tar(archive) == ARCHIVE_OK,
            source.feed(archive) == ARCHIVE_OK
        else { throw failure() }
    }

    deinit { archive_read_free(archive) }

    /// The name of the next file; `nil` after the last one.
    func next() throws -> String? {
        var entry: OpaquePointer?
        let status = archive_read_next_header(archive, &entry)
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK, let entry, let name = archive_entry_pathname(entry) else {
            throw failure()
        }
        let path = String(cString: name)
        guard UInt32(archive_entry_filetype(entry)) == UInt32(carchive_regular_file),
            archive_entry_hardlink(entry) == nil
        else { throw problem("it contains \(path), which is not a file") }
        return path
    }

    /// Passes the contents of the file that `next` returned to `body` in pieces. Returns its size and digest. Throws if
    /// it is longer than `limit`.
    func read(
        _ name: String, limit: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> (bytes: Int, digest: Digest) {
        var hasher = Digest.Hasher()
        var total = 0
        var buffer = [UInt8](repeating: 0, count: Archive.pieceSize)
        while true {
            let count = archive_read_data(archive, &buffer, buffer.count)
            guard count >= 0 else { throw failure() }
            if count == 0 { break }
            total += count
            guard total <= limit else { throw problem("\(name) is longer than \(limit) bytes") }
            try buffer.withUnsafeBytes {
                let piece = UnsafeRawBufferPointer(rebasing: $0[..<count])
                hasher.update(piece)
                try body(piece)
            }
        }
        return (total, hasher.finalize())
    }

    private func failure() -> any Error {
        source.failure ?? problem(Archive.message(archive))
    }

    private func problem(_ text: String) -> ExchangeError { .file(path: path, problem: text) }
}
