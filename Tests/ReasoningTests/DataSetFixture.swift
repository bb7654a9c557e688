import Foundation
import Reasoning
import TestSupport

/// Reads data sets of questions in the field `q` with answers in `a`.
struct DataSetFixture {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    func reader(
        _ format: RecordFormat = .lines, endings: [String] = [".jsonl"], pattern: String = "",
        testMembers: String = "", passphrase: String = ""
    ) -> DataSetReader {
        DataSetReader(
            format: format,
            mapping: QuestionMapping(task: "t", text: "q", answer: "a", defaultSource: "s"),
            members: MemberSelection(pattern: pattern, endings: endings), testMembers: testMembers,
            splits: Splits(name: "train", testShare: 0, seed: 0), passphrase: passphrase)
    }

    func read(_ path: String, with reader: DataSetReader) throws -> DataSet {
        var set = DataSet()
        let file = DataSetReader.File(path, position: "files[0]", isTest: false)
        try reader.read(file, into: &set) {}
        return set
    }

    /// The texts of the questions of the file `name`.
    func texts(_ name: String, with reader: DataSetReader? = nil) throws -> [String] {
        try read(directory.file(name), with: reader ?? self.reader()).questions.map(\.text)
    }

    /// The message of the error with which reading the file `name` ends, with `@` for its path.
    func message(_ name: String, with reader: DataSetReader? = nil) -> String {
        do {
            return "no error, but \(try texts(name, with: reader))"
        } catch {
            return "\(error)".replacing(directory.file(name), with: "@")
        }
    }

    /// A line with a question.
    static func line(_ text: String) -> String { #"{"q":"\#(text)","a":"1"}"# + "\n" }
}
