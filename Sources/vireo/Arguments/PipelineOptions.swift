import ArgumentParser
import Files
import Foundation
import Pipeline
import Stages
import Store

/// The arguments of commands that read a pipeline file.
struct PipelineOptions: ParsableArguments {
    @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Sets a parameter of the pipeline.", valueName: "name=value"))
    var settings: [String] = []

    /// Reads and plans the pipeline file, and prints its warnings. On errors, prints them and exits. `digests` records
    /// which files were read; `environment` is that of the profile.
    func read(
        _ digests: FileDigests, environment: ProgramEnvironment?
    ) throws -> (pipeline: Pipeline, plan: Plan, hasWarnings: Bool) {
        let data: Data
        do {
            data = try Self.contents(ofFile: file, digests)
        } catch {
            throw CommandError.unreadable(path: file, reason: Self.reason(of: error))
        }
        let source = try Self.checked(SourceFile.decoding(data, path: file))
        let parsed = Pipeline.parse(
            source, kinds: StageRegistry.kinds, overrides: try overrides()
        ) { path in
            try Self.contents(ofFile: path, digests)
        } namesInDirectory: {
            try FileManager.default.contentsOfDirectory(atPath: $0.isEmpty ? "." : $0)
        }
        let pipeline = try Self.checked(parsed)
        try digests.look(at: pipeline.namedFiles)
        let plan = pipeline.plan(
            .init(
                environment: ProcessInfo.processInfo.environment,
                programEnvironment: environment,
                garbledVariables: ProcessInfo.processInfo.garbledVariables,
                namesInDirectory: { try digests.names(in: $0) },
                isFile: { FileStamp(of: $0)?.isRegular ?? false },
                digestOfFile: { try digests.digest(of: $0) },
                digestOfTree: { try digests.digest(ofTree: $0, ignoring: $1) }))
        let hasWarnings = !parsed.diagnostics.isEmpty || !plan.diagnostics.isEmpty
        return (pipeline, try Self.checked(plan), hasWarnings)
    }

    /// The contents of the pipeline file or of a fragment, which `digests` records.
    private static func contents(ofFile path: String, _ digests: FileDigests) throws -> Data {
        // Anything else, such as a directory or a huge file, fails below without being read.
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= SourceFile.sizeLimit
        {
            try digests.look(at: [path])
        }
        return try SourceFile.contents(ofFile: path)
    }

    private func overrides() throws -> [String: String] {
        var overrides = [String: String]()
        for setting in settings {
            let parts = setting.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { throw CommandError.setting(setting) }
            overrides[String(parts[0])] = String(parts[1])
        }
        return overrides
    }

    /// The absolute path of the directory that contains the file.
    var directory: String {
        FilePath.parent(FilePath.absolute(file))
    }

    /// Prints the diagnostics and returns the value. Exits if there is none.
    static func checked<Wrapped>(_ checked: Checked<Wrapped>) throws -> Wrapped {
        for diagnostic in checked.diagnostics {
            StandardStream.complain("\(diagnostic)\n")
        }
        guard let value = checked.value else { throw ExitCode(1) }
        return value
    }

    static func reason(of error: any Error) -> String {
        switch (error as? POSIXError)?.code {
        case .ENOENT: return "there is no such file"
        case .EACCES: return "permission denied"
        case .EISDIR: return "it is a directory"
        case .EINVAL: return "it is not a regular file"
        case let code?: return String(cString: strerror(code.rawValue))
        case nil: return error.localizedDescription
        }
    }
}

extension Plan {
    /// The ids of the instances that `names` refer to. A name is a target, a stage, a use of a fragment or an id.
    func ids(of names: [String], targets: [String: [String]]) throws -> Set<String> {
        var ids = Set<String>()
        for name in names {
            let found = (targets[name] ?? [name]).flatMap { instances(of: $0) }
            if found.isEmpty {
                let known = Set(stages.map(\.name)).union(targets.keys)
                throw CommandError.unknownStage(
                    name, known: known.sorted(),
                    suggestion: Suggestion.nearest(to: name, among: known))
            }
            ids.formUnion(found.map(\.id))
        }
        return ids
    }
}
