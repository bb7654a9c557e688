import ArgumentParser
import Foundation
import LanguageModel
import Reasoning

/// Where a command reads records from: a file of JSON lines, or standard input.
struct RecordInput: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A file of JSON lines; - or nothing for standard input.", valueName: "file"))
    var input = "-"

    /// What standard input is called in errors.
    private static let standardInput = "standard input"

    /// One record and the line it stood on.
    struct Line<Record> {
        let record: Record
        let number: Int
    }

    var name: String { input == "-" ? Self.standardInput : input }

    /// Every record. Throws for a line that is none, naming the file and the line.
    func read<Record: Decodable>(_ type: Record.Type) throws -> [Line<Record>] {
        guard input == "-" else { return try lines(type, in: input) }
        do {
            return try lines(type, in: "/dev/stdin")
        } catch ReasoningError.line(_, let line, let problem) {
            throw ReasoningError.line(path: Self.standardInput, line: line, problem: problem)
        }
    }

    private func lines<Record: Decodable>(
        _ type: Record.Type, in path: String
    ) throws -> [Line<Record>] {
        var lines = [Line<Record>]()
        try JSONLines.forEach(type, in: path) { record, number in
            lines.append(Line(record: record, number: number))
        }
        return lines
    }

    /// Runs `body` on every record; what it throws gets the file and the line.
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
