import ArgumentParser
import LanguageModel
import Reasoning

/// `vireo model tokenize`
struct ModelTokens: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Turns texts into token ids, and these back into texts.",
        discussion: """
            A line of input is {"text":"..."}; its answer is {"ids":[...],"text":"..."} with the text that \
            the ids stand for. Only tokenizer.json is read.
            """)

    @Argument(help: "The model directory.", completion: .directory)
    var directory: String

    @OptionGroup var input: RecordInput

    private struct Question: Decodable {
        let text: String
    }

    private struct Answer: Encodable {
        let ids: [Int32]
        let text: String
    }

    func run() throws {
        let tokenizer = try WordTokenizer(path: directory + "/tokenizer.json")
        let lines = try input.map(try input.read(Question.self)) { question in
            let ids = try tokenizer.encode(question.text)
            return JSONLines.text(of: Answer(ids: ids, text: try tokenizer.decode(ids))) + "\n"
        }
        try StandardStream.print(lines.joined())
    }
}
