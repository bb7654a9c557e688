import CArchive

/// An open file from which libarchive reads in pieces. A class, because the callbacks of libarchive use its address; it
/// must outlive the archive.
final class ArchiveInput {
    private let file: OpenFile
    private let files: any FileSystem
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Archive.pieceSize, alignment: 64)

    /// The error of a failed read; libarchive reports only that reading failed.
    private(set) var failure: StoreError?

    init(_ file: OpenFile, on files: any FileSystem) {
        self.file = file
        self.files = files
    }

    deinit { buffer.deallocate() }

    /// Makes `archive` read from this file. Returns the status of libarchive.
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
