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
        let source = try ArchiveSource(object, on: files)
        let reader = try ArchiveReader(source, of: artifact)
        var found: [ArtifactContents.File] = []
        var directories: Set<ExactText> = []
        var left = limits.bytes
        while let entry = try reader.next() {
            if entry.isDirectory {
                guard directories.count < limits.directories else {
                    throw reader.corrupt("it contains too many directories")
                }
                guard directories.insert(ExactText(entry.path)).inserted else {
                    throw reader.corrupt("a directory occurs in it twice")
                }
            } else {
                guard found.count < limits.files else {
                    throw reader.corrupt("it contains too many files")
                }
                let target = kept.contains(entry.path) ? directory : nil
                let copy = try target.map { target throws(StoreError) in
                    try FileCopy(target + "/" + entry.path, on: files)
                }
                let file = try Self.read(entry, from: reader, limit: left, copy)
                left -= file.bytes
                found.append(file)
            }
        }
        let digest = try source.finish()
        contents = ArtifactContents(
            found, emptyDirectories: Self.empty(directories, found))
        guard !contents.hasRepetitions else { throw reader.corrupt("a file occurs in it twice") }
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
        _ entry: ArchiveReader.Entry, from reader: ArchiveReader, limit: Int, _ copy: FileCopy?
    ) throws(StoreError) -> ArtifactContents.File {
        let path = entry.path
        var hasher = Digest.Hasher()
        var total = 0
        while let (piece, offset) = try reader.nextBlock(of: path) {
            guard offset == total else { throw reader.corrupt("\(path) has holes") }
            total += piece.count
            guard total <= limit else {
                throw reader.corrupt("\(path) is longer than the published file")
            }
            hasher.update(piece)
            try copy?.append(piece)
        }
        return .init(
            path: path, bytes: total, sha256: hasher.finalize(), isExecutable: entry.isExecutable)
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
