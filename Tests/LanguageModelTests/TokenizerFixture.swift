import Foundation
import LanguageModel

/// A byte-level tokenizer with what Hugging Face's tokenizers makes of texts (see Tests/Fixtures/README.md).
struct TokenizerFixture {
    struct Case: Decodable {
        let text: String
        let ids: [Int32]
        let decoded: String
        let decoded_skip_special: String
    }

    struct Fragment: Decodable {
        let ids: [Int32]
        let decoded: String
    }

    private struct Expected: Decodable {
        let cases: [Case]
        let fragments: [Fragment]
    }

    static let directory =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/tokenizer").path

    let cases: [Case]
    let fragments: [Fragment]

    init() throws {
        let path = Self.directory + "/expected.json"
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        cases = expected.cases
        fragments = expected.fragments
    }

    static func tokenizer(_ file: String = "tokenizer.json") throws -> Tokenizer {
        try Tokenizer(path: directory + "/" + file)
    }

    /// The tokenizer's file with changes.
    static func json(_ change: (inout [String: Any]) -> Void) throws -> String {
        let path = directory + "/tokenizer.json"
        var fields =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
            as! [String: Any]
        change(&fields)
        return String(
            decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
    }

    /// The tokenizer that a text as a file gives; `FILE` stands for its path in the error's text.
    static func read(_ json: String) throws -> Tokenizer {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString).path
        try json.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            return try Tokenizer(path: path)
        } catch let error as LanguageModelError {
            throw Refusal(
                text: error.description.replacingOccurrences(of: path, with: "FILE"))
        }
    }

    struct Refusal: Error, Hashable {
        let text: String
    }
}

extension String {
    /// What makes two strings the same text; `==` takes canonically equivalent ones for equal.
    var scalars: [UInt32] { unicodeScalars.map(\.value) }
}
