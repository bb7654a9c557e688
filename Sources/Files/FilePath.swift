import Foundation

/// Operations on paths as the system interprets them: bytes separated by slashes. Swift characters would combine a
/// slash with a following accent.
package enum FilePath {
    private static let slash = UInt8(ascii: "/")

    package static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

    /// Whether `path` contains a slash.
    package static func hasDirectory(_ path: String) -> Bool { path.utf8.contains(slash) }

    /// The parent directory of `path`: `.` if it is a single name, `/` for the root.
    package static func parent(_ path: String) -> String {
        let whole = withoutLastSlashes(path[...].utf8)
        guard let end = whole.lastIndex(of: slash) else {
            return whole.isEmpty && isAbsolute(path) ? "/" : "."
        }
        let parent = withoutLastSlashes(whole[..<end])
        return parent.isEmpty ? "/" : String(Substring(parent))
    }

    /// The last component of `path`; empty for the root.
    package static func name(_ path: String) -> String {
        let path = withoutLastSlashes(path[...].utf8)
        guard let start = path.lastIndex(of: slash) else { return String(Substring(path)) }
        return String(Substring(path[path.index(after: start)...]))
    }

    /// `path` resolved relative to `directory`.
    package static func joined(_ directory: String, _ path: String) -> String {
        if isAbsolute(path) || directory.isEmpty || directory == "." { return path }
        return directory.utf8.last == slash ? directory + path : directory + "/" + path
    }

    /// `path` resolved relative to the absolute `directory`, without empty components and `.`. A `..` is kept, because
    /// only the system can resolve it after a symbolic link. If the current directory was removed, it has no path, and
    /// a relative path is returned unchanged.
    package static func absolute(
        _ path: String, in directory: String = FileManager.default.currentDirectoryPath
    ) -> String {
        guard isAbsolute(path) || isAbsolute(directory) else { return path }
        let names = joined(directory, path).utf8.split(separator: slash)
            .filter { !$0.elementsEqual(".".utf8) }
        return "/" + names.map { String(Substring($0)) }.joined(separator: "/")
    }

    /// `path` without trailing slashes; empty for the root and for an empty path.
    private static func withoutLastSlashes(_ path: Substring.UTF8View) -> Substring.UTF8View {
        var path = path
        while path.last == slash { path.removeLast() }
        return path
    }
}
