import CArchive
import Foundation
import Pipeline

/// What an archive holds, found out in one pass over its bytes, with nothing unpacked to the disk but the
/// files that are asked for.
struct ArchiveScan {
    /// Of what stands in the archive.
    let contents: ArtifactContents

    /// Of the archive's own bytes.
    let digest: Digest
    let archiveBytes: Int

    /// How far an archive is read, so that a bomb costs neither memory nor time.
    struct Limits {
        var files: Int
        var bytes: Int
    }

    /// Reads the archive `object`. Files whose path is in `kept` are copied into `directory`. Throws a
    /// `StoreError.corrupt` if it is no whole archive of files.
    init(
        _ object: String, artifact: Digest, limits: Limits, keeping kept: Set<String> = [],
        in directory: String? = nil, on files: any FileSystem
    ) throws(StoreError) {
        func corrupt(_ problem: String) -> StoreError {
            .corrupt(artifact: artifact, object: object, problem: problem)
        }
        let source = try ArchiveSource(object, on: files)
        defer { withExtendedLifetime(source) {} }
        guard let archive = archive_read_new() else {
            throw .archive(path: object, problem: "no memory")
        }
        defer { archive_read_free(archive) }
        guard archive_read_support_filter_zstd(archive) == ARCHIVE_OK,
            archive_read_support_format_tar(archive) == ARCHIVE_OK
        else { throw .archive(path: object, problem: Archive.message(archive)) }
        guard source.feed(archive) == ARCHIVE_OK else {
            throw source.failure ?? corrupt(Archive.message(archive))
        }
        var found: [ArtifactContents.File] = []
        var left = limits.bytes
        var entry: OpaquePointer?
        while true {
            let status = archive_read_next_header(archive, &entry)
            if status == ARCHIVE_EOF { break }
            guard status == ARCHIVE_OK, let entry else {
                throw source.failure ?? corrupt(Archive.message(archive))
            }
            guard let name = archive_entry_pathname(entry) else {
                throw corrupt("an entry has no name")
            }
            let path = String(cString: name)
            let type = UInt32(archive_entry_filetype(entry))
            if type == UInt32(carchive_directory) { continue }
            guard type == UInt32(carchive_regular_file), archive_entry_hardlink(entry) == nil else {
                throw corrupt("\(path) is neither a file nor a directory")
            }
            guard ArtifactContents.isSafe(path) else {
                throw corrupt("\(path) would lie outside of it")
            }
            guard found.count < limits.files else { throw corrupt("it holds too many files") }
            let copy = try directory.flatMap { kept.contains(path) ? $0 + "/" + path : nil }
                .map { path throws(StoreError) in try FileCopy(path, on: files) }
            let file = try Self.read(archive, path, limit: left, copy, corrupt)
            left -= file.bytes
            found.append(file)
        }
        let digest = try source.finish()
        let names = Set(found.map(\.path))
        guard names.count == found.count else { throw corrupt("a file stands in it twice") }
        contents = ArtifactContents(found)
        self.digest = digest
        archiveBytes = source.bytes
    }

    private static func read(
        _ archive: OpaquePointer, _ path: String, limit: Int, _ copy: FileCopy?,
        _ corrupt: (String) -> StoreError
    ) throws(StoreError) -> ArtifactContents.File {
        var hasher = Digest.Hasher()
        var total = 0
        var block: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        while true {
            let status = archive_read_data_block(archive, &block, &count, &offset)
            if status == ARCHIVE_EOF { break }
            guard status == ARCHIVE_OK else {
                throw corrupt("\(path): \(Archive.message(archive))")
            }
            guard Int(offset) == total else { throw corrupt("\(path) has holes") }
            let piece = UnsafeRawBufferPointer(start: block, count: count)
            total += count
            guard total <= limit else { throw corrupt("\(path) is longer than what was published") }
            hasher.update(piece)
            try copy?.append(piece)
        }
        return .init(path: path, bytes: total, sha256: hasher.finalize())
    }
}

/// A new file that grows. A class, for it stands for an open file.
private final class FileCopy {
    private let file: OpenFile
    private let files: any FileSystem

    init(_ path: String, on files: any FileSystem) throws(StoreError) {
        self.files = files
        try files.makeDirectories(FilePath.parent(path))
        file = try files.create(path, mode: 0o666)
    }

    deinit { files.close(file) }

    func append(_ piece: UnsafeRawBufferPointer) throws(StoreError) {
        try files.write(piece, to: file)
    }
}

extension Archive {
    /// The digest of a file's bytes.
    static func digest(
        ofFile path: String, on files: any FileSystem
    ) throws(StoreError) -> Digest {
        try ArchiveSource(path, on: files).finish()
    }
}
