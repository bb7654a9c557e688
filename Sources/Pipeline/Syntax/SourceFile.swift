import Files
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

    /// What `decoding` needs of a file: a larger one is not read to its end.
    package static func contents(ofFile path: String) throws -> Data {
        try RegularFile.contents(ofFile: path, limit: sizeLimit + 1)
    }

    /// The file's text, or the diagnostic that says why its bytes are none.
    package static func decoding(_ data: Data, path: String) -> Checked<SourceFile> {
        let (source, mistake) = reading(data, path: path)
        var findings = Findings(source: source)
        if let mistake { findings.add(mistake.mistake, at: mistake.position) }
        return Checked(source, findings)
    }

    /// The file's text, as far as it can be read, and what is wrong with its bytes.
    static func reading(
        _ data: Data, path: String
    ) -> (source: SourceFile, mistake: (mistake: Mistake, position: Position)?) {
        guard data.count <= sizeLimit else {
            return (SourceFile(path: path, text: ""), (.tooLarge(limit: sizeLimit), .start))
        }
        guard let text = String(data: data, encoding: .utf8) else {
            let readable = SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
            let wrong = readable.text.unicodeScalars.firstIndex(of: "\u{FFFD}")
            return (readable, (.notUTF8, wrong.map(readable.position(of:)) ?? .start))
        }
        let hasMark = text.unicodeScalars.first == "\u{FEFF}"
        let content = hasMark ? String(text.unicodeScalars.dropFirst()) : text
        return (SourceFile(path: path, text: content), nil)
    }

    /// The directory that `file` options are relative to.
    package var directory: String {
        let bytes = path.utf8
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(Substring(bytes[...slash]))
    }

    /// The line `number` (from 1) without its end, control characters made visible.
    func line(_ number: Int) -> String {
        let lines = text.utf8.split(
            separator: 10, maxSplits: number, omittingEmptySubsequences: false)
        guard number >= 1, number <= lines.count else { return "" }
        var line = lines[number - 1]
        if line.last == 13 { line.removeLast() }
        return Self.visible(String(Substring(line)))
    }

    /// `text` with control characters, but for tabs, and changes of direction made visible: a file can
    /// neither steer the terminal nor show its text in another order than it has.
    static func visible(_ text: String) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            visible.unicodeScalars.append(scalar.steers && scalar != "\t" ? "\u{FFFD}" : scalar)
        }
        return visible
    }

    /// `text`, or its beginning and its end where it is long.
    static func clipped(_ text: String) -> String {
        guard text.utf8.count > 1_200, text.unicodeScalars.count > 1_200 else { return text }
        return String(text.unicodeScalars.prefix(800)) + " … "
            + String(text.unicodeScalars.suffix(300))
    }

    func position(of index: String.UnicodeScalarView.Index) -> Position {
        let before = text.unicodeScalars[..<index]
        let lineStart =
            before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
        return Position(
            line: before.count { $0 == "\n" } + 1, column: before[lineStart...].count + 1)
    }
}

extension Unicode.Scalar {
    /// Whether it does something to a terminal, or to the order in which the text around is shown.
    var steers: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// A place in a pipeline file or a fragment; lines and columns count from 1, columns in Unicode scalars.
package struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    /// 0 for the pipeline file, then the uses of fragments in the order in which they are read.
    package let file: Int

    package init(line: Int, column: Int, file: Int = 0) {
        self.line = line
        self.column = column
        self.file = file
    }

    package static let start = Position(line: 1, column: 1)

    package var description: String { "\(line):\(column)" }

    func placed(in file: Int) -> Position { Position(line: line, column: column, file: file) }

    package static func < (left: Position, right: Position) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}
