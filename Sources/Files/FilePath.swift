import Foundation

/// Paths as the system reads them: bytes between slashes. Swift's characters would join a slash with an accent
/// that follows it.
package enum FilePath {
    private static let slash = UInt8(ascii: "/")

    package static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

    /// Whether `path` is more than a name.
    package static func hasDirectory(_ path: String) -> Bool { path.utf8.contains(slash) }

    /// The directory that the last name of `path` is in: `.` if that is the whole path, `/` for the root.
    package static func parent(_ path: String) -> String {
        let whole = withoutLastSlashes(path[...].utf8)
        guard let end = whole.lastIndex(of: slash) else {
            return whole.isEmpty && isAbsolute(path) ? "/" : "."
        }
        let parent = withoutLastSlashes(whole[..<end])
        return parent.isEmpty ? "/" : String(Substring(parent))
    }

    /// The last name of `path`; empty for the root.
    package static func name(_ path: String) -> String {
        let path = withoutLastSlashes(path[...].utf8)
        guard let start = path.lastIndex(of: slash) else { return String(Substring(path)) }
        return String(Substring(path[path.index(after: start)...]))
    }

    /// `path` as it is seen from `directory`.
    package static func joined(_ directory: String, _ path: String) -> String {
        if isAbsolute(path) || directory.isEmpty || directory == "." { return path }
        return directory.utf8.last == slash ? directory + path : directory + "/" + path
    }

    /// `path` seen from `directory`, which is absolute, without empty names and `.`. A `..` stays: after a
    /// symbolic link only the system knows what it means. A current directory that was removed has no path, and
    /// what is seen from there stays as it is.
    package static func absolute(
        _ path: String, in directory: String = FileManager.default.currentDirectoryPath
    ) -> String {
        guard isAbsolute(path) || isAbsolute(directory) else { return path }
        let names = joined(directory, path).utf8.split(separator: slash)
            .filter { !$0.elementsEqual(".".utf8) }
        return "/" + names.map { String(Substring($0)) }.joined(separator: "/")
    }

    /// `path` without the slashes at its end; empty for the root, and for no path at all.
    private static func withoutLastSlashes(_ path: Substring.UTF8View) -> Substring.UTF8View {
        var path = path
        while path.last == slash { path.removeLast() }
        return path
    }
}
