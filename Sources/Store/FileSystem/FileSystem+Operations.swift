import Files
import Foundation
import Pipeline
import Synchronization

extension FileSystem {
    /// Makes a directory that everybody may use whom the umask lets.
    func makeDirectory(_ path: String) throws(StoreError) {
        try makeDirectory(path, mode: 0o777)
    }

    /// Makes a directory and those above it, where they are missing.
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

    /// A name that begins with `prefix` and that nothing else has.
    func temporaryName(_ prefix: String) -> String { prefix + UUID().uuidString }

    /// Reads up to a buffer's length; returns how much, 0 at the end.
    func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Int {
        while true {
            do {
                return try readOnce(file, into: buffer)
            } catch .file(_, _, EINTR) {}
        }
    }

    /// Writes all of `bytes` after what was written.
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

    /// The size of a regular file; `nil` if there is none, or none that can be seen.
    func size(_ path: String) -> Int? {
        do {
            guard let status = try status(path), status.kind == .file else { return nil }
            return status.bytes
        } catch {
            return nil
        }
    }

    /// One call after another.
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

    /// Removes what a failed operation left. What cannot be removed stays: the failure is what must be
    /// told, and leftovers are swept later.
    func discard(_ path: String) {
        do {
            try remove(path)
        } catch {
            return
        }
    }
}

/// The directories below which archives lie and whose names this process knows to be on the disk. That one
/// is there says nothing: a process that died may have made it and not brought its name to the disk. A
/// class, for all publications of an open store share it.
final class SyncedDirectories: Sendable {
    private let paths = Mutex<Set<String>>([])

    func contains(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }

    func insert(_ path: String) { _ = paths.withLock { $0.insert(path) } }
}
