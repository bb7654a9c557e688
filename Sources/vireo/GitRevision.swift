import Foundation

/// The git commit that files are at, read without git.
package enum GitRevision {
    /// The commit checked out in `directory` or the nearest one above it that is a repository; `nil` if
    /// there is none.
    package static func current(of directory: String) -> String? {
        var directory = directory
        while !directory.isEmpty {
            let repository = directory + "/.git"
            if let head = line(repository + "/HEAD") { return commit(head, repository) }
            guard directory != "/" else { return nil }
            directory = (directory as NSString).deletingLastPathComponent
        }
        return nil
    }

    private static func commit(_ head: String, _ repository: String) -> String? {
        guard head.hasPrefix("ref: ") else { return head }
        let name = head.dropFirst("ref: ".count)
        if let commit = line("\(repository)/\(name)") { return commit }
        let packed = FileManager.default.contents(atPath: repository + "/packed-refs") ?? Data()
        return String(decoding: packed, as: UTF8.self).split(separator: "\n")
            .first { $0.hasSuffix(" \(name)") }
            .flatMap { $0.split(separator: " ").first.map(String.init) }
    }

    private static func line(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
