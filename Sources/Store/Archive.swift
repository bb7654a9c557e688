import CArchive
import Foundation
import Pipeline

/// A repeatable tar.zst of a directory tree: entries sorted by path, no times, no owners, one mode. The
/// same tree gives the same bytes.
enum Archive {
    static let pieceSize = 1 << 20

    /// The paths below `directory` of its regular files with their sizes, sorted by their bytes. Fails on
    /// anything that is neither file nor directory.
    static func files(
        of directory: String, on files: any FileSystem
    ) throws(StoreError) -> [(path: String, bytes: Int)] {
        var found: [(path: String, bytes: Int)] = []
        var pending = [""]
        while let prefix = pending.popLast() {
            let parent = prefix.isEmpty ? directory : directory + "/" + prefix
            for name in try files.names(in: parent) {
                let path = parent + "/" + name
                guard let status = try files.status(path) else {
                    throw .file(operation: "read", path: path, code: ENOENT)
                }
                let relative = prefix.isEmpty ? name : prefix + "/" + name
                switch status.kind {
                case .file: found.append((relative, status.bytes))
                case .directory: pending.append(relative)
                case .other: throw .unsupported(path: path)
                }
            }
        }
        return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Writes the archive of `directory` to an open file and returns what it holds, and the digest of the
    /// archive's own bytes; each file is read once, from the file system `source`.
    static func pack(
        _ directory: String, from source: any FileSystem, to file: OpenFile,
        on files: any FileSystem
    ) throws(StoreError) -> (contents: ArtifactContents, digest: Digest) {
        let contents = try self.files(of: directory, on: source)
        let compression = try Compression(of: contents, in: directory, on: source)
        let output = ArchiveOutput(file, on: files)
        defer { withExtendedLifetime(output) {} }
        guard let archive = archive_write_new() else {
            throw .archive(path: file.path, problem: "no memory")
        }
        defer { archive_write_free(archive) }
        let settings =
            [
                archive_write_add_filter_zstd(archive),
                archive_write_set_format_pax_restricted(archive),
                archive_write_set_option(archive, "pax", "hdrcharset", "BINARY"),
                archive_write_set_bytes_per_block(archive, Int32(pieceSize)),
                archive_write_set_bytes_in_last_block(archive, 1),
            ] + compression.apply(to: archive) + [output.open(archive)]
        guard settings.allSatisfy({ $0 == ARCHIVE_OK }) else {
            throw output.failure ?? failure(archive, file.path)
        }
        var packed: [ArtifactContents.File] = []
        for (path, bytes) in contents {
            let file = directory + "/" + path
            do {
                let sha256 = try append(file, as: path, bytes, to: archive, on: source)
                packed.append(.init(path: path, bytes: bytes, sha256: sha256))
            } catch {
                throw output.failure ?? error
            }
        }
        guard archive_write_close(archive) == ARCHIVE_OK else {
            throw output.failure ?? failure(archive, file.path)
        }
        return (ArtifactContents(packed), output.digest())
    }

    private static func append(
        _ source: String, as path: String, _ bytes: Int, to archive: OpaquePointer,
        on files: any FileSystem
    ) throws(StoreError) -> Digest {
        let input = try files.open(source)
        defer { files.close(input) }
        guard let entry = archive_entry_new() else {
            throw .archive(path: source, problem: "no memory")
        }
        defer { archive_entry_free(entry) }
        archive_entry_copy_pathname(entry, path)
        archive_entry_set_filetype(entry, UInt32(carchive_regular_file))
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_size(entry, Int64(bytes))
        archive_entry_set_mtime(entry, 0, 0)
        guard archive_write_header(archive, entry) == ARCHIVE_OK else {
            throw failure(archive, source)
        }
        var hasher = Digest.Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
        defer { buffer.deallocate() }
        var total = 0
        while case let count = try files.read(input, into: buffer), count > 0 {
            total += count
            var written = 0
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if count < pieceSize {
                hasher.update(piece)
                written = archive_write_data(archive, piece.baseAddress, count)
            } else {
                // Hashing takes as long as compressing and writing together.
                simultaneously {
                    hasher.update(piece)
                } _: {
                    written = archive_write_data(archive, piece.baseAddress, count)
                }
            }
            guard written == count else { throw failure(archive, source) }
        }
        guard total == bytes else {
            throw .archive(path: source, problem: "it changed while it was read")
        }
        return hasher.finalize()
    }

    private static func failure(_ archive: OpaquePointer, _ path: String) -> StoreError {
        let code = archive_errno(archive)
        if code > 0, code < 200 { return .file(operation: "write", path: path, code: code) }
        return .archive(path: path, problem: message(archive))
    }

    static func message(_ archive: OpaquePointer) -> String {
        archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
    }
}
