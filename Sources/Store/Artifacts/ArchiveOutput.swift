import CArchive
import Files
import Pipeline

/// Where libarchive writes: an open file. A class, for libarchive's callbacks know it by its address; it
/// must outlive the archive.
final class ArchiveOutput {
    private let file: OpenFile
    private let files: any FileSystem
    private var hasher: Digest.Hasher? = Digest.Hasher()

    /// Why writing failed, if it did; libarchive itself only says that it did.
    private(set) var failure: StoreError?

    init(_ file: OpenFile, on files: any FileSystem) {
        self.file = file
        self.files = files
    }

    /// Makes `archive` write here; returns libarchive's status.
    func open(_ archive: OpaquePointer) -> Int32 {
        archive_write_open2(
            archive, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, address, bytes, count in
                guard let address else { return -1 }
                let output = Unmanaged<ArchiveOutput>.fromOpaque(address).takeUnretainedValue()
                return output.write(UnsafeRawBufferPointer(start: bytes, count: count))
            }, nil, nil)
    }

    /// The digest of all that was written, which can be asked for once.
    func digest() -> Digest {
        guard let hasher = hasher.take() else {
            preconditionFailure("the digest of an archive is asked for once")
        }
        return hasher.finalize()
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        // libarchive writes what it holds even when it is freed after a failure.
        guard failure == nil else { return -1 }
        do {
            try files.write(bytes, to: file)
            hasher?.update(bytes)
            return bytes.count
        } catch {
            failure = error
            return -1
        }
    }
}
