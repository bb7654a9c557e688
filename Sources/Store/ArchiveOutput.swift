import CArchive

/// Where libarchive writes: an open file. A class, for libarchive's callbacks know it by its address; it
/// must outlive the archive.
final class ArchiveOutput {
    private let file: OpenFile
    private let files: any FileSystem

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

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        // libarchive writes what it holds even when it is freed after a failure.
        guard failure == nil else { return -1 }
        do {
            try files.write(bytes, to: file)
            return bytes.count
        } catch {
            failure = error
            return -1
        }
    }
}
