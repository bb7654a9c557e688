import CArchive
import Foundation
import Pipeline

extension Archive {
    /// Unpacks `object` into the empty directory `target`. Every entry must be one of the expected files
    /// with the expected content, so a damaged or hostile archive can neither write elsewhere nor grow
    /// beyond what was published. The caller removes `target` after a failure.
    static func unpack(
        _ object: String, to target: String, artifact: Digest, expecting contents: ArtifactContents
    ) throws(StoreError) {
        func corrupt(_ problem: String) -> StoreError {
            .corrupt(artifact: artifact, object: object, problem: problem)
        }
        guard contents.digest == artifact else {
            throw corrupt("the database lists other files for it")
        }
        let input = open(object, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else {
            throw errno == ENOENT
                ? corrupt("its archive is missing")
                : .file(operation: "read", path: object, code: errno)
        }
        defer { close(input) }
        guard let archive = archive_read_new() else {
            throw .archive(path: object, problem: "no memory")
        }
        defer { archive_read_free(archive) }
        guard archive_read_support_filter_zstd(archive) == ARCHIVE_OK,
            archive_read_support_format_tar(archive) == ARCHIVE_OK
        else { throw .archive(path: object, problem: message(archive)) }
        guard archive_read_open_fd(archive, input, pieceSize) == ARCHIVE_OK else {
            throw corrupt(message(archive))
        }

        var missing = Dictionary(
            contents.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var entry: OpaquePointer?
        while true {
            let status = archive_read_next_header(archive, &entry)
            if status == ARCHIVE_EOF { break }
            guard status == ARCHIVE_OK, let entry else { throw corrupt(message(archive)) }
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
            try extract(file, from: archive, to: target, corrupt)
        }
        if let file = missing.keys.min() { throw corrupt("\(file) is missing") }
    }

    private static func extract(
        _ file: ArtifactContents.File, from archive: OpaquePointer, to target: String,
        _ corrupt: (String) -> StoreError
    ) throws(StoreError) {
        let path = target + "/" + file.path
        try FileOperation.makeDirectory((path as NSString).deletingLastPathComponent)
        let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o444)
        guard output >= 0 else { throw .file(operation: "write", path: path, code: errno) }
        defer { close(output) }
        var hasher = Digest.Hasher()
        var buffer = [UInt8](repeating: 0, count: pieceSize)
        var total = 0
        while true {
            let count = archive_read_data(archive, &buffer, buffer.count)
            guard count >= 0 else { throw corrupt("\(file.path): \(message(archive))") }
            if count == 0 { break }
            total += count
            guard total <= file.bytes else {
                throw corrupt("\(file.path) is longer than \(file.bytes) bytes")
            }
            do {
                try buffer.withUnsafeBytes {
                    let piece = UnsafeRawBufferPointer(rebasing: $0[..<count])
                    hasher.update(piece)
                    try FileOperation.write(piece, to: output, path: path)
                }
            } catch let error as StoreError {
                throw error
            } catch { preconditionFailure("writing throws store errors only") }
        }
        guard total == file.bytes, hasher.finalize() == file.sha256 else {
            throw corrupt("\(file.path) has other content than was published")
        }
        try FileOperation.synchronize(output, path: path)
    }
}
