import Foundation
import Glibc

/// An open directory. Its entries are read one after another; `.` and `..` are left out. All errors are those of the
/// system. A class, because it is closed with its last owner.
package final class OpenDirectory {
    package struct Entry {
        /// The bytes of the name, which need not be UTF-8.
        package let name: [UInt8]
        package let inode: UInt64
        /// `DT_LNK`, `DT_UNKNOWN` and so on.
        package let type: Int

        /// The name, with a replacement for bytes that are not UTF-8.
        package var text: String { String(decoding: name, as: UTF8.self) }
    }

    private let stream: OpaquePointer

    /// Opens the directory at `path`, which may be a link to it.
    package convenience init(_ path: String) throws(POSIXError) {
        try self.init(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    /// Takes over an open directory, also if this fails. A negative number is the failure of the call that returned it.
    package init(_ descriptor: Int32) throws(POSIXError) {
        guard descriptor >= 0 else { throw .last }
        guard let stream = fdopendir(descriptor) else {
            let error = POSIXError.last
            close(descriptor)
            throw error
        }
        self.stream = stream
    }

    deinit { closedir(stream) }

    /// Valid as long as this value exists.
    package var descriptor: Int32 { dirfd(stream) }

    /// The next entry; nil at the end.
    package func next() throws(POSIXError) -> Entry? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw .last }
                return nil
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name != [UInt8(ascii: ".")], name != Array("..".utf8) else { continue }
            return Entry(
                name: name, inode: UInt64(entry.pointee.d_ino), type: Int(entry.pointee.d_type))
        }
    }

    /// The names of the entries that are left.
    package func names() throws(POSIXError) -> [String] {
        var names: [String] = []
        while let entry = try next() { names.append(entry.text) }
        return names
    }
}
