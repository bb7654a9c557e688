import Foundation

extension Pipeline {
    /// Warns about files in the arguments of a program that are not part of the cache key of the stage: after an edit
    /// the stage would still be cached.
    func warn(of draft: Draft, _ isFile: (String) -> Bool, into findings: inout Findings) {
        guard draft.stage.kind.isOpen else { return }
        let arguments = draft.stage.options.names("run")
        for (place, argument) in arguments.enumerated() {
            // A program name without a slash is looked up in PATH.
            if place == 0, !argument.contains("/") { continue }
            for word in Self.words(of: argument) {
                guard let path = pathBeside(word), isFile(path),
                    !draft.files.contains(where: { Self.covers($0.file.path, path) })
                else { continue }
                findings.add(.unnamedFile(word), at: draft.stage.position)
            }
        }
    }

    /// The argument, and the part after a `=` in it, if these may be paths.
    private static func words(of argument: String) -> [String] {
        guard !argument.isEmpty, argument.utf8.count <= 1_024, !argument.contains("${"),
            !argument.contains("\n")
        else { return [] }
        let value = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return value.count == 2 && !value[1].isEmpty ? [argument, String(value[1])] : [argument]
    }

    /// The path of a word, if it is below the directory of the pipeline file.
    private func pathBeside(_ word: String) -> String? {
        let directory = source.directory
        guard word.utf8.first == UInt8(ascii: "/") else { return directory + word }
        return !directory.isEmpty && word.hasPrefix(directory) ? word : nil
    }

    /// Whether a named file or directory is `path` or contains it.
    private static func covers(_ named: String, _ path: String) -> Bool {
        let (named, path) = (plain(named), plain(path))
        return named == path || path.starts(with: named)
    }

    /// The parts of a path with `.` and `..` resolved.
    private static func plain(_ path: String) -> [Substring] {
        var parts: [Substring] = path.utf8.first == UInt8(ascii: "/") ? ["/"] : []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != "..", last != "/" {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return parts
    }
}
