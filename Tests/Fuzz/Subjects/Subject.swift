import Execution
import Files
import Foundation
import LanguageModel
import Pipeline
import Reasoning
import Processes
import Stages
import Store

/// A reader of files that others made. Whatever it is given, it must succeed or throw.
package enum Subject: String, CaseIterable, Sendable {
    case pipeline
    case records
    case questions
    case rows
    case safetensors
    case configuration
    case tokenizer
    case archive
    case message
    case job
    /// What programs, workers and the system say in lines.
    case lines
    /// What stands on a command line: paths, numbers, values of parameters.
    case argument
}

/// What a subject says about bytes, with what it needs around them.
package final class Examiner: Sendable {
    package let subject: Subject
    package let workplace: Workplace

    /// With one artifact, whose archive is replaced.
    private let store: PublishedStore?

    package init(_ subject: Subject) throws {
        self.subject = subject
        workplace = try Workplace()
        store =
            switch subject {
            case .archive, .rows: try PublishedStore(workplace.path("store"))
            default: nil
            }
    }

    /// Examples that can be read, and words that mean something to the subject.
    package func seeds() throws -> [[UInt8]] {
        guard let store, subject == .archive else { return subject.examples }
        return [try store.object(), try store.tar(), [UInt8](repeating: 0, count: 1_024)]
    }

    /// Reads `bytes` as a file's.
    package func examine(_ bytes: [UInt8]) throws -> String {
        try examine(file: try workplace.file(bytes, "examined"))
    }

    /// Reads a file, and does with what was read what a program would do next. Throws what the reader
    /// throws; what it only reports is returned.
    package func examine(file path: String) throws -> String {
        switch subject {
        case .pipeline: return try pipeline(path)
        case .records: return try records(path)
        case .questions: return try questions(path)
        case .rows: return try store?.rows(path) ?? ""
        case .safetensors: return try safetensors(path)
        case .configuration: return try configuration(path)
        case .tokenizer: return try tokenizer(path)
        case .archive: return try store?.unpack(path) ?? ""
        case .message: return try messages(path)
        case .job: return "\(try Job(path: path).kind)"
        case .lines: return try lines(path)
        case .argument:
            return try argument(
                String(decoding: RegularFile.contents(ofFile: path, limit: 1 << 16), as: UTF8.self))
        }
    }

    private func pipeline(_ path: String) throws -> String {
        let source = SourceFile.decoding(try SourceFile.contents(ofFile: path), path: "p.yaml")
        guard let file = source.value else { return Self.text(source.diagnostics) }
        let pipeline = Pipeline.parse(file, kinds: StageRegistry.kinds)
        guard let parsed = pipeline.value else { return Self.text(pipeline.diagnostics) }
        let plan = parsed.plan(
            .init(namesInDirectory: { _ in [] }, digestOfFile: { Digest(of: $0) }))
        let diagnostics = pipeline.diagnostics + plan.diagnostics
        return Self.text(diagnostics) + "\(plan.value?.stages.count ?? 0) stages"
    }

    private func argument(_ text: String) throws -> String {
        let source = SourceFile(
            path: FilePath.joined(FilePath.parent(text), FilePath.name(text)),
            text: """
                name: p
                params: { x: 1 }
                stages:
                  a:
                    uses: command
                    with: { run: [a, "${params.x}", "-${params.x}${out.o}"], outputs: [o] }
                    timeout: ${params.x}
                    resources: { memory: "${params.x}", time: "${params.x}" }

                """)
        let pipeline = Pipeline.parse(
            source, kinds: StageRegistry.kinds, overrides: ["x": text])
        let plan = pipeline.value?.plan(digestOfFile: { Digest(of: $0) })
        let arguments = plan?.value?.stages.first?.options.list("run") ?? []
        for case .string(let argument) in arguments { _ = ArgumentTemplate(argument) }
        if let bytes = Resources.bytes(text) { _ = Resources.text(bytes: bytes) }
        if let time = Resources.duration(text) { _ = Resources.text(time) }
        let part = Shard(text)?.range(of: .max)
        return Self.text(pipeline.diagnostics) + FilePath.absolute(text, in: "/w")
            + "\(ArgumentTemplate(text).parts.count) parts, \(part?.count ?? 0)"
    }

    private static func text(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(\.description).joined(separator: "\n")
    }

    /// As records of the type that their fields look like.
    private func records(_ path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        let bytes = try file.read(upToCount: 1 << 16) ?? Data()
        if bytes.range(of: Data("\"ids\"".utf8)) != nil {
            return "\(try JSONLines.read(Trace.self, from: path).count) traces"
        }
        if bytes.range(of: Data("\"weight\"".utf8)) != nil {
            return "\(try JSONLines.read(Example.self, from: path).count) examples"
        }
        return "\(try JSONLines.read(Question.self, from: path).count) questions"
    }

    private func questions(_ path: String) throws -> String {
        let mapping = QuestionMapping(
            task: "countdown", text: "text", answer: "solution.final", level: "level", id: "id",
            source: "from.0", defaultSource: "file")
        let reader = DataSetReader(
            format: .lines, mapping: mapping,
            members: MemberSelection(pattern: "", endings: [".jsonl"]),
            splits: Splits(name: "train", testShare: 0, seed: 0))
        var set = DataSet()
        try reader.read(.init(path, position: "files[0]", isTest: false), into: &set) {}
        return "\(set.questions.count) questions"
    }

    private func safetensors(_ path: String) throws -> String {
        let file = try SafeTensors(path: path)
        var sum = 0
        for name in file.tensors.keys {
            sum &+= file.withBytes(of: name) { $0.reduce(0) { $0 &+ Int($1) } } ?? 0
        }
        return "\(file.tensors.count) tensors, sum \(sum)"
    }

    private func configuration(_ path: String) throws -> String {
        let configuration = try ModelConfiguration(path: path)
        return "\(ParameterLayout(configuration).count) parameters"
    }

    private func tokenizer(_ path: String) throws -> String {
        let tokenizer = try Tokenizer(path: path)
        var count = 0
        for text in ["ab abab  b\u{301}1\n", "<end>ab<end>", String(repeating: "ab", count: 200)] {
            do {
                let ids = try tokenizer.encode(text)
                count += ids.count
                _ = try tokenizer.decode(ids)
            } catch LanguageModelError.word {
                continue
            }
        }
        _ = try tokenizer.decode([0, 1, .max], skippingUnknown: true)
        return "\(tokenizer.vocabularySize) tokens, \(count) ids"
    }

    private func lines(_ path: String) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let text = String(decoding: bytes, as: UTF8.self)
        var printed = PrintedEvents()
        var found = 0
        for part in text.split(separator: "\n") {
            let line = String(part)
            found += Array(line.utf8).withUnsafeBytes { printed.read($0).event == nil ? 0 : 1 }
            found += ProcessRecord(line: line, pageSize: 4096) == nil ? 0 : 1
            found += LockOwner(text: line + "\n") == nil ? 0 : 1
            do { found += try Job(line: line).threads > 0 ? 1 : 0 } catch is WorkerError {
                continue
            }
        }
        found += FileLocks.holders(ofInode: 345, in: text).count
        found += MachineMemory.limits(groups: text) { _ in text }.count
        found += MachineMemory.kills(in: text) == nil ? 0 : 1
        found += try programs(text)
        let secret = String(text.prefix(200))
        found += SecretMask([secret]).masked(secret) == secret ? 0 : 1
        return "\(found) found"
    }

    /// A reference answer of a program, a response and an output.
    private func programs(_ text: String) throws -> Int {
        let request = VerificationRequest(
            response: text + "\n```\npass\n```", gold: text, question: nil)
        guard case .success(let answer) = try ProgramAnswer.found(in: request) else { return 0 }
        let output = ProgramOutput(Array(text.utf8))
        return answer.tests.tests.count {
            output.problem(in: $0, isResult: answer.tests.function != nil) == nil
        }
    }

    private func messages(_ path: String) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return "\(lines.compactMap { WorkerMessage(line: String($0))?.line }.count) messages"
    }
}
