import Foundation

/// A file, or all files below a directory, with their stamps. Links are followed, but into no directory twice.
/// A path that ends in `/` stands for the directory itself, whose stamp tells whether the names in it changed.
package struct FileTree: Sendable {
    package let root: String
    package let isDirectory: Bool
    /// In the order of the directories, which stays as long as they do not change.
    package private(set) var files: [(path: String, stamp: FileStamp)] = []

    /// Directories whose files are not known, for they cannot be listed.
    package private(set) var closed: [String] = []

    /// What lies at a path now; nothing, if nothing does, or if it is a directory of which only files are
    /// wanted.
    package init(_ root: String, ifFile: Bool = false) {
        self.root = root
        guard let stamp = FileStamp(of: root) else {
            isDirectory = false
            return
        }
        isDirectory = stamp.isDirectory && !root.hasSuffix("/")
        guard isDirectory else {
            files = [(root, stamp)]
            return
        }
        if ifFile { return }
        var pending = [root]
        var visited: Set<[UInt64]> = [[stamp.device, stamp.inode]]
        while let directory = pending.popLast() {
            guard let stream = opendir(directory) else {
                closed.append(directory)
                continue
            }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                guard let stamp = FileStamp(of: name, in: dirfd(stream)) else { continue }
                let path = directory + "/" + name
                if !stamp.isDirectory {
                    files.append((path, stamp))
                } else if visited.insert([stamp.device, stamp.inode]).inserted {
                    pending.append(path)
                }
            }
        }
    }
}
