import CArchive
import Foundation

/// Writes a reproducible tar.zst, file by file. A class, because it represents an open archive.
final class BundleWriter {
    private let archive: OpaquePointer
    private let output: ArchiveOutput
    private let path: String

    /// Creates an archive in an open file.
    init(_ file: OpenFile, on files: any FileSystem) throws(StoreError) {
        path = file.path
        output = ArchiveOutput(file, on: files)
        guard let archive = archive_write_new() else {
            throw .archive(path: path, problem: "no memory")
        }
        self.archive = archive
        let settings = [
            archive_write_add_filter_zstd(archive),
            archive_write_set_format_pax_restricted(archive),
            archive_write_set_option(archive, "pax", "hdrcharset", "BINARY"),
            archive_write_set_bytes_per_block(archive, Int32(Archive.pieceSize)),
            archive_write_set_bytes_in_last_block(archive, 1), output.open(archive),
        ]
        guard settings.allSatisfy({ $0 == ARCHIVE_OK }) else {
            throw failure()
        }
    }

    deinit { archive_write_free(archive) }

    /// Adds a file from memory.
    func add(_ name: String, _ bytes: Data) throws(StoreError) {
        try begin(name, bytes.count)
        let count = bytes.withUnsafeBytes {
            archive_write_data(archive, $0.baseAddress, $0.count)
        }
        guard count == bytes.count else { throw failure() }
    }

    /// Adds a file from the disk.
    func add(_ name: String, copying source: ArchiveSource, bytes: Int) throws(StoreError) {
        try begin(name, bytes)
        while let piece = source.next(), !piece.isEmpty {
            guard archive_write_data(archive, piece.baseAddress, piece.count) == piece.count else {
                throw failure()
            }
        }
        if let failure = source.failure { throw failure }
    }

    /// Adds the first bytes of an open, unnamed file.
    func add(_ name: String, from file: Int32, bytes: Int) throws(StoreError) {
        try begin(name, bytes)
        var piece = [UInt8](repeating: 0, count: Archive.pieceSize)
        var place = 0
        while place < bytes {
            let count = pread(file, &piece, min(piece.count, bytes - place), off_t(place))
            guard count > 0 else { throw .file(operation: "read", path: name, code: errno) }
            guard archive_write_data(archive, piece, count) == count else { throw failure() }
            place += count
        }
    }

    func finish() throws(StoreError) {
        guard archive_write_close(archive) == ARCHIVE_OK else { throw failure() }
    }

    private func begin(_ name: String, _ bytes: Int) throws(StoreError) {
        guard let entry = archive_entry_new() else {
            throw .archive(path: path, problem: "no memory")
        }
        defer { archive_entry_free(entry) }
        archive_entry_copy_pathname(entry, name)
        archive_entry_set_filetype(entry, UInt32(carchive_regular_file))
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_size(entry, Int64(bytes))
        archive_entry_set_mtime(entry, 0, 0)
        guard archive_write_header(archive, entry) == ARCHIVE_OK else { throw failure() }
    }

    private func failure() -> StoreError {
        output.failure ?? .archive(path: path, problem: Archive.message(archive))
    }
}
