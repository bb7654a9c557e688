import CArchive
import Files
import Foundation
import JSON
import Pipeline

/// The contents of an archive, determined in one pass over its bytes. Only the requested files are unpacked to disk.
struct ArchiveScan {
    /// The files in the archive.
    let contents: ArtifactContents

    /// The digest of the bytes of the archive.
    let digest: Digest
    let archiveBytes: Int

    /// Limits that prevent archive bombs from using much memory or time.
    struct Limits {
        var files: Int
        var directories: Int
        var bytes: Int
    }

    /// Reads the archive `object`. Copies files whose path is in `kept` into `directory`. Throws `StoreError.corrupt`
    /// if it is not a complete archive of files.
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
        var directories: Set<ExactText> = []
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
            if type == UInt32(carchive_directory) {
                let plain = path.hasSuffix("/") ? String(path.dropLast()) : path
                guard ArtifactContents.isSafe(plain) else {
                    throw corrupt("\(path) would be outside of the artifact")
                }
                guard directories.count < limits.directories else {
                    throw corrupt("it contains too many directories")
                }
                guard directories.insert(ExactText(plain)).inserted else {
                    throw corrupt("a directory occurs in it twice")
                }
                continue
            }
            guard type == UInt32(carchive_regular_file), archive_entry_hardlink(entry) == nil else {
                throw corrupt("\(path) is neither a file nor a directory")
            }
            guard ArtifactContents.isSafe(path) else {
                throw corrupt("\(path) would be outside of the artifact")
            }
            guard found.count < limits.files else { throw corrupt("it contains too many files") }
            let copy = try directory.flatMap { kept.contains(path) ? $0 + "/" + path : nil }
                .map { path throws(StoreError) in try FileCopy(path, on: files) }
            let file = try Self.read(
                archive, path, limit: left,
                isExecutable: archive_entry_perm(entry) & 0o100 != 0, copy, corrupt)
            left -= file.bytes
            found.append(file)
        }
        let digest = try source.finish()
        contents = ArtifactContents(
            found, emptyDirectories: Self.empty(directories, found))
        guard !contents.hasRepetitions else { throw corrupt("a file occurs in it twice") }
        self.digest = digest
        archiveBytes = source.bytes
    }

    /// The directories without any contents.
    private static func empty(
        _ directories: Set<ExactText>, _ files: [ArtifactContents.File]
    ) -> [String] {
        var filled: Set<ExactText> = []
        for path in files.map(\.path) + directories.map(\.text) {
            let parent = path.utf8.lastIndex(of: UInt8(ascii: "/"))
            if let parent { filled.insert(ExactText(String(path[..<parent]))) }
        }
        return directories.subtracting(filled).map(\.text)
    }

    private static func read(
        _ archive: OpaquePointer, _ path: String, limit: Int, isExecutable: Bool, _ copy: FileCopy?,
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
            guard total <= limit else { throw corrupt("\(path) is longer than the published file") }
            hasher.update(piece)
            try copy?.append(piece)
        }
        return .init(
            path: path, bytes: total, sha256: hasher.finalize(), isExecutable: isExecutable)
    }
}

/// A new file that is appended to. A class, because it owns an open file.
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
    /// The digest of the bytes of a file.
    static func digest(
        ofFile path: String, on files: any FileSystem
    ) throws(StoreError) -> Digest {
        try ArchiveSource(path, on: files).finish()
    }
}
