import Foundation

/// The text of a pipeline file and the path people know it by.
package struct SourceFile: Hashable, Sendable {
    /// As given on the command line: what diagnostics print, and where `file` options start from.
    package let path: String
    package let text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// The largest file that is read, in bytes.
    package static let sizeLimit = 1 << 20

    /// The file's text, or the diagnostic that says why its bytes are none.
    package static func decoding(_ data: Data, path: String) -> Checked<SourceFile> {
        guard let text = String(data: data, encoding: .utf8) else {
            let readable = SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
            var findings = Findings(source: readable)
            let wrong = readable.text.unicodeScalars.firstIndex(of: "\u{FFFD}")
            findings.add(.notUTF8, at: wrong.map(readable.position(of:)) ?? .start)
            return Checked(nil, findings)
        }
        let hasMark = text.unicodeScalars.first == "\u{FEFF}"
        let content = hasMark ? String(text.unicodeScalars.dropFirst()) : text
        return Checked(value: SourceFile(path: path, text: content), diagnostics: [])
    }

    /// The directory that `file` options are relative to.
    var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[...slash])
    }

    /// The line `number` (from 1) without its end, control characters made visible.
    func line(_ number: Int) -> String {
        var lines = text.unicodeScalars.split(
            maxSplits: number, omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" })
        guard number >= 1, number <= lines.count else { return "" }
        if lines[number - 1].last == "\r" { lines[number - 1].removeLast() }
        return Self.visible(String(lines[number - 1]))
    }

    /// `text` with control characters, but for tabs, made visible: a file cannot steer the terminal.
    static func visible(_ text: String) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
            visible.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
        }
        return visible
    }

    func position(of index: String.UnicodeScalarView.Index) -> Position {
        let before = text.unicodeScalars[..<index]
        let lineStart =
            before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
        return Position(
            line: before.count { $0 == "\n" } + 1, column: before[lineStart...].count + 1)
    }
}

/// A place in a file; lines and columns count from 1, columns in Unicode scalars.
package struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static let start = Position(line: 1, column: 1)

    package var description: String { "\(line):\(column)" }

    package static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
