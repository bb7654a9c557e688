import Files
import Foundation
import Glibc

/// A shared cache in a directory. A file appears under its name only when it is complete and on disk, and the first one
/// stays, even if the writing process is killed or several write at the same time.
package struct DirectoryRemote: RemoteStorage {
    private let directory: String
    private let files: any FileSystem = LocalFileSystem()
    /// For files to be put, which may be symbolic links.
    private let sources: any FileSystem = LocalFileSystem(followsLinks: true)

    /// Called with the path of a temporary file before it gets its name, for tests.
    private let isReady: @Sendable (String) -> Void

    /// `directory` is an absolute path. It is never created, because it may be an absent mount.
    package init(_ directory: String, isReady: @escaping @Sendable (String) -> Void = { _ in }) {
        self.directory = directory
        self.isReady = isReady
    }

    package func names(in folder: String) throws(RemoteError) -> Set<String> {
        try check()
        do {
            return Set(try files.names(in: directory + "/" + folder))
        } catch .file(_, _, ENOENT) {
            return []
        } catch {
            throw Self.failure(error)
        }
    }

    package func sizes(of names: [String]) throws(RemoteError) -> [String: Int] {
        try check()
        var sizes: [String: Int] = [:]
        for name in names {
            do {
                guard let status = try files.status(directory + "/" + name) else { continue }
                sizes[name] = status.bytes
            } catch {
                throw Self.failure(error)
            }
        }
        return sizes
    }

    package func fetch(_ names: [String], bytes: Int, to target: String) throws(RemoteError) {
        try check()
        var first: RemoteError?
        for name in names {
            do throws(StoreError) {
                try copy(directory + "/" + name, from: files, to: target + "/" + name)
            } catch .file(_, _, ENOENT) {
                continue
            } catch {
                // A network file system may fail for one file only, such as with a stale handle.
                first = first ?? Self.failure(error)
            }
        }
        if let first { throw first }
    }

    package func put(_ names: [String], bytes: Int, from source: String) throws(RemoteError) {
        try check()
        var folders: Set<String> = []
        do throws(StoreError) {
            for name in names {
                let path = directory + "/" + name
                if try files.status(path) != nil { continue }
                let folder = FilePath.parent(path)
                try files.makeDirectories(folder)
                let temporary = folder + "/" + Self.temporaryPrefix + UUID().uuidString
                defer { files.discard(temporary) }
                try copy(source + "/" + name, from: sources, to: temporary)
                isReady(temporary)
                // Unlike a rename, a link never replaces a file.
                guard link(temporary, path) == 0 || errno == EEXIST else {
                    throw .file(operation: "link", path: path, code: errno)
                }
                folders.insert(folder)
            }
            for folder in folders { try files.synchronize(directory: folder) }
        } catch {
            throw Self.failure(error)
        }
    }

    /// The prefix of unfinished files, which killed processes leave.
    static let temporaryPrefix = ".tmp-"

    /// Copies a file to a new, synchronized file.
    private func copy(
        _ source: String, from sources: any FileSystem, to target: String
    ) throws(StoreError) {
        let input = try sources.open(source)
        defer { sources.close(input) }
        try files.makeDirectories(FilePath.parent(target))
        let output = try files.create(target, mode: 0o444)
        defer { files.close(output) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Archive.pieceSize, alignment: 64)
        defer { buffer.deallocate() }
        while case let count = try sources.read(input, into: buffer), count > 0 {
            try files.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: output)
        }
        try files.synchronize(output)
    }

    private func check() throws(RemoteError) {
        // The directory itself may be a symbolic link.
        var status = stat()
        guard stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .noDirectory(path: directory)
        }
        if Task.isCancelled { throw .stopped }
    }

    private static func failure(_ error: StoreError) -> RemoteError {
        if case .file(let operation, let path, let code) = error {
            return .file(operation: operation, path: path, code: code)
        }
        return .file(operation: "use", path: "\(error)", code: EIO)
    }
}
