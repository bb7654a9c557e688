import Foundation

/// The system calls with which the store accesses its files. Errors name the path and the error code of the system. A
/// protocol, so that tests can simulate failures and power cuts at every call. Compound operations are in extensions.
/// SQLite accesses the database files itself.
package protocol FileSystem: Sendable {
    /// Creates a directory in an existing one with `mode`, subject to the umask. Fails with EEXIST if the name exists.
    func makeDirectory(_ path: String, mode: UInt32) throws(StoreError)

    /// Creates a file and opens it for writing. Fails with EEXIST if the name exists, even as a link.
    func create(_ path: String, mode: UInt32) throws(StoreError) -> OpenFile

    /// Opens a file for reading. Does not follow a link.
    func open(_ path: String) throws(StoreError) -> OpenFile

    /// Reads up to a buffer's length; returns how much, 0 at the end. May fail with EINTR.
    func readOnce(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Int

    /// Appends bytes. Returns the number of bytes written. May fail with EINTR.
    func writeOnce(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(StoreError) -> Int

    /// Synchronizes a file to disk. After a failure its pages may be lost, so the file must be written again, not
    /// synchronized again.
    func synchronize(_ file: OpenFile) throws(StoreError)

    /// Synchronizes the names in a directory to disk.
    func synchronize(directory: String) throws(StoreError)

    func close(_ file: OpenFile)

    /// Renames a file or directory, replacing a file with the new name.
    func rename(_ old: String, to new: String) throws(StoreError)

    func removeFile(_ path: String) throws(StoreError)

    func removeDirectory(_ path: String) throws(StoreError)

    /// Removes a file or a directory with its contents, if it exists, without following symbolic links. Continues after
    /// errors, and throws the first one at the end.
    func remove(_ path: String) throws(StoreError)

    /// Makes a file or directory read-only, and sets its modification time to that of all unpacked artifacts.
    func protect(_ path: String) throws(StoreError)

    /// Makes a directory writable again.
    func unprotect(_ path: String) throws(StoreError)

    /// The status of a path; `nil` if it does not exist.
    func status(_ path: String) throws(StoreError) -> FileStatus?

    /// The names in a directory, in any order. Does not follow a link.
    func names(in directory: String) throws(StoreError) -> [String]
}

/// A file that a `FileSystem` has opened. It must be closed explicitly.
package struct OpenFile: Hashable, Sendable {
    /// The descriptor of the file system.
    package let number: Int32
    package let path: String

    package init(number: Int32, path: String) {
        self.number = number
        self.path = path
    }
}
