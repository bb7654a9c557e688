import Files
import Foundation

/// The status of a file or directory.
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

    /// The stamp, by which a change is detected.
    package let stamp: FileStamp

    package init(kind: Kind, bytes: Int, modified: Date, stamp: FileStamp) {
        self.kind = kind
        self.bytes = bytes
        self.modified = modified
        self.stamp = stamp
    }
}
