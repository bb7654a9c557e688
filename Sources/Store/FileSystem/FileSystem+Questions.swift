import Foundation

extension FileSystem {
    /// Whether the path is a directory and not a link to one.
    func isDirectory(_ path: String) -> Bool { known(path)?.kind == .directory }

    /// Whether the path exists.
    func exists(_ path: String) -> Bool { known(path) != nil }

    /// The sorted names in a directory; empty if it cannot be read.
    func listing(_ directory: String) -> [String] {
        do {
            return try names(in: directory).sorted()
        } catch {
            return []
        }
    }

    /// The size of a file, or of all files below a directory.
    func bytes(below path: String) -> Int {
        guard let status = known(path) else { return 0 }
        guard status.kind == .directory else { return status.bytes }
        return listing(path).reduce(0) { $0 + bytes(below: path + "/" + $1) }
    }

    /// Creates an empty directory whose name starts with `prefix`.
    func makeTemporaryDirectory(_ prefix: String) throws(StoreError) -> String {
        let path = temporaryName(prefix)
        try makeDirectory(path)
        return path
    }

    func known(_ path: String) -> FileStatus? {
        do {
            return try status(path)
        } catch {
            return nil
        }
    }
}
