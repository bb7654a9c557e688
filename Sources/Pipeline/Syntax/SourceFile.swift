import Files
import Foundation

/// The text and path of a pipeline file.
package struct SourceFile: Hashable, Sendable {
    /// The path as given on the command line. Diagnostics print it, and `file` options are relative to its directory.
    package let path: String
    package let text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// The largest file that is read, in bytes.
    package static let sizeLimit = 1 << 20

    /// Reads a file for `decoding`, at most one byte more than `sizeLimit`.
    package static func contents(ofFile path: String) throws -> Data {
        try RegularFile.contents(ofFile: path, limit: sizeLimit + 1)
    }

    /// The text of the file, or a diagnostic that explains why its bytes are not valid.
    package static func decoding(_ data: Data, path: String) -> Checked<SourceFile> {
        let (source, mistake) = reading(data, path: path)
        var findings = Findings(source: source)
        if let mistake { findings.add(mistake.mistake, at: mistake.position) }
        return Checked(source, findings)
    }

    /// The text of the file as far as it is readable, and the mistake in its bytes.
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

    /// The line `number` (from 1) without its terminator, with control characters made visible.
    func line(_ number: Int) -> String {
        let lines = text.utf8.split(
            separator: 10, maxSplits: number, omittingEmptySubsequences: false)
        guard number >= 1, number <= lines.count else { return "" }
        var line = lines[number - 1]
        if line.last == 13 { line.removeLast() }
        return Self.visible(String(Substring(line)))
    }

    /// `text` with control characters (except for tabs) and characters that change the text direction made visible, so
    /// that a file cannot control the terminal or display its text in another order.
    static func visible(_ text: String) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            visible.unicodeScalars.append(scalar.steers && scalar != "\t" ? "\u{FFFD}" : scalar)
        }
        return visible
    }

    /// `text`, or its beginning and its end if it is long.
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
    /// Whether the scalar can control a terminal or change the display order of the surrounding text.
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

    /// 0 for the pipeline file, followed by the uses of fragments in reading order.
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
