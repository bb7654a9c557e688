import Files
import Foundation

/// What a file system says about a name.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file
        case directory
        /// A link, a pipe, a device, ...
        case other
    }

    package let kind: Kind
    package let bytes: Int
    package let modified: Date

    /// What tells whether it was changed.
    package let stamp: FileStamp

    package init(kind: Kind, bytes: Int, modified: Date, stamp: FileStamp) {
        self.kind = kind
        self.bytes = bytes
        self.modified = modified
        self.stamp = stamp
    }
}
