import Foundation

/// What a job printed itself, outside of its stage: usually why the program did not start.
struct TaskOutput: Hashable, Sendable, CustomStringConvertible {
    private let path: String
    private let lastLine: String?

    /// Reads the end of the file.
    init(_ path: String) {
        self.path = path
        let file = FileHandle(forReadingAtPath: path)
        let size = (try? file?.seekToEnd()) ?? 0
        try? file?.seek(toOffset: size > 4096 ? size - 4096 : 0)
        let data = (try? file?.readToEnd()) ?? Data()
        lastLine = String(decoding: data, as: UTF8.self).split(separator: "\n")
            .last { !$0.allSatisfy(\.isWhitespace) }.map { String($0.prefix(300)) }
    }

    var description: String {
        lastLine.map { "; the last line of its output: \($0) (\(path))" } ?? ""
    }
}
