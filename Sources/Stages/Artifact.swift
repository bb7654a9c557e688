import Foundation
import LanguageModel
import Pipeline
import Reasoning

/// Reading and writing the files of artifact directories.
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

    static func weights(_ directory: String) throws -> [Weight] {
        try JSONLines.read(Weight.self, from: directory + "/weights.jsonl")
    }
}

/// A model directory with its tokenizer: what every stage that runs a model starts from.
struct LoadedModel {
    let transformer: Transformer
    let tokenizer: WordTokenizer

    init(_ directory: String) throws {
        transformer = try Transformer(directory: directory)
        tokenizer = try WordTokenizer(path: directory + "/tokenizer.json")
    }

    /// The id of a word that the model must know.
    func id(_ word: String) throws -> Int32 {
        guard let id = tokenizer.id(of: word) else { throw LanguageModelError.word(word) }
        return id
    }
}

/// A trace's place: its question and its number.
struct TraceKey: Hashable {
    let question: String
    let sample: Int
}

/// A failure of a stage that its inputs or options cause.
enum StageError: Error, CustomStringConvertible, Hashable {
    case unknownQuestion(String, input: String)
    case missingAnswer(question: String)
    case unsupportedTask(String)
    case empty(String, input: String)
    case missingInput(String, because: String)
    case missingScore(question: String, sample: Int, conditioning: String)
    case missingTrace(question: String, sample: Int)
    case missingText(question: String, sample: Int, rollout: Int)
    case command(status: String, lastLine: String)
    case missingOutput(String)

    var description: String {
        switch self {
        case .unknownQuestion(let id, let input):
            "\(input) has the question \(id), which `questions` does not: give the questions that the traces were drawn for"
        case .missingAnswer(let id):
            "the question \(id) has no reference answer, which this stage needs"
        case .unsupportedTask(let task):
            "the task '\(task)' has no verifier here: 'countdown' has"
        case .empty(let what, let input):
            "the input `\(input)` has no \(what): nothing is left to work on"
        case .missingInput(let input, let reason): "the input `\(input)` is needed: \(reason)"
        case .missingScore(let question, let sample, let conditioning):
            "trace \(sample) of \(question) has no \(conditioning) score: score the same traces under both models"
        case .missingTrace(let question, let sample):
            "trace \(sample) of \(question) has a weight, but is not among `traces`: give the traces that were weighed"
        case .missingText(let question, let sample, let rollout):
            "answer \(rollout) after trace \(sample) of \(question) has a verdict, but is not among `answers`: give the answers that were verified"
        case .command(let status, let lastLine):
            "the command \(status)" + (lastLine.isEmpty ? "" : "; its last line: \(lastLine)")
        case .missingOutput(let name):
            "the command ended well but left the output `\(name)` empty: write files into ${out.\(name)}"
        }
    }
}
