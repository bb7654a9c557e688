import Foundation
import LanguageModel
import Reasoning

/// A Hugging Face model directory, with a tokenizer if it has one.
struct ModelDirectory {
    let transformer: Transformer
    let tokenizer: Tokenizer?

    init(_ directory: String, threads: Int) throws {
        transformer = try Transformer(directory: directory, threads: threads)
        let path = directory + "/tokenizer.json"
        tokenizer =
            FileManager.default.fileExists(atPath: path) ? try Tokenizer(path: path) : nil
    }

    /// A line of input: token ids, or a text for the tokenizer.
    struct Prompt: Decodable {
        let ids: [Int32]?
        let text: String?
    }

    /// The token ids of a prompt, checked against the vocabulary and the context, in which `room` more
    /// must fit.
    func tokens(of prompt: Prompt, room: Int) throws -> [Int32] {
        let ids = try ids(of: prompt)
        guard !ids.isEmpty else { throw LanguageModelError.emptyPrompt }
        let configuration = transformer.configuration
        if let id = ids.first(where: { $0 < 0 || $0 >= configuration.vocabularySize }) {
            throw LanguageModelError.token(
                id: Int(id), vocabularySize: configuration.vocabularySize)
        }
        let (length, isTooLong) = ids.count.addingReportingOverflow(room)
        guard !isTooLong, length <= configuration.contextLength else {
            throw LanguageModelError.length(
                tokens: isTooLong ? Int.max : length, limit: configuration.contextLength)
        }
        return ids
    }

    private func ids(of prompt: Prompt) throws -> [Int32] {
        if let ids = prompt.ids { return ids }
        guard let text = prompt.text else {
            throw RecordProblem.missing(field: "ids")
        }
        guard let tokenizer else {
            throw RecordProblem.other(
                "the line has a text, but the model has no tokenizer.json: give 'ids'")
        }
        return try tokenizer.encode(text)
    }
}
