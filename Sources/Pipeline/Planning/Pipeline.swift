import Files
import Foundation
import JSON

/// A pipeline file after parsing, checking and expansion. The files that it names have not been read.
package struct Pipeline: Sendable {
    package let source: SourceFile

    /// The distinct fragments that the file uses.
    package let fragments: [SourceFile]
    package let name: String

    /// The description in the file; empty if there is none.
    package let description: String

    /// All parameters with their values in this run.
    package let parameters: [String: JSONValue]

    /// The names of the stages of each target.
    package let targets: [String: [String]]

    let stages: [Draft]
    let files: Findings

    /// A planned stage without the digests of its files.
    struct Draft: Sendable {
        let stage: PlannedStage
        let files: [FileUse]

        /// Where the file gives the `timeout` and each of the `resources`.
        let places: [String: Position]
    }

    /// A file or directory that an option names, with its position.
    struct FileUse: Hashable, Sendable {
        var file: NamedFile
        let position: Position
    }

    /// Parses `source` with the given stage kinds. `overrides` are values of parameters, as YAML texts, that replace
    /// those of the file. `contents` reads a fragment, at most `SourceFile.sizeLimit + 1` bytes; `namesInDirectory`
    /// tells which others there are. All mistakes in the files are reported together.
    package static func parse(
        _ source: SourceFile, kinds: [StageKind], overrides: [String: String] = [:],
        contents: (String) throws -> Data = { _ in throw POSIXError(.ENOENT) },
        namesInDirectory: @escaping (String) throws -> [String] = { _ in [] }
    ) -> Checked<Pipeline> {
        var findings = Findings(source: source)
        guard let root = SyntaxReader.read(source, into: &findings) else {
            return Checked(nil, findings)
        }
        var reader = OutlineReader(findings: findings)
        let outline = reader.read(root)
        findings = reader.findings
        let parameters = ParameterTable(
            outline.parameters, overrides: overrides, into: &findings)
        for parameter in outline.unusedParameters {
            findings.add(.unusedParameter(parameter.key), at: parameter.position)
        }
        let expanded = withoutActuallyEscaping(contents) { contents in
            var expansion = FragmentExpansion(
                scope: parameters.scope, findings: findings, contents: contents,
                namesInDirectory: namesInDirectory)
            let expanded = expansion.expand(outline)
            findings = expansion.findings
            return expanded
        }
        var checker = PipelineChecker(
            outline: expanded, parameters: parameters, kinds: kinds, findings: findings)
        let stages = checker.check()
        var paths = Set([source.path])
        let targets = expanded.targets.map { ($0.name, $0.stages.map(\.spelling)) }
        let pipeline = Pipeline(
            source: source,
            fragments: checker.findings.sources.filter { paths.insert($0.path).inserted },
            name: outline.name, description: outline.description ?? "",
            parameters: checker.parameters.values,
            targets: Dictionary(targets, uniquingKeysWith: { first, _ in first }),
            stages: stages ?? [], files: checker.findings)
        return Checked(pipeline, checker.findings)
    }

    /// The text of the file and of its fragments as documents of one YAML stream, as recorded with a run.
    package var text: String {
        fragments.reduce(source.text) { text, fragment in
            (text.last == "\n" || text.isEmpty ? text : text + "\n")
                + "--- # \(fragment.path)\n" + fragment.text
        }
    }

    /// All files and directories that options name; `plan` needs their digests.
    package var namedFiles: [NamedFile] { stages.flatMap(\.files).map(\.file) }

    /// The environment of the pipeline file that a plan depends on. Paths are joined with the directory of the file.
    /// Errors that the closures throw become diagnostics.
    package struct PlanningEnvironment {
        package var environment: [String: String]

        /// The environment of the programs of `command` stages, which is part of their cache keys.
        package var programEnvironment: ProgramEnvironment?

        /// The names of the environment variables whose values are not UTF-8.
        package var garbledVariables: Set<String>
        package var namesInDirectory: (String) throws -> [String]
        package var isFile: (String) -> Bool
        package var digestOfFile: (String) throws -> Digest

        /// The digest of a file, or of all files below a directory except for those with names to ignore.
        package var digestOfTree: (_ path: String, _ ignoring: [String]) throws -> Digest

        package init(
            environment: [String: String] = [:],
            programEnvironment: ProgramEnvironment? = nil,
            garbledVariables: Set<String> = [],
            namesInDirectory: @escaping (String) throws -> [String] = {
                try FileManager.default.contentsOfDirectory(atPath: $0)
            },
            isFile: @escaping (String) -> Bool = { _ in false },
            digestOfFile: @escaping (String) throws -> Digest,
            digestOfTree: ((String, [String]) throws -> Digest)? = nil
        ) {
            self.environment = environment
            self.programEnvironment = programEnvironment
            self.garbledVariables = garbledVariables
            self.namesInDirectory = namesInDirectory
            self.isFile = isFile
            self.digestOfFile = digestOfFile
            self.digestOfTree = digestOfTree ?? { path, _ in try digestOfFile(path) }
        }
    }

    /// Makes the plan, with the digests of all files that options name.
    package func plan(_ world: PlanningEnvironment) -> Checked<Plan> {
        var findings = files.withoutMistakes
        var known = [FileContent: Result<Digest, any Error>]()
        func digest(of file: NamedFile) -> Result<Digest, any Error> {
            let content = FileContent(file)
            if let digest = known[content] { return digest }
            let digest = Result {
                if case .tree(let ignored) = file.contents {
                    return try world.digestOfTree(file.path, ignored)
                }
                return try world.digestOfFile(file.path)
            }
            known[content] = digest
            return digest
        }
        var planned = [PlannedStage]()
        for draft in stages {
            var digests = [String: Digest]()
            var missing = [NamedFile]()
            /// Whether a file is merely not there yet, and the pipeline says where to get it.
            func isAwaited(_ file: NamedFile, _ error: any Error) -> Bool {
                guard draft.stage.origin != nil, Self.isMissing(error) else { return false }
                missing.append(file)
                return true
            }
            let uses = draft.files.flatMap {
                Self.files(of: $0, world.namesInDirectory, into: &findings, unless: isAwaited)
            }
            for use in uses {
                switch digest(of: use.file) {
                case .success(let digest): digests[use.file.label] = digest
                case .failure(let error) where isAwaited(use.file, error): continue
                case .failure(let error):
                    let mistake = Mistake.unreadableFile(
                        use.file.written, option: use.file.label, reason: Self.reason(of: error))
                    findings.add(mistake, at: use.position)
                }
            }
            var files = draft.files.map(\.file)
            if draft.stage.kind.runsProgram, let environment = world.programEnvironment {
                files.append(environment.file)
                switch digest(of: environment.file) {
                case .success(let digest): digests[environment.file.label] = digest
                case .failure(let error):
                    findings.add(
                        .unreadableEnvironment(environment, reason: Self.reason(of: error)), at: nil
                    )
                }
            }
            warn(of: draft, world.isFile, into: &findings)
            for name in draft.stage.secrets
            where isSecret(world.environment[name] ?? "") {
                findings.add(.secretInPipeline(name), at: draft.stage.position)
            }
            for (name, option) in draft.stage.namedVariables
            where world.garbledVariables.contains(name) {
                findings.add(.garbledVariable(name, option: option), at: draft.stage.position)
            }
            let values = draft.stage.declaredVariables.map { name in
                (name, world.environment[name].map { Digest(of: $0) })
            }
            planned.append(
                draft.stage.with(
                    fileDigests: digests, of: files, missing: missing,
                    environment: Dictionary(values, uniquingKeysWith: { first, _ in first })))
        }
        return Checked(Plan(stages: planned), findings)
    }

    /// Whether the recorded text of the pipeline contains the value of a secret. A value that is too short to be masked
    /// fails its stage instead.
    private func isSecret(_ value: String) -> Bool {
        let mask = SecretMask([value])
        guard mask.longestValue >= SecretMask.leastBytes else { return false }
        return [text, JSONValue.object(parameters).canonical].contains { text in
            var text = text
            return text.withUTF8 { mask.isFound(in: UnsafeRawBufferPointer($0)) }
        }
    }

    package func plan(digestOfFile: @escaping (String) throws -> Digest) -> Checked<Plan> {
        plan(PlanningEnvironment(digestOfFile: digestOfFile))
    }

    /// Identifies a file, whose digest is computed once for all stages that name it.
    private struct FileContent: Hashable {
        let path: ExactText
        let contents: NamedFile.Contents
        let ignored: [ExactText]

        init(_ file: NamedFile) {
            path = ExactText(file.path)
            contents = file.contents
            ignored =
                if case .tree(let ignored) = contents { ignored.map { ExactText($0) } } else { [] }
        }
    }

    /// The file itself, or the matching files of a directory, sorted by name. Errors about which `isAwaited` is true
    /// are no mistakes.
    private static func files(
        of use: FileUse, _ namesInDirectory: (String) throws -> [String],
        into findings: inout Findings, unless isAwaited: (NamedFile, any Error) -> Bool
    ) -> [FileUse] {
        guard case .members(let patterns) = use.file.contents else { return [use] }
        let file = use.file
        do {
            let counted = file.members(of: try namesInDirectory(file.path)) ?? []
            if counted.isEmpty {
                let mistake = Mistake.emptyDirectory(
                    file.written, option: file.label, members: patterns)
                findings.add(mistake, at: use.position)
            }
            if Set(counted).count < counted.count {
                let mistake = Mistake.unreadableDirectory(
                    file.written, option: file.label,
                    reason: "two of its file names differ only in their Unicode encoding")
                findings.add(mistake, at: use.position)
            }
            return counted.map { name in
                FileUse(
                    file: NamedFile(
                        label: "\(file.label)/\(name)", written: "\(file.written)/\(name)",
                        path: "\(file.path)/\(name)", contents: .file),
                    position: use.position)
            }
        } catch {
            if isAwaited(file, error) { return [] }
            let mistake = Mistake.unreadableDirectory(
                file.written, option: file.label, reason: reason(of: error, "directory"))
            findings.add(mistake, at: use.position)
            return []
        }
    }

    /// Whether there is no file or directory of this name.
    private static func isMissing(_ error: any Error) -> Bool {
        switch error {
        case let error as POSIXError: error.code == .ENOENT
        case let error as CocoaError: [.fileNoSuchFile, .fileReadNoSuchFile].contains(error.code)
        default: false
        }
    }

    private static func isNoDirectory(_ error: any Error) -> Bool {
        ((error as? CocoaError)?.underlying as? POSIXError)?.code == .ENOTDIR
    }

    static func reason(of error: any Error, _ what: String = "file") -> String {
        switch (error as? POSIXError)?.code {
        case .ENOENT: return "there is no such \(what)"
        case .EACCES: return "permission denied"
        case .EISDIR: return "it is a directory"
        case .EINVAL: return "it is neither a file nor a directory"
        case let code?: return String(cString: strerror(code.rawValue))
        case nil: break
        }
        switch (error as? CocoaError)?.code {
        case CocoaError.fileNoSuchFile, CocoaError.fileReadNoSuchFile:
            return "there is no such \(what)"
        case CocoaError.fileReadNoPermission: return "permission denied"
        default: return isNoDirectory(error) ? "it is not a directory" : "\(error)"
        }
    }
}
