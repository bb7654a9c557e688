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
