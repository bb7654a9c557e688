import CArchive
import Files
import Pipeline

/// A file that libarchive reads sequentially, hashed at the same time on request. A class, because the callbacks of
/// libarchive need its address.
final class ArchiveSource {
    private let file: OpenFile
    private let files: any FileSystem
    private let buffer: UnsafeMutableRawBufferPointer
    private var hasher: Digest.Hasher?
    private(set) var bytes = 0

    /// The error of a failed read.
    private(set) var failure: StoreError?

    /// Opens a file. `finish` requires `isHashed`.
    init(_ path: String, isHashed: Bool = true, on files: any FileSystem) throws(StoreError) {
        self.files = files
        file = try files.open(path)
        hasher = isHashed ? Digest.Hasher() : nil
        buffer = .allocate(byteCount: Archive.pieceSize, alignment: 64)
    }

    deinit {
        files.close(file)
        buffer.deallocate()
    }

    var path: String { file.path }

    /// The next bytes; empty at the end; `nil` after an error.
    func next() -> UnsafeRawBufferPointer? {
        do {
            let count = try files.read(file, into: buffer)
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            hasher?.update(piece)
            bytes += count
            return piece
        } catch {
            failure = error
            return nil
        }
    }

    /// Reads the rest and returns the digest of all bytes. Must be called only once.
    func finish() throws(StoreError) -> Digest {
        while let piece = next(), !piece.isEmpty {}
        if let failure { throw failure }
        guard let hasher = hasher.take() else {
            preconditionFailure("the source is not hashed, or its digest was requested twice")
        }
        return hasher.finalize()
    }

    /// Makes an archive that is being opened read from this file, which must outlive it.
    func feed(_ archive: OpaquePointer) -> Int32 {
        archive_read_open(
            archive, Unmanaged.passUnretained(self).toOpaque(), nil,
            { archive, client, out in
                guard let client, let out else { return -1 }
                let source = Unmanaged<ArchiveSource>.fromOpaque(client).takeUnretainedValue()
                guard let piece = source.next() else { return -1 }
                out.pointee = piece.baseAddress
                return piece.count
            }, nil)
    }
}
