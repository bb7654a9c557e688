import Foundation

/// The system's calls by which the store touches its files, one each; every failure names the path and
/// the system's code. A protocol, so that tests can cut the power or fail at every one of them. What is
/// made of them is in the extension. The database's own files are SQLite's.
package protocol FileSystem: Sendable {
    /// Makes a directory in one that exists, with what the umask leaves of `mode`. Fails with EEXIST if the
    /// name is taken.
    func makeDirectory(_ path: String, mode: UInt32) throws(StoreError)

    /// Makes a file and opens it for writing. Fails with EEXIST if the name is taken, even by a link.
    func create(_ path: String, mode: UInt32) throws(StoreError) -> OpenFile

    /// Opens a file for reading; not through a link.
    func open(_ path: String) throws(StoreError) -> OpenFile

    /// Reads up to a buffer's length; returns how much, 0 at the end. May fail with EINTR.
    func readOnce(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Int

    /// Writes at the end of what was written; returns how much was taken. May fail with EINTR.
    func writeOnce(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(StoreError) -> Int

    /// Brings a file to the disk. After a failure its pages may be gone, so it must be written anew,
    /// never synchronized again.
    func synchronize(_ file: OpenFile) throws(StoreError)

    /// Brings a directory's names to the disk.
    func synchronize(directory: String) throws(StoreError)

    func close(_ file: OpenFile)

    /// Gives a file or directory another name, which a file may have held until then.
    func rename(_ old: String, to new: String) throws(StoreError)

    func removeFile(_ path: String) throws(StoreError)

    func removeDirectory(_ path: String) throws(StoreError)

    /// Removes a file or a whole directory, if there is one, following no symbolic link. What cannot be removed
    /// stays, and hinders nothing else: the failure is thrown at the end.
    func remove(_ path: String) throws(StoreError)

    /// Makes a file or directory read-only, and its time of modification that of every unpacked artifact.
    func protect(_ path: String) throws(StoreError)

    /// Lets a directory be written again.
    func unprotect(_ path: String) throws(StoreError)

    /// What has this name; `nil` if nothing has.
    func status(_ path: String) throws(StoreError) -> FileStatus?

    /// The names in a directory, in any order; not through a link.
    func names(in directory: String) throws(StoreError) -> [String]
}

/// A file that a `FileSystem` has opened; it stays open until it is closed.
package struct OpenFile: Hashable, Sendable {
    /// What its file system knows it by.
    package let number: Int32
    package let path: String

    package init(number: Int32, path: String) {
        self.number = number
        self.path = path
    }
}
