import Foundation
import Store

/// The machine's files, with something that happens before every write.
struct FaultyFiles: FileSystem {
    private let files = LocalFileSystem()
    let write: @Sendable () throws(StoreError) -> Void

    /// As of a full disk.
    @Sendable static func full() throws(StoreError) {
        throw .file(operation: "write", path: "it", code: ENOSPC)
    }

    func writeOnce(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(StoreError) -> Int {
        try write()
        return try files.writeOnce(bytes, to: file)
    }

    func makeDirectory(_ path: String, mode: UInt32) throws(StoreError) {
        try files.makeDirectory(path, mode: mode)
    }
    func create(_ path: String, mode: UInt32) throws(StoreError) -> OpenFile {
        try files.create(path, mode: mode)
    }
    func open(_ path: String) throws(StoreError) -> OpenFile { try files.open(path) }
    func readOnce(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Int { try files.readOnce(file, into: buffer) }
    func synchronize(_ file: OpenFile) throws(StoreError) { try files.synchronize(file) }
    func synchronize(directory: String) throws(StoreError) {
        try files.synchronize(directory: directory)
    }
    func close(_ file: OpenFile) { files.close(file) }
    func rename(_ old: String, to new: String) throws(StoreError) {
        try files.rename(old, to: new)
    }
    func removeFile(_ path: String) throws(StoreError) { try files.removeFile(path) }
    func removeDirectory(_ path: String) throws(StoreError) { try files.removeDirectory(path) }
    func remove(_ path: String) throws(StoreError) { try files.remove(path) }
    func protect(_ path: String) throws(StoreError) { try files.protect(path) }
    func unprotect(_ path: String) throws(StoreError) { try files.unprotect(path) }
    func status(_ path: String) throws(StoreError) -> FileStatus? { try files.status(path) }
    func names(in directory: String) throws(StoreError) -> [String] {
        try files.names(in: directory)
    }
}
