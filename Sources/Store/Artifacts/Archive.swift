import CArchive
import Files
import Foundation
import JSON
import Pipeline

/// A reproducible tar.zst of a directory tree: files sorted by path, then empty directories, without times or owners,
/// with one mode for executable files and one for others. Equal trees give equal bytes.
enum Archive {
    static let pieceSize = 1 << 20

    /// The contents of a directory tree.
    struct Listing {
        var files: [(path: String, bytes: Int, isExecutable: Bool)] = []
        var emptyDirectories: [String] = []
    }

    /// The contents of `directory`, sorted by the bytes of paths. Throws if there is anything other than files and
    /// directories, or a name that is not UTF-8.
    static func listing(
        of directory: String, on files: any FileSystem
    ) throws(StoreError) -> Listing {
        var found = Listing()
        var pending = [""]
        while let prefix = pending.popLast() {
            let parent = prefix.isEmpty ? directory : directory + "/" + prefix
            let names = try files.names(in: parent)
            if names.isEmpty, !prefix.isEmpty { found.emptyDirectories.append(prefix) }
            for name in names {
                let path = parent + "/" + name
                guard let status = try files.status(path) else {
                    // Invalid UTF-8 was replaced by this character.
                    if name.contains("\u{fffd}") { throw .unnameable(path: path) }
                    throw .file(operation: "read", path: path, code: ENOENT)
                }
                let relative = prefix.isEmpty ? name : prefix + "/" + name
                switch status.kind {
                case .file:
                    found.files.append((relative, status.bytes, status.stamp.isExecutable))
                case .directory: pending.append(relative)
                case .other: throw .unsupported(path: path)
                }
            }
        }
        found.files.sort { ExactText($0.path) < ExactText($1.path) }
        found.emptyDirectories.sort { ExactText($0) < ExactText($1) }
        return found
    }

    /// Writes the archive of `directory` to an open file. Returns its contents and the digest of the bytes of the
    /// archive. Each file is read once, from the file system `source`.
    static func pack(
        _ directory: String, from source: any FileSystem, to file: OpenFile,
        on files: any FileSystem
    ) throws(StoreError) -> (contents: ArtifactContents, digest: Digest) {
        let listing = try listing(of: directory, on: source)
        let compression = try Compression(
            of: listing.files.map { ($0.path, $0.bytes) }, in: directory, on: source)
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
        for file in listing.files {
            let path = directory + "/" + file.path
            do {
                let sha256 = try append(
                    path, as: file.path, file.bytes, isExecutable: file.isExecutable,
                    to: archive, on: source)
                packed.append(
                    .init(
                        path: file.path, bytes: file.bytes, sha256: sha256,
                        isExecutable: file.isExecutable))
            } catch {
                throw output.failure ?? error
            }
        }
        for path in listing.emptyDirectories {
            try withEntry(path, directory + "/" + path) { entry throws(StoreError) in
                archive_entry_set_filetype(entry, UInt32(carchive_directory))
                archive_entry_set_perm(entry, 0o755)
                guard archive_write_header(archive, entry) == ARCHIVE_OK else {
                    throw output.failure ?? failure(archive, directory + "/" + path)
                }
            }
        }
        guard archive_write_close(archive) == ARCHIVE_OK else {
            throw output.failure ?? failure(archive, file.path)
        }
        return (
            ArtifactContents(packed, emptyDirectories: listing.emptyDirectories), output.digest()
        )
    }

    private static func withEntry(
        _ path: String, _ source: String, _ body: (OpaquePointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard let entry = archive_entry_new() else {
            throw .archive(path: source, problem: "no memory")
        }
        defer { archive_entry_free(entry) }
        archive_entry_copy_pathname(entry, path)
        archive_entry_set_mtime(entry, 0, 0)
        try body(entry)
    }

    private static func append(
        _ source: String, as path: String, _ bytes: Int, isExecutable: Bool,
        to archive: OpaquePointer, on files: any FileSystem
    ) throws(StoreError) -> Digest {
        let input = try files.open(source)
        defer { files.close(input) }
        try withEntry(path, source) { entry throws(StoreError) in
            archive_entry_set_filetype(entry, UInt32(carchive_regular_file))
            archive_entry_set_perm(entry, isExecutable ? 0o755 : 0o644)
            archive_entry_set_size(entry, Int64(bytes))
            guard archive_write_header(archive, entry) == ARCHIVE_OK else {
                throw failure(archive, source)
            }
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
                // Hashing takes as long as compressing and writing together, so the two run in parallel.
                concurrently {
                    hasher.update(piece)
                } _: {
                    written = archive_write_data(archive, piece.baseAddress, count)
                }
            }
            guard written == count else { throw failure(archive, source) }
        }
        guard total == bytes else {
            throw .archive(path: source, problem: "the file changed while it was read")
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

/// Runs two closures in parallel on separate threads, and returns when both have finished. They must not share mutable
/// state.
func concurrently(_ first: () -> Void, _ second: () -> Void) {
    withoutActuallyEscaping(first) { first in
        withoutActuallyEscaping(second) { second in
            // The closures do not escape this call.
            nonisolated(unsafe) let work = [first, second]
            DispatchQueue.concurrentPerform(iterations: 2) { work[$0]() }
        }
    }
}
