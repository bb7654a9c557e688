import Foundation

/// A pipeline file that was read, checked and expanded: only the files it names are unread.
package struct Pipeline: Sendable {
    package let source: SourceFile
    package let name: String

    /// What the file says about itself; empty if it says nothing.
    package let description: String

    /// Every parameter with the value this run uses.
    package let parameters: [String: Value]

    let stages: [Draft]

    /// A stage that is planned but for the content of its files.
    struct Draft: Sendable {
        let stage: PlannedStage
        let files: [FileUse]
    }

    /// A file that an option names.
    struct FileUse: Hashable, Sendable {
        /// `option`, or `option[0]` in lists.
        let label: String
        let written: String
        let path: String
        let position: Position
    }

    /// Reads `source` against the stage kinds there are. `overrides` are parameter values as texts, read
    /// as YAML, that replace those of the file. Every mistake of the file is reported at once.
    package static func parse(
        _ source: SourceFile, kinds: [StageKind], overrides: [String: String] = [:]
    ) -> Checked<Pipeline> {
        var findings = Findings(source: source)
        guard let root = SyntaxReader.read(source, into: &findings) else {
            return Checked(nil, findings)
        }
        var reader = OutlineReader(kinds: kinds, findings: findings)
        let outline = reader.read(root)
        var checker = PipelineChecker(
            outline: outline, overrides: overrides, findings: reader.findings)
        let stages = checker.check()
        let pipeline = Pipeline(
            source: source, name: outline.name, description: outline.description ?? "",
            parameters: checker.parameters.values, stages: stages ?? [])
        return Checked(pipeline, checker.findings)
    }

    /// The plan, once the content of every `file` option is known. A path is handed to `digestOfFile`
    /// joined with the pipeline file's directory; what it throws becomes a diagnostic.
    package func plan(digestOfFile: (String) throws -> Digest) -> Checked<Plan> {
        var findings = Findings(source: source)
        var known = [String: Result<Digest, any Error>]()
        var planned = [PlannedStage]()
        for draft in stages {
            var digests = [String: Digest]()
            for file in draft.files {
                let digest = known[file.path] ?? Result { try digestOfFile(file.path) }
                known[file.path] = digest
                switch digest {
                case .success(let digest): digests[file.label] = digest
                case .failure(let error):
                    let mistake = Mistake.unreadableFile(
                        file.written, option: file.label, reason: Self.reason(of: error))
                    findings.add(mistake, at: file.position)
                }
            }
            planned.append(draft.stage.with(fileDigests: digests))
        }
        return Checked(Plan(stages: planned), findings)
    }

    private static func reason(of error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case CocoaError.fileNoSuchFile, CocoaError.fileReadNoSuchFile: "there is no such file"
        case CocoaError.fileReadNoPermission: "permission denied"
        default: "\(error)"
        }
    }
}
