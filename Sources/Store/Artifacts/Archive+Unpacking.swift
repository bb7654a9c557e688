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
        guard contents.digest == artifact else {
            throw .corrupt(
                artifact: artifact, object: object,
                problem: "the database lists different files for it")
        }
        let source: ArchiveSource
        do {
            source = try ArchiveSource(object, isHashed: false, on: files)
        } catch .file(_, _, ENOENT) {
            throw .corrupt(
                artifact: artifact, object: object, problem: "its archive is missing")
        }
        let reader = try ArchiveReader(source, of: artifact)
        var missing = Dictionary(
            contents.files.map { (ExactText($0.path), $0) }, uniquingKeysWith: { first, _ in first }
        )
        for directory in contents.emptyDirectories {
            try files.makeDirectories(target + "/" + directory)
        }
        // Each directory may occur once, so that the number of entries is bounded.
        var directories = contents.directories
        while let entry = try reader.next() {
            let path = ExactText(entry.path)
            if entry.isDirectory {
                guard directories.remove(path) != nil else {
                    throw reader.corrupt(
                        "the directory \(path.text) is repeated or does not belong to the artifact")
                }
            } else {
                guard let file = missing.removeValue(forKey: path) else {
                    throw reader.corrupt(
                        "\(path.text) is repeated or does not belong to the artifact")
                }
                try extract(file, from: reader, to: target, on: files)
            }
        }
        if let file = missing.keys.min() { throw reader.corrupt("\(file.text) is missing") }
    }

    private static func extract(
        _ file: ArtifactContents.File, from reader: ArchiveReader, to target: String,
        on files: any FileSystem
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
        piece.read(from: reader)
        var total = 0
        while piece.count != 0 {
            guard piece.count > 0 else { throw reader.failure(reading: file.path) }
            total += piece.count
            guard total <= file.bytes else {
                throw reader.corrupt("\(file.path) is longer than \(file.bytes) bytes")
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
                next.read(from: reader)
            }
            if let failure { throw failure }
            swap(&piece, &next)
        }
        guard total == file.bytes, hasher.finalize() == file.sha256 else {
            throw reader.corrupt("\(file.path) has different content than the published file")
        }
        try files.synchronize(output)
    }

    /// A piece of the content of an entry.
    private struct Piece {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
        /// The number of bytes in the buffer: 0 at the end, negative after a failure.
        private(set) var count = 0

        var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

        mutating func read(from reader: ArchiveReader) {
            count = reader.read(into: buffer)
        }
    }
}
