import CArchive

/// Where libarchive reads: an open file, a piece at a time. A class, for libarchive's callbacks know it by
/// its address; it must outlive the archive.
final class ArchiveInput {
    private let file: OpenFile
    private let files: any FileSystem
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Archive.pieceSize, alignment: 64)

    /// Why reading failed, if it did; libarchive itself only says that it did.
    private(set) var failure: StoreError?

    init(_ file: OpenFile, on files: any FileSystem) {
        self.file = file
        self.files = files
    }

    deinit { buffer.deallocate() }

    /// Makes `archive` read from here; returns libarchive's status.
    func open(_ archive: OpaquePointer) -> Int32 {
        archive_read_open(
            archive, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, address, bytes in
                guard let address else { return -1 }
                let input = Unmanaged<ArchiveInput>.fromOpaque(address).takeUnretainedValue()
                bytes?.pointee = UnsafeRawPointer(input.buffer.baseAddress)
                return input.read()
            }, nil)
    }

    private func read() -> Int {
        do {
            return try files.read(file, into: buffer)
        } catch {
            failure = error
            return -1
        }
    }
}
