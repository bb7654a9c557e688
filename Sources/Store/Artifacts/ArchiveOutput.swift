import CArchive
import Files
import Pipeline

/// An open file to which libarchive writes. A class, because the callbacks of libarchive use its address; it must
/// outlive the archive.
final class ArchiveOutput {
    private let file: OpenFile
    private let files: any FileSystem
    private var hasher: Digest.Hasher? = Digest.Hasher()

    /// The error of a failed write; libarchive reports only that writing failed.
    private(set) var failure: StoreError?

    init(_ file: OpenFile, on files: any FileSystem) {
        self.file = file
        self.files = files
    }

    /// Makes `archive` write to this file. Returns the status of libarchive.
    func open(_ archive: OpaquePointer) -> Int32 {
        archive_write_open2(
            archive, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, address, bytes, count in
                guard let address else { return -1 }
                let output = Unmanaged<ArchiveOutput>.fromOpaque(address).takeUnretainedValue()
                return output.write(UnsafeRawBufferPointer(start: bytes, count: count))
            }, nil, nil)
    }

    /// The digest of all written bytes. Must be called only once.
    func digest() -> Digest {
        guard let hasher = hasher.take() else {
            preconditionFailure("the digest of an archive was requested twice")
        }
        return hasher.finalize()
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        // libarchive writes buffered data even if it is freed after a failure.
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
