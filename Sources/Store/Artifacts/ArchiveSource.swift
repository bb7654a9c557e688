import CArchive
import Files
import Pipeline

/// A file that libarchive reads from its first to its last byte, hashed on the way. A class, for
/// libarchive's callbacks need an identity.
final class ArchiveSource {
    private let file: OpenFile
    private let files: any FileSystem
    private let buffer: UnsafeMutableRawBufferPointer
    private var hasher: Digest.Hasher? = Digest.Hasher()
    private(set) var bytes = 0

    /// Why reading failed, if it did.
    private(set) var failure: StoreError?

    init(_ path: String, on files: any FileSystem) throws(StoreError) {
        self.files = files
        file = try files.open(path)
        buffer = .allocate(byteCount: Archive.pieceSize, alignment: 64)
    }

    deinit {
        files.close(file)
        buffer.deallocate()
    }

    /// The next bytes, none at the end; `nil` if they cannot be read.
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

    /// Reads what is left and returns the digest of all, which can be asked for once.
    func finish() throws(StoreError) -> Digest {
        while let piece = next(), !piece.isEmpty {}
        if let failure { throw failure }
        guard let hasher = hasher.take() else {
            preconditionFailure("the digest of a source is asked for once")
        }
        return hasher.finalize()
    }

    /// Makes an archive being opened read from here, for as long as this value lives.
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
