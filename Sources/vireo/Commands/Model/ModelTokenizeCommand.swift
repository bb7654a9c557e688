import ArgumentParser
import LanguageModel
import Reasoning

/// `vireo model tokenize`
struct ModelTokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Converts texts to token ids, and ids to texts.",
        discussion: """
            A line of input is {"text":"..."} or {"ids":[...]}; its output line is \
            {"ids":[...],"text":"..."} with the decoded text of the ids. Only tokenizer.json is read.
            """)

    @Argument(help: "The model directory.", completion: .directory)
    var directory: String

    @OptionGroup var input: RecordInput

    @Flag(name: .long, help: "Omit special tokens from the decoded text.")
    var skipSpecial = false

    private struct Answer: Encodable {
        let ids: [Int32]
        let text: String
    }

    func run() throws {
        let tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        let lines = try input.map(try input.read(ModelDirectory.Prompt.self)) { line in
            let ids = try ids(of: line, tokenizer)
            let text = try tokenizer.decode(ids, skippingSpecial: skipSpecial)
            return JSONLines.text(of: Answer(ids: ids, text: text)) + "\n"
        }
        try StandardStream.print(lines.joined())
    }

    private func ids(of line: ModelDirectory.Prompt, _ tokenizer: Tokenizer) throws -> [Int32] {
        if let ids = line.ids { return ids }
        guard let text = line.text else { throw RecordProblem.missing(field: "text") }
        return try tokenizer.encode(text)
    }
}
