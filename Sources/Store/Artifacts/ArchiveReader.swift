import CArchive
import Files
import Pipeline

/// Reads the entries of the archive of an artifact in order. Every entry must be a file or a directory below the
/// artifact. A class, because it owns a reader of libarchive, which must not outlive its source.
final class ArchiveReader {
    struct Entry {
        /// The relative path, without a slash at the end.
        let path: String
        let isDirectory: Bool
        let isExecutable: Bool
    }

    private let archive: OpaquePointer
    private let source: ArchiveSource
    private let artifact: Digest

    /// Opens the archive that `source` provides. Throws `StoreError.corrupt` if it is not an archive.
    init(_ source: ArchiveSource, of artifact: Digest) throws(StoreError) {
        guard let archive = archive_read_new() else {
            throw .archive(path: source.path, problem: "no memory")
        }
        self.archive = archive
        self.source = source
        self.artifact = artifact
        guard archive_read_support_filter_zstd(archive) == ARCHIVE_OK,
            archive_read_support_format_tar(archive) == ARCHIVE_OK
        else { throw .archive(path: source.path, problem: Archive.message(archive)) }
        guard source.feed(archive) == ARCHIVE_OK else { throw failure() }
    }

    deinit { archive_read_free(archive) }

    /// The next entry; `nil` at the end.
    func next() throws(StoreError) -> Entry? {
        var header: OpaquePointer?
        let status = archive_read_next_header(archive, &header)
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK, let header else { throw failure() }
        guard let name = archive_entry_pathname(header) else {
            throw corrupt("an entry has no name")
        }
        let path = String(cString: name)
        let type = UInt32(archive_entry_filetype(header))
        let isDirectory = type == UInt32(carchive_directory)
        guard isDirectory || type == UInt32(carchive_regular_file),
            archive_entry_hardlink(header) == nil
        else { throw corrupt("\(Self.short(path)) is neither a file nor a directory") }
        let plain =
            isDirectory && path.utf8.last == UInt8(ascii: "/")
            ? String(path.unicodeScalars.dropLast()) : path
        guard ArtifactContents.isSafe(plain) else {
            throw corrupt("\(Self.short(path)) would be outside of the artifact")
        }
        return Entry(
            path: plain, isDirectory: isDirectory,
            isExecutable: archive_entry_perm(header) & 0o100 != 0)
    }

    /// Reads content of the current entry, with zeros in holes. Returns the number of bytes: 0 at the end, negative
    /// after a failure.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        archive_read_data(archive, buffer.baseAddress, buffer.count)
    }

    /// The next block of the content of the current entry, whose path is `path`, with its offset; `nil` at the end.
    /// The bytes are valid until the next call.
    func nextBlock(
        of path: String
    ) throws(StoreError) -> (bytes: UnsafeRawBufferPointer, offset: Int)? {
        var block: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        let status = archive_read_data_block(archive, &block, &count, &offset)
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK else { throw failure(reading: path) }
        return (UnsafeRawBufferPointer(start: block, count: count), Int(offset))
    }

    /// The error of the last operation, which was on the entry `path`.
    func failure(reading path: String? = nil) -> StoreError {
        let message = Archive.message(archive)
        return source.failure ?? corrupt(path.map { "\($0): \(message)" } ?? message)
    }

    func corrupt(_ problem: String) -> StoreError {
        .corrupt(artifact: artifact, object: source.path, problem: problem)
    }

    /// A name, truncated for messages.
    private static func short(_ name: String) -> String {
        name.unicodeScalars.count > 200 ? String(name.unicodeScalars.prefix(200)) + "…" : name
    }
}
