import CArchive
import Foundation
import Pipeline

/// A repeatable tar.zst of a directory tree: entries sorted by path, no times, no owners, one mode. The
/// same tree gives the same bytes.
enum Archive {
    static let pieceSize = 1 << 20

    /// The paths below `directory` of its regular files, sorted by their bytes. Fails on anything that
    /// is neither file nor directory.
    static func files(of directory: String) throws(StoreError) -> [String] {
        var paths: [String] = []
        var pending = [""]
        while let prefix = pending.popLast() {
            let path = prefix.isEmpty ? directory : directory + "/" + prefix
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: path)
            } catch {
                throw .file(operation: "read", path: path, code: errno == 0 ? ENOENT : errno)
            }
            for name in names {
                let relative = prefix.isEmpty ? name : prefix + "/" + name
                var status = stat()
                guard lstat(directory + "/" + relative, &status) == 0 else {
                    throw .file(operation: "read", path: directory + "/" + relative, code: errno)
                }
                switch status.st_mode & S_IFMT {
                case S_IFREG: paths.append(relative)
                case S_IFDIR: pending.append(relative)
                default: throw .unsupported(path: directory + "/" + relative)
                }
            }
        }
        return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Writes the archive of `directory` to an open file and returns what it holds; each file is read
    /// once.
    static func pack(
        _ directory: String, to descriptor: Int32, path: String
    ) throws(StoreError) -> ArtifactContents {
        guard let archive = archive_write_new() else {
            throw .archive(path: path, problem: "no memory")
        }
        defer { archive_write_free(archive) }
        let settings = [
            archive_write_add_filter_zstd(archive),
            archive_write_set_format_pax_restricted(archive),
            archive_write_set_option(archive, "pax", "hdrcharset", "BINARY"),
            archive_write_set_bytes_in_last_block(archive, 1),
            archive_write_open_fd(archive, descriptor),
        ]
        guard settings.allSatisfy({ $0 == ARCHIVE_OK }) else {
            throw failure(archive, path)
        }
        var files: [ArtifactContents.File] = []
        for file in try self.files(of: directory) {
            files.append(try append(file, of: directory, to: archive, path))
        }
        guard archive_write_close(archive) == ARCHIVE_OK else { throw failure(archive, path) }
        return ArtifactContents(files)
    }

    private static func append(
        _ file: String, of directory: String, to archive: OpaquePointer, _ path: String
    ) throws(StoreError) -> ArtifactContents.File {
        let source = directory + "/" + file
        let input = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard input >= 0 else { throw .file(operation: "read", path: source, code: errno) }
        defer { close(input) }
        var status = stat()
        guard fstat(input, &status) == 0 else {
            throw .file(operation: "read", path: source, code: errno)
        }
        guard let entry = archive_entry_new() else {
            throw .archive(path: path, problem: "no memory")
        }
        defer { archive_entry_free(entry) }
        archive_entry_copy_pathname(entry, file)
        archive_entry_set_filetype(entry, UInt32(carchive_regular_file))
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_size(entry, Int64(status.st_size))
        archive_entry_set_mtime(entry, 0, 0)
        guard archive_write_header(archive, entry) == ARCHIVE_OK else {
            throw failure(archive, source)
        }
        var hasher = Digest.Hasher()
        var buffer = [UInt8](repeating: 0, count: pieceSize)
        var total = 0
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .file(operation: "read", path: source, code: errno) }
            if count == 0 { break }
            total += count
            buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            guard archive_write_data(archive, buffer, count) == count else {
                throw failure(archive, path)
            }
        }
        guard total == Int(status.st_size) else {
            throw .archive(path: source, problem: "it changed while it was read")
        }
        return .init(path: file, bytes: total, sha256: hasher.finalize())
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
