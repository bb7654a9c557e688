import Files
import Foundation

/// Removes directory trees of any form: names may be arbitrary bytes, directories may deny their own removal, and paths
/// may be longer than the system limit. It continues after errors.
package struct TreeRemoval {
    private let path: String
    /// The first name that could not be removed, with the error code.
    private var failure: (name: String, code: Int32)?

    private typealias Name = [CChar]

    private init(_ path: String) { self.path = path }

    /// Removes a file or a directory with its contents, if it exists. Throws at the end if anything is left, and names
    /// the first such file.
    package static func remove(_ path: String) throws(StoreError) {
        var removal = TreeRemoval(path)
        removal.run()
        guard let failure = removal.failure else { return }
        throw .file(operation: "remove", path: failure.name, code: failure.code)
    }

    private mutating func run() {
        let name = path.utf8CString.map { $0 }
        switch Self.unlink(name, in: AT_FDCWD) {
        case 0: return
        case ENOTEMPTY: break
        case let code: return failure = (path, code)
        }
        let top = Self.open(name, in: AT_FDCWD)
        guard top >= 0 else { return failure = (path, errno) }
        empty(top)
        close(top)
        guard failure == nil else { return }
        if rmdir(path) != 0, errno != ENOENT { failure = (path, errno) }
    }

    /// Empties the open directory `top`. The contents of subdirectories are moved up first, so that paths have at most
    /// two names and at most two directories are open.
    private mutating func empty(_ top: Int32) {
        var stuck: Set<Name> = []
        while true {
            let names = names(in: top, path).filter { !stuck.contains($0) }
            if names.isEmpty { return }
            for name in names {
                var code = Self.unlink(name, in: top)
                if code == ENOTEMPTY {
                    lift(name, to: top)
                    code = Self.unlink(name, in: top)
                }
                guard code != 0 else { continue }
                stuck.insert(name)
                note(path + "/" + Self.text(name), code)
            }
        }
    }

    /// Removes the contents of the directory `name`, or moves them to `top`.
    private mutating func lift(_ name: Name, to top: Int32) {
        let directory = Self.open(name, in: top)
        let place = path + "/" + Self.text(name)
        guard directory >= 0 else { return note(place, errno) }
        defer { close(directory) }
        for inner in names(in: directory, place) {
            var code = Self.unlink(inner, in: directory)
            if code == ENOTEMPTY {
                // Moving a directory requires write permission on the directory itself, because its entry `..` changes.
                fchmodat(directory, inner, 0o700, 0)
                let lifted = UUID().uuidString
                code = renameat(directory, inner, top, lifted) == 0 ? 0 : errno
            }
            if code != 0 { note(place + "/" + Self.text(inner), code) }
        }
    }

    private mutating func note(_ name: String, _ code: Int32) {
        if failure == nil { failure = (name, code) }
    }

    /// 0 if the name no longer exists, ENOTEMPTY for a directory that is not empty, or another error code.
    private static func unlink(_ name: Name, in directory: Int32) -> Int32 {
        if unlinkat(directory, name, 0) == 0 || errno == ENOENT { return 0 }
        guard errno == EISDIR || errno == EPERM else { return errno }
        let code = errno
        if unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return 0 }
        switch errno {
        case EEXIST, ENOTEMPTY: return ENOTEMPTY
        case ENOTDIR: return code
        default: return errno
        }
    }

    /// Opens a directory, without following a link, after making it readable and writable.
    private static func open(_ name: Name, in directory: Int32) -> Int32 {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var opened = openat(directory, name, flags)
        if opened < 0, errno == EACCES {
            fchmodat(directory, name, 0o700, 0)
            opened = openat(directory, name, flags)
        }
        // A stage created the directory, so its permissions may be changed.
        if opened >= 0 { fchmod(opened, 0o700) }
        return opened
    }

    /// The names in an open directory, as zero-terminated bytes.
    private mutating func names(in directory: Int32, _ place: String) -> [Name] {
        var names: [Name] = []
        do {
            let listing = try OpenDirectory(
                openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
            while let entry = try listing.next() {
                names.append(entry.name.map { CChar(bitPattern: $0) } + [0])
            }
        } catch {
            note(place, error.code.rawValue)
        }
        return names
    }

    private static func text(_ name: Name) -> String {
        String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
