import Foundation
import Pipeline
import Reasoning

/// Reads and writes the files of artifact directories.
enum Artifact {
    static func questions(_ directory: String) throws -> [Question] {
        try JSONLines.read(Question.self, from: directory + "/questions.jsonl")
    }

    static func examples(_ directory: String) throws -> [Example] {
        try JSONLines.read(Example.self, from: directory + "/examples.jsonl")
    }

    static func traces(_ directories: [String]) throws -> [Trace] {
        try directories.flatMap { try JSONLines.read(Trace.self, from: $0 + "/traces.jsonl") }
    }

    static func scores(_ directories: [String]) throws -> [Score] {
        try directories.flatMap { try JSONLines.read(Score.self, from: $0 + "/scores.jsonl") }
    }

    static func answers(_ directories: [String]) throws -> [Answer] {
        try directories.flatMap { try JSONLines.read(Answer.self, from: $0 + "/answers.jsonl") }
    }

    static func verdicts(_ directories: [String]) throws -> [VerdictRecord] {
        try directories.flatMap {
            try JSONLines.read(VerdictRecord.self, from: $0 + "/verdicts.jsonl")
        }
    }

    static func rollouts(_ directories: [String]) throws -> [Rollout] {
        try directories.flatMap { try JSONLines.read(Rollout.self, from: $0 + "/rollouts.jsonl") }
    }

    static func weights(_ directory: String) throws -> [Weight] {
        try JSONLines.read(Weight.self, from: directory + "/weights.jsonl")
    }
}

/// The key of a trace: its question and sample number.
struct TraceKey: Hashable {
    let question: String
    let sample: Int
}

/// A record that belongs to a trace.
protocol TraceRow {
    var question: String { get }
    var sample: Int { get }
}

extension TraceRow {
    var key: TraceKey { TraceKey(question: question, sample: sample) }
}

extension Trace: TraceRow {}
extension Score: TraceRow {}
extension Answer: TraceRow {}
extension VerdictRecord: TraceRow {}
extension Weight: TraceRow {}

extension Sequence where Element: TraceRow {
    /// The records by trace. Throws if two belong to one trace; `input` names their source.
    func byTrace(_ input: String) throws -> [TraceKey: Element] {
        try reduce(into: [:]) { rows, row in
            guard rows.updateValue(row, forKey: row.key) == nil else {
                throw StageError.repeatedTrace(
                    input, question: row.question, sample: row.sample)
            }
        }
    }
}
