import Files
import Foundation
import JSON

/// Errors of questions, records and their files.
package enum ReasoningError: Error, Hashable, CustomStringConvertible {
    case unreadable(path: String, cause: String)
    case unwritable(path: String, cause: String)

    /// A line (from 1) of a file of records.
    case line(path: String, line: Int, problem: RecordProblem)

    /// A record of a data set; `place` is its file and position.
    case record(place: String, problem: RecordProblem)
    case parquet(path: String)

    /// A level has fewer questions than requested.
    case tooFewQuestions(level: Int, asked: Int, available: Int, excluded: Int)
    case invalidShares([Double])
    case invalidMixture([Double])

    /// An exclusion leaves nothing of this kind to write in generated text.
    case nothingToWrite(String)
    case notAPuzzle(text: String, problem: PuzzleProblem)
    case notAModularPuzzle(text: String, problem: ModularPuzzleProblem)

    /// A file that should describe a `TraceFormat`.
    case format(path: String, FormatProblem)

    /// The question has no answer, or its answer is not a correct left-to-right chain.
    case noChain(question: String, answer: String?)

    /// The answer is not a list of steps of the question that leads to its target.
    case noSteps(question: String, answer: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let cause): "cannot read \(path): \(cause)"
        case .unwritable(let path, let cause): "cannot write \(path): \(cause)"
        case .line(let path, let line, let problem): "\(path):\(line): \(problem)"
        case .record(let place, let problem): "\(place): \(problem)"
        case .parquet(let path):
            "\(path) is a Parquet file, which cannot be read: convert it to JSON lines, for example with "
                + "duckdb -c \"COPY (FROM 'in.parquet') TO 'out.jsonl' (FORMAT json)\""
        case .tooFewQuestions(let level, let asked, let available, let excluded):
            "level \(level) has only \(available) questions"
                + (excluded == 0 ? "" : " besides \(excluded) that are excluded or in other sets")
                + ", but \(asked) were requested: request fewer, or lower the share of the level"
        case .invalidShares(let shares):
            "the shares of the levels are \(shares): give four non-negative numbers that sum to 1"
        case .invalidMixture(let shares):
            "the shares of the mixture are \(shares): give non-negative numbers that sum to 1"
        case .nothingToWrite(let kind):
            "the excluded questions leave no \(kind) for the generated text: exclude fewer questions"
        case .notAPuzzle(let text, let problem):
            "'\(text.prefix(80))' is not a Countdown question: \(problem)"
        case .notAModularPuzzle(let text, let problem):
            "'\(text.prefix(80))' is not a modular question: \(problem)"
        case .format(let path, let problem): "\(path) is not a trace format: \(problem)"
        case .noChain(let question, nil):
            "the question '\(question)' has no answer to demonstrate"
        case .noChain(let question, let answer?):
            "the answer '\(answer.prefix(80))' of the question '\(question)' cannot be demonstrated: it is "
                + "not a correct chain such as '( 4 * 8 ) + 7' with results from 0 to 99"
        case .noSteps(let question, let answer):
            "the answer '\(answer.prefix(80))' of the question '\(question)' cannot be demonstrated: its "
                + "steps are not a subsequence of the question's steps that ends at the target"
        }
    }
}

extension ReasoningError: LineFailure {
    package init(unreadable path: String, code: Int32) {
        var isDirectory = ObjCBool(false)
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        let cause = isDirectory.boolValue ? "it is a directory" : String(cString: strerror(code))
        self = .unreadable(path: path, cause: exists ? cause : "there is no such file")
    }

    package init(_ problem: LineProblem, line: Int, of path: String) {
        switch problem {
        case .notUTF8: self = .line(path: path, line: line, problem: .notUTF8)
        case .tooLong(let limit):
            self = .line(path: path, line: line, problem: .tooLong(limit: limit))
        }
    }
}

/// A problem with a line of a file of records.
package enum RecordProblem: Error, Hashable, CustomStringConvertible {
    case notUTF8
    case tooLong(limit: Int)
    case notJSON(JSONMistake)
    case notAnObject
    case missing(field: String)
    case wrongType(field: String, expected: String)
    case empty(field: String)
    case unfitNumber(field: String, number: String)

    /// A table by columns instead of a record.
    case columns(Int)

    // Problems of comma-separated values.
    case openQuote
    case quoteInCell
    case textAfterQuote
    case tooManyCells(limit: Int)
    case cellCount(Int, expected: Int)
    case repeatedColumn(String)

    // Problems of multiple-choice questions.
    case choiceCount(Int)
    case unknownChoice(String, field: String)

    /// The tests of a program.
    case tests(field: String, ProgramTestsProblem)
    case other(String)

    package var description: String {
        switch self {
        case .notUTF8: "the line is not UTF-8 text"
        case .tooLong(let limit): "the line is longer than \(limit >> 20) MiB"
        case .notJSON(let mistake): "the line is not valid JSON: \(mistake)"
        case .notAnObject: "the line is not a JSON object"
        case .missing(let field): "the field '\(field)' is missing"
        case .wrongType(let field, let expected): "the field '\(field)' is not \(expected)"
        case .empty(let field): "the field '\(field)' is empty"
        case .unfitNumber(let field, let number):
            "the field '\(field)' cannot hold the number \(number)"
        case .columns(let count):
            "it contains the columns of \(count) rows instead of one record: write one record per row"
        case .openQuote: "the quote that opens a cell here is never closed"
        case .quoteInCell:
            "a quote occurs inside a cell without quotes: put the cell in quotes and double this quote"
        case .textAfterQuote:
            "after a cell's closing quote, a separator or the end of the line is expected"
        case .tooManyCells(let limit): "the row has more than \(limit) cells"
        case .cellCount(let count, let expected):
            "the row has \(count) cells, but the header has \(expected)"
        case .repeatedColumn(let name): "two columns are named '\(name)': rename one"
        case .choiceCount(let count): "there are \(count) options to choose from, not 2 to 26"
        case .unknownChoice(let answer, let field):
            "the field '\(field)' is '\(answer.prefix(80))', which is not one of the options"
        case .tests(let field, let problem):
            "the field '\(field)' does not have tests of programs: \(problem)"
        case .other(let text): text
        }
    }
}

/// A problem with the text of a Countdown question.
package enum PuzzleProblem: Hashable, Sendable, CustomStringConvertible {
    case noTarget
    case notANumber(String)
    case wrongCount(Int)

    package var description: String {
        switch self {
        case .noTarget: "it needs one ':' between the numbers and the target"
        case .notANumber(let word): "'\(word.prefix(20))' is not a number from 0 to 999999"
        case .wrongCount(let count): "it has \(count) numbers, not 1 to 8"
        }
    }
}

/// A problem with a file that describes a format.
package enum FormatProblem: Error, Hashable, CustomStringConvertible {
    case missing(String)
    case empty(String)
    case unknown(String, known: [String])
    case notText(String)
    case repeated(String)
    case template(String, reason: String)

    /// A template that does not use a variable that the model must see.
    case unused(String, String)
    case other(String)

    package var description: String {
        switch self {
        case .missing(let key): "it has no `\(key)`"
        case .empty(let key): "its `\(key)` is empty"
        case .unknown(let key, let known):
            "it has `\(key)`, but may only have \(known.map { "`\($0)`" }.joined(separator: ", "))"
        case .notText(let key): "its `\(key)` is not a text"
        case .repeated(let key): "it has `\(key)` twice"
        case .template(let key, let reason): "its template `\(key)` cannot be rendered: \(reason)"
        case .unused(let key, let variable):
            "its template `\(key)` does not show {{ \(variable) }} to the model"
        case .other(let reason): reason
        }
    }
}

/// A problem with the text of a modular question.
package enum ModularPuzzleProblem: Hashable, Sendable, CustomStringConvertible {
    case noTarget
    case notANumber(String)
    case notAStep(String)
    case wrongCount(Int)

    package var description: String {
        switch self {
        case .noTarget: "it needs ':' and a target at its end"
        case .notANumber(let word):
            "'\(word.prefix(20))' is not a number from 0 to \(Modular.modulus - 1)"
        case .notAStep(let word): "'\(word.prefix(20))' is no step such as +5 or *3"
        case .wrongCount(let count):
            "it offers \(count) steps, not 1 to \(ModularPuzzle.stepLimit)"
        }
    }
}
