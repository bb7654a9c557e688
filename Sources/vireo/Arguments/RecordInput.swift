import ArgumentParser
import Foundation
import LanguageModel
import Reasoning

/// The input of a command: a file of JSON lines, or standard input.
struct RecordInput: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A file of JSON lines; - or no option reads standard input.", valueName: "file"))
    var input = "-"

    /// The name of standard input in error messages.
    private static let standardInput = "standard input"

    /// A record and its line number.
    struct Line<Record> {
        let record: Record
        let number: Int
    }

    var name: String { input == "-" ? Self.standardInput : input }

    /// Reads all records. Throws for a line that is not a valid record; the error names the file and the line.
    func read<Record: Decodable>(_ type: Record.Type) throws -> [Line<Record>] {
        var lines = [Line<Record>]()
        try forEach(type) { lines.append($0) }
        return lines
    }

    /// Calls `body` with groups of `count` records; the last group may be smaller. Only one group is in memory at a
    /// time. Throws for a line that is not a valid record; the error names the file and the line.
    func forEachGroup<Record: Decodable>(
        of count: Int, _ type: Record.Type, _ body: ([Line<Record>]) throws -> Void
    ) throws {
        var group = [Line<Record>]()
        try forEach(type) { line in
            group.append(line)
            guard group.count == count else { return }
            try body(group)
            group.removeAll(keepingCapacity: true)
        }
        if !group.isEmpty { try body(group) }
    }

    private func forEach<Record: Decodable>(
        _ type: Record.Type, _ body: (Line<Record>) throws -> Void
    ) throws {
        do {
            try JSONLines.forEach(type, in: input == "-" ? "/dev/stdin" : input) {
                try body(Line(record: $0, number: $1))
            }
        } catch ReasoningError.line(_, let line, let problem) {
            throw ReasoningError.line(path: name, line: line, problem: problem)
        }
    }

    /// Calls `body` on every record, and adds the file and the line to its errors.
    func map<Record, Result>(
        _ lines: [Line<Record>], _ body: (Record) throws -> Result
    ) throws -> [Result] {
        try lines.map { line in
            do {
                return try body(line.record)
            } catch let error as LanguageModelError {
                throw CommandError.line(path: name, line: line.number, problem: error.description)
            } catch let error as RecordProblem {
                throw CommandError.line(path: name, line: line.number, problem: error.description)
            }
        }
    }
}
