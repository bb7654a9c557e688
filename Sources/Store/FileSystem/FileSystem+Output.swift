import Files
import Foundation
import Pipeline

extension FileSystem {
    /// Writes an output file anywhere. A regular file, or the target of a symbolic link, is replaced atomically and
    /// keeps its mode. Devices and named pipes are written to directly. Temporary files that killed processes left next
    /// to the file are removed.
    package func writeOutput<Result>(
        to path: String, _ body: (OpenFile) throws -> Result
    ) throws -> Result {
        guard let place = try OutputPlace(path) else { return try writeThrough(path, body) }
        sweep(beside: place.target)
        let temporary = temporaryName(place.target + Store.temporaryPrefix)
        let file = try create(temporary, mode: 0o666)
        defer { close(file) }
        do {
            flock(file.number, LOCK_EX | LOCK_NB)
            place.giveAttributes(to: file)
            let result = try body(file)
            try synchronize(file)
            try rename(temporary, to: place.target)
            try synchronize(directory: FilePath.parent(place.target))
            return result
        } catch {
            discard(temporary)
            throw error
        }
    }

    package func replace(_ path: String, with text: String) throws {
        try writeOutput(to: path) { file in
            try Array(text.utf8).withUnsafeBytes { try write($0, to: file) }
        }
    }

    private func writeThrough<Result>(
        _ path: String, _ body: (OpenFile) throws -> Result
    ) throws -> Result {
        let descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw StoreError.file(operation: "write", path: path, code: errno)
        }
        let file = OpenFile(number: descriptor, path: path)
        defer { close(file) }
        return try body(file)
    }

    /// Removes the temporary files of a target whose writers are gone; active writers hold locks. Errors are ignored.
    private func sweep(beside target: String) {
        let directory = FilePath.parent(target)
        let start = FilePath.name(target) + Store.temporaryPrefix
        do {
            for name in try names(in: directory) where name.hasPrefix(start) {
                let path = FilePath.joined(directory, name)
                guard try status(path)?.kind == .file else { continue }
                let file = try open(path)
                defer { close(file) }
                if flock(file.number, LOCK_EX | LOCK_NB) == 0 { try removeFile(path) }
            }
        } catch {
            return
        }
    }
}

/// The regular file, existing or new, that a path leads to.
private struct OutputPlace {
    let target: String
    private let old: stat?

    /// `nil` for a device or a named pipe. Throws if the path cannot or must not be written.
    init?(_ path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT, lstat(path, &status) != 0 else {
                throw .file(operation: "write", path: path, code: errno == 0 ? ENOENT : errno)
            }
            guard !Self.isInStore(path) else { throw .insideStore(path: path) }
            (target, old) = (path, nil)
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard let real = realpath(path, nil) else {
                throw .file(operation: "write", path: path, code: errno)
            }
            defer { free(real) }
            guard !Self.isInStore(String(cString: real)) else { throw .insideStore(path: path) }
            (target, old) = (String(cString: real), status)
        case S_IFCHR, S_IFIFO: return nil
        case S_IFDIR: throw .file(operation: "write", path: path, code: EISDIR)
        default: throw .file(operation: "overwrite", path: path, code: EEXIST)
        }
    }

    /// Whether a parent directory of a path is a store.
    private static func isInStore(_ path: String) -> Bool {
        let parent = FilePath.parent(FilePath.absolute(path))
        guard let real = realpath(parent, nil) else { return false }
        defer { free(real) }
        var directory = String(cString: real)
        while directory != "/" {
            let layout = StoreLayout(directory)
            if access(layout.database, F_OK) == 0, access(layout.objects, F_OK) == 0 {
                return true
            }
            directory = FilePath.parent(directory)
        }
        return false
    }

    /// Gives the new file the mode and, if permitted, the owner of the old one.
    func giveAttributes(to file: OpenFile) {
        guard let old else { return }
        fchown(file.number, old.st_uid, old.st_gid)
        fchmod(file.number, old.st_mode & 0o7777)
    }
}
