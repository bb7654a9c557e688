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

    /// A file or directory that an option names.
    struct FileUse: Hashable, Sendable {
        /// `option`, or `option[0]` in lists.
        let label: String
        let written: String
        let path: String

        let contents: Contents
        let position: Position

        /// What of it counts.
        enum Contents: Hashable, Sendable {
            case file
            /// A file, or every file below a directory.
            case tree
            /// The files of a directory with these names.
            case members([String])
        }
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
        var reader = OutlineReader(findings: findings)
        let outline = reader.read(root)
        var checker = PipelineChecker(
            outline: outline, kinds: kinds, overrides: overrides, findings: reader.findings)
        let stages = checker.check()
        let pipeline = Pipeline(
            source: source, name: outline.name, description: outline.description ?? "",
            parameters: checker.parameters.values, stages: stages ?? [])
        return Checked(pipeline, checker.findings)
    }

    /// The files that options name, and the directories that count with all files below them, joined with the
    /// pipeline file's directory: what `plan` asks for.
    package var namedFiles: (files: [String], trees: [String]) {
        let uses = stages.flatMap(\.files)
        return (
            uses.filter { $0.contents == .file }.map(\.path),
            uses.filter { $0.contents == .tree }.map(\.path)
        )
    }

    /// The plan, once the content of every file that an option names is known. Paths are handed to
    /// `namesInDirectory`, `digestOfFile` and `digestOfTree` joined with the pipeline file's directory; what
    /// they throw becomes a diagnostic. `digestOfTree` is for options that take directories too, which count
    /// with all files below them.
    package func plan(
        namesInDirectory: (String) throws -> [String] = {
            try FileManager.default.contentsOfDirectory(atPath: $0)
        },
        digestOfFile: (String) throws -> Digest,
        digestOfTree: ((String) throws -> Digest)? = nil
    ) -> Checked<Plan> {
        var findings = Findings(source: source)
        var known = [FileUse.Contents: [String: Result<Digest, any Error>]]()
        var planned = [PlannedStage]()
        for draft in stages {
            var digests = [String: Digest]()
            let files = draft.files.flatMap {
                Self.files(of: $0, namesInDirectory, into: &findings)
            }
            for file in files {
                let digest =
                    known[file.contents]?[file.path]
                    ?? Result {
                        if file.contents == .tree, let digestOfTree {
                            return try digestOfTree(file.path)
                        }
                        return try digestOfFile(file.path)
                    }
                known[file.contents, default: [:]][file.path] = digest
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

    /// A file itself, or the files of a directory that count, in the order of their names.
    private static func files(
        of use: FileUse, _ namesInDirectory: (String) throws -> [String],
        into findings: inout Findings
    ) -> [FileUse] {
        guard case .members(let members) = use.contents else { return [use] }
        do {
            let names = try namesInDirectory(use.path).sorted()
            let counted = names.filter { name in members.contains { name.matches($0) } }
            if counted.isEmpty {
                let mistake = Mistake.emptyDirectory(
                    use.written, option: use.label, members: members)
                findings.add(mistake, at: use.position)
            }
            return counted.map { name in
                FileUse(
                    label: "\(use.label)/\(name)", written: "\(use.written)/\(name)",
                    path: "\(use.path)/\(name)", contents: .file, position: use.position)
            }
        } catch {
            let mistake = Mistake.unreadableDirectory(
                use.written, option: use.label, reason: reason(of: error, "directory"))
            findings.add(mistake, at: use.position)
            return []
        }
    }

    private static func isNoDirectory(_ error: any Error) -> Bool {
        ((error as? CocoaError)?.underlying as? POSIXError)?.code == .ENOTDIR
    }

    private static func reason(of error: any Error, _ what: String = "file") -> String {
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
        default: return isNoDirectory(error) ? "it is no directory" : "\(error)"
        }
    }
}

extension String {
    /// Whether a name fits a pattern, in which one `*` stands for any text.
    fileprivate func matches(_ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return self == pattern }
        return utf8.count >= parts[0].utf8.count + parts[1].utf8.count && hasPrefix(parts[0])
            && hasSuffix(parts[1])
    }
}
