import Files
import Foundation
import Pipeline
import Synchronization

extension FileSystem {
    /// Creates a directory with mode 0777, subject to the umask.
    func makeDirectory(_ path: String) throws(StoreError) {
        try makeDirectory(path, mode: 0o777)
    }

    /// Creates a directory and its missing parents.
    func makeDirectories(_ path: String) throws(StoreError) {
        let parent = FilePath.parent(path)
        do {
            try makeDirectoryIfMissing(path)
        } catch .file(_, _, ENOENT) where parent != path {
            try makeDirectories(parent)
            try makeDirectoryIfMissing(path)
        }
    }

    private func makeDirectoryIfMissing(_ path: String) throws(StoreError) {
        do {
            try makeDirectory(path)
        } catch .file(_, _, EEXIST) {
            guard isDirectory(path) else { throw .irregular(path: path) }
        }
    }

    /// A unique name that starts with `prefix`.
    func temporaryName(_ prefix: String) -> String { prefix + UUID().uuidString }

    /// Reads at most the length of the buffer. Returns the number of bytes, 0 at the end.
    func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Int {
        while true {
            do {
                return try readOnce(file, into: buffer)
            } catch .file(_, _, EINTR) {}
        }
    }

    /// Appends all of `bytes`.
    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(StoreError) {
        var rest = bytes
        while !rest.isEmpty {
            do throws(StoreError) {
                let count = try writeOnce(rest, to: file)
                guard count > 0 else {
                    throw .file(operation: "write", path: file.path, code: EIO)
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } catch .file(_, _, EINTR) {}
        }
    }

    /// The size of a regular file; `nil` if there is none, or if it cannot be accessed.
    func size(_ path: String) -> Int? {
        do {
            guard let status = try status(path), status.kind == .file else { return nil }
            return status.bytes
        } catch {
            return nil
        }
    }

    /// Removes with single calls of the file system.
    package func remove(_ path: String) throws(StoreError) {
        guard let status = try status(path) else { return }
        do {
            guard status.kind == .directory else { return try removeFile(path) }
            for name in try names(in: path) { try remove(path + "/" + name) }
            try removeDirectory(path)
        } catch .file(_, path, ENOENT) {
            return
        }
    }

    /// Removes the files of a failed operation. Errors are ignored, because the original failure is what must be
    /// reported, and leftovers are removed later.
    func discard(_ path: String) {
        do {
            try remove(path)
        } catch {
            return
        }
    }
}

/// The directories of archives whose names this process has synchronized to disk. Existence of a directory is not
/// enough: a process that died may have created it without synchronizing its name. A class, because all publications of
/// an open store share it.
final class SyncedDirectories: Sendable {
    private let paths = Mutex<Set<String>>([])

    func contains(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }

    func insert(_ path: String) { _ = paths.withLock { $0.insert(path) } }
}
