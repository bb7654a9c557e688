import Foundation
import Pipeline
import Spawn
import Synchronization

/// `command`: any program, with declared inputs, files and outputs.
struct RunCommand: Stage {
    static let kind = StageKind(
        name: "command", version: 1,
        summary:
            "Runs a program; ${in.NAME} and ${out.NAME} are the directories of inputs and outputs.",
        outputs: [],
        options: [
            .init("run", .list(.text), default: nil, "The program and its arguments."),
            .init(
                "outputs", .list(.text), default: nil,
                "Names of the outputs; the first is the main one."),
            .init(
                "files", .list(.file), default: .list([]),
                "Files the program reads, such as its script: their contents are part of the key."),
            .init(
                "environment", .list(.text), default: .list([]),
                "Names of the variables that the program sees besides PATH, HOME, LANG and TMPDIR."),
            .init(
                "secrets", .list(.text), default: .list([]), affectsResult: false,
                "Names of variables that the program sees too, but whose values are written nowhere: in logs they are ***."
            ),
        ], isOpen: true)

    private static let inherited = ["PATH", "HOME", "LANG", "TMPDIR"]

    func run(in context: StageContext) async throws {
        let arguments = context.options.texts("run").map { resolved($0, context) }
        guard let program = arguments.first else { throw StageError.noProgram }
        let variables = ProcessInfo.processInfo.environment
        let secrets = try Secrets(context.options.texts("secrets"), from: variables)
        let visible = Self.inherited + context.options.texts("environment")
        let log = context.work + "/command.log"
        // An earlier attempt's errors are not this one's.
        if FileManager.default.fileExists(atPath: log) {
            try FileManager.default.removeItem(atPath: log)
        }
        let last = Mutex("")
        let child = try ChildProcess(
            .init(
                executable: try Self.path(of: program, variables["PATH"] ?? ""),
                arguments: Array(arguments.dropFirst()),
                environment: variables.filter { visible.contains($0.key) }
                    .merging(secrets.values) { $1 },
                // What may tell a secret reaches no file: both streams arrive as lines then.
                errorFile: secrets.values.isEmpty ? log : "/dev/stdout", leadsGroup: false,
                receive: { lines in
                    _ = LineSplitter.lines(of: lines) { line in
                        if let event = StageEvent(printed: line) { return context.emit(event) }
                        let text = secrets.masked(String(decoding: line, as: UTF8.self))
                        context.emit(.log(text))
                        last.withLock { $0 = text }
                    }
                    return true
                }))
        for await case .ended(let status) in child.events {
            let errors = secrets.values.isEmpty ? try Self.lines(of: log) : []
            for line in errors { context.emit(.log(line)) }
            // They stand in the stage's log now, and need not stand twice.
            if secrets.values.isEmpty { try FileManager.default.removeItem(atPath: log) }
            let leak = try secrets.removeLeaks(from: context.outputs)
            if context.isCancelled() { throw CancellationError() }
            guard status.isSuccess else {
                throw StageError.command(
                    status: status.text, lastLine: errors.last ?? last.withLock { $0 })
            }
        }
        for (name, directory) in context.outputs {
            let contents = try FileManager.default.contentsOfDirectory(atPath: directory)
            if contents.isEmpty { throw StageError.missingOutput(name) }
        }
    }

    private func resolved(_ argument: String, _ context: StageContext) -> String {
        var text = argument
        for (name, directories) in context.inputs {
            text = text.replacingOccurrences(
                of: "${in.\(name)}", with: directories.joined(separator: " "))
        }
        for (name, directory) in context.outputs {
            text = text.replacingOccurrences(of: "${out.\(name)}", with: directory)
        }
        return text
    }

    /// The program's path, searched for as a shell would.
    private static func path(of program: String, _ searchPath: String) throws -> String {
        if program.contains("/") { return program }
        let found = searchPath.split(separator: ":").map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else { throw SpawnError(executable: program, reason: "not found in PATH") }
        return found
    }

    private static func lines(of path: String) throws -> [String] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
