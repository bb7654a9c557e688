import CArchive
import Foundation
import Pipeline

extension Archive {
    /// Unpacks `object` into the empty directory `target`. Every entry must be one of the expected files
    /// with the expected content, so a damaged or hostile archive can neither write elsewhere nor grow
    /// beyond what was published. The caller removes `target` after a failure.
    static func unpack(
        _ object: String, to target: String, artifact: Digest, expecting contents: ArtifactContents,
        on files: any FileSystem
    ) throws(StoreError) {
        func corrupt(_ problem: String) -> StoreError {
            .corrupt(artifact: artifact, object: object, problem: problem)
        }
        guard contents.digest == artifact else {
            throw corrupt("the database lists other files for it")
        }
        let file: OpenFile
        do {
            file = try files.open(object)
        } catch .file(_, _, ENOENT) {
            throw corrupt("its archive is missing")
        }
        defer { files.close(file) }
        let input = ArchiveInput(file, on: files)
        defer { withExtendedLifetime(input) {} }
        guard let archive = archive_read_new() else {
            throw .archive(path: object, problem: "no memory")
        }
        defer { archive_read_free(archive) }
        guard archive_read_support_filter_zstd(archive) == ARCHIVE_OK,
            archive_read_support_format_tar(archive) == ARCHIVE_OK
        else { throw .archive(path: object, problem: message(archive)) }
        guard input.open(archive) == ARCHIVE_OK else {
            throw input.failure ?? corrupt(message(archive))
        }

        var missing = Dictionary(
            contents.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var entry: OpaquePointer?
        while true {
            let status = archive_read_next_header(archive, &entry)
            if status == ARCHIVE_EOF { break }
            guard status == ARCHIVE_OK, let entry else {
                throw input.failure ?? corrupt(message(archive))
            }
            guard let name = archive_entry_pathname(entry) else {
                throw corrupt("an entry has no name")
            }
            let path = String(cString: name)
            let type = UInt32(archive_entry_filetype(entry))
            let isDirectory = type == UInt32(carchive_directory)
            guard isDirectory || type == UInt32(carchive_regular_file),
                archive_entry_hardlink(entry) == nil
            else { throw corrupt("\(path) is neither a file nor a directory") }
            let plain = isDirectory && path.hasSuffix("/") ? String(path.dropLast()) : path
            guard ArtifactContents.isSafe(plain) else {
                throw corrupt("\(path) would lie outside of it")
            }
            if isDirectory { continue }
            guard let file = missing.removeValue(forKey: path) else {
                throw corrupt("\(path) stands twice or does not belong to it")
            }
            do {
                try extract(file, from: archive, to: target, on: files, corrupt)
            } catch {
                throw input.failure ?? error
            }
        }
        if let file = missing.keys.min() { throw corrupt("\(file) is missing") }
    }

    private static func extract(
        _ file: ArtifactContents.File, from archive: OpaquePointer, to target: String,
        on files: any FileSystem, _ corrupt: (String) -> StoreError
    ) throws(StoreError) {
        let path = target + "/" + file.path
        try files.makeDirectories((path as NSString).deletingLastPathComponent)
        let output = try files.create(path, mode: 0o444)
        defer { files.close(output) }
        var hasher = Digest.Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
        defer { buffer.deallocate() }
        var total = 0
        while true {
            let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
            guard count >= 0 else { throw corrupt("\(file.path): \(message(archive))") }
            if count == 0 { break }
            total += count
            guard total <= file.bytes else {
                throw corrupt("\(file.path) is longer than \(file.bytes) bytes")
            }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            hasher.update(piece)
            try files.write(piece, to: output)
        }
        guard total == file.bytes, hasher.finalize() == file.sha256 else {
            throw corrupt("\(file.path) has other content than was published")
        }
        try files.synchronize(output)
    }
}
