import CArchive
import Files
import Foundation
import JSON
import Pipeline

extension Archive {
    /// Unpacks `object` into the empty directory `target`. Every entry must be an expected file with the expected
    /// content, so that a damaged or hostile archive can neither write elsewhere nor expand beyond the published size.
    /// The caller removes `target` after a failure.
    static func unpack(
        _ object: String, to target: String, artifact: Digest, expecting contents: ArtifactContents,
        on files: any FileSystem
    ) throws(StoreError) {
        func corrupt(_ problem: String) -> StoreError {
            .corrupt(artifact: artifact, object: object, problem: problem)
        }
        guard contents.digest == artifact else {
            throw corrupt("the database lists different files for it")
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
            contents.files.map { (ExactText($0.path), $0) }, uniquingKeysWith: { first, _ in first }
        )
        for directory in contents.emptyDirectories {
            try files.makeDirectories(target + "/" + directory)
        }
        var directories = contents.directories
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
            else { throw corrupt("\(Self.short(path)) is neither a file nor a directory") }
            let plain =
                isDirectory && path.utf8.last == UInt8(ascii: "/")
                ? String(path.unicodeScalars.dropLast()) : path
            guard ArtifactContents.isSafe(plain) else {
                throw corrupt("\(Self.short(path)) would be outside of the artifact")
            }
            if isDirectory {
                // Each directory may occur once, so that the number of entries is bounded.
                guard directories.remove(ExactText(plain)) != nil else {
                    throw corrupt(
                        "the directory \(plain) is repeated or does not belong to the artifact")
                }
                continue
            }
            guard let file = missing.removeValue(forKey: ExactText(path)) else {
                throw corrupt("\(path) is repeated or does not belong to the artifact")
            }
            do {
                try extract(file, from: archive, to: target, on: files, corrupt)
            } catch {
                throw input.failure ?? error
            }
        }
        if let file = missing.keys.min() { throw corrupt("\(file.text) is missing") }
    }

    /// A name, truncated for messages.
    private static func short(_ name: String) -> String {
        name.unicodeScalars.count > 200 ? String(name.unicodeScalars.prefix(200)) + "…" : name
    }

    private static func extract(
        _ file: ArtifactContents.File, from archive: OpaquePointer, to target: String,
        on files: any FileSystem, _ corrupt: (String) -> StoreError
    ) throws(StoreError) {
        let path = target + "/" + file.path
        try files.makeDirectories(FilePath.parent(path))
        let output = try files.create(path, mode: file.isExecutable ? 0o555 : 0o444)
        defer { files.close(output) }
        var hasher = Digest.Hasher()
        // The next piece is read while the previous one is hashed and written.
        var (piece, next) = (Piece(), Piece())
        defer {
            piece.buffer.deallocate()
            next.buffer.deallocate()
        }
        piece.read(from: archive)
        var total = 0
        while piece.count != 0 {
            guard piece.count > 0 else { throw corrupt("\(file.path): \(message(archive))") }
            total += piece.count
            guard total <= file.bytes else {
                throw corrupt("\(file.path) is longer than \(file.bytes) bytes")
            }
            var failure: StoreError?
            concurrently {
                hasher.update(piece.bytes)
                do throws(StoreError) {
                    try files.write(piece.bytes, to: output)
                } catch {
                    failure = error
                }
            } _: {
                next.read(from: archive)
            }
            if let failure { throw failure }
            swap(&piece, &next)
        }
        guard total == file.bytes, hasher.finalize() == file.sha256 else {
            throw corrupt("\(file.path) has different content than the published file")
        }
        try files.synchronize(output)
    }

    /// A piece of the content of an entry.
    private struct Piece {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
        /// The number of bytes in the buffer: 0 at the end, negative after a failure.
        private(set) var count = 0

        var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

        mutating func read(from archive: OpaquePointer) {
            count = archive_read_data(archive, buffer.baseAddress, buffer.count)
        }
    }
}
