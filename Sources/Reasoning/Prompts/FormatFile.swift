import Foundation
import Yams

/// A YAML file that describes a `TraceFormat`. `prior` and `posterior` are templates with the variables
/// `question` and `hint`; `answer_start` is optional.
struct FormatFile {
    let prior: String
    let posterior: String
    let traceEnd: String
    let answerStart: String
    let answerEnd: String

    /// The maximum size of the file, in bytes.
    private static let sizeLimit = 1 << 20

    private static let keys = ["prior", "posterior", "trace_end", "answer_start", "answer_end"]

    init(_ path: String) throws(ReasoningError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw .unreadable(path: path, cause: error.localizedDescription)
        }
        do throws(FormatProblem) {
            let texts = try Self.texts(data)
            func text(_ key: String) throws(FormatProblem) -> String {
                guard let text = texts[key] else { throw .missing(key) }
                guard !text.isEmpty else { throw .empty(key) }
                return text
            }
            prior = try text("prior")
            posterior = try text("posterior")
            traceEnd = try text("trace_end")
            answerStart = texts["answer_start"] ?? ""
            answerEnd = try text("answer_end")
        } catch {
            throw .format(path: path, error)
        }
    }

    private static func texts(_ data: Data) throws(FormatProblem) -> [String: String] {
        guard data.count <= sizeLimit, let source = String(validating: data, as: UTF8.self) else {
            throw .other("it is not UTF-8 text of at most \(sizeLimit >> 20) MiB")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: source)
        } catch {
            throw .other("\(error)")
        }
        guard let mapping = root?.mapping else { throw .other("it is not a table of texts") }
        var texts: [String: String] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard keys.contains(name) else { throw .unknown(name, known: keys) }
            guard let text = value.scalar?.string else { throw .notText(name) }
            guard texts.updateValue(text, forKey: name) == nil else { throw .repeated(name) }
        }
        return texts
    }
}
