import Files
import Foundation
import JSON

/// Replaces each stage that uses a fragment by the stages of the fragment: `arm` becomes `arm/weights`, `arm/data` and
/// so on. References to `${params.name}` and `inputs.name` in the fragment are replaced by the values of the using
/// stage, so that the result is an outline without fragments.
struct FragmentExpansion {
    /// Reads at most `SourceFile.sizeLimit + 1` bytes of a file.
    let contents: (String) throws -> Data
    let namesInDirectory: (String) throws -> [String]

    /// The parameters of the pipeline file, which a path may contain.
    let scope: Scope
    var findings: Findings

    /// By the name of a stage that uses a fragment.
    private var uses: [String: Use] = [:]
    private var stages: [StageOutline] = []
    private var bytes = 0

    /// The maximum number of stages, and of bytes of all fragments, counted once per use.
    static let stageLimit = 10_000
    static let byteLimit = 16 << 20

    /// The maximum nesting depth of fragments.
    static let depthLimit = 8

    private struct Use {
        /// The names of its stages. Stages of a nested fragment are represented by the name of its use.
        var stages: [String] = []

        /// `nil` if the fragment could not be read; the error is already reported.
        var outputs: [FragmentOutline.Output]?
    }

    init(
        scope: Scope, findings: Findings, contents: @escaping (String) throws -> Data,
        namesInDirectory: @escaping (String) throws -> [String]
    ) {
        self.scope = scope
        self.findings = findings
        self.contents = contents
        self.namesInDirectory = namesInDirectory
    }

    mutating func expand(_ outline: Outline) -> Outline {
        for var stage in outline.stages {
            stage.fragmentPattern = stage.uses?.text.flatMap { Template($0).pattern }
            add(stage, depth: 0)
        }
        var outline = outline
        outline.stages = stages.map { resolved($0) }
        outline.lacksStages = uses.values.contains { $0.outputs == nil }
        outline.targets = outline.targets.map { target in
            TargetOutline(
                name: target.name, position: target.position,
                stages: target.stages.flatMap { inner(of: $0) })
        }
        return outline
    }

    /// Adds a stage, or the stages of the fragment that it uses.
    private mutating func add(_ stage: StageOutline, depth: Int) {
        guard let node = stage.uses, let path = scope.substitute(node, into: &findings)?.text,
            FragmentOutline.isPath(path)
        else {
            stages.append(stage)
            return
        }
        guard let fragment = fragment(at: path, usedBy: stage, node, depth: depth) else {
            uses[stage.name] = Use()
            return
        }
        var instance = FragmentInstance(fragment, of: stage, path: path, findings: findings)
        let inner = instance.stages()
        findings = instance.findings
        uses[stage.name] = Use(stages: inner.map(\.name), outputs: instance.outputs)
        guard stages.count + inner.count <= Self.stageLimit else {
            return findings.add(.tooManyFragments, at: node.position)
        }
        for stage in inner { add(stage, depth: depth + 1) }
    }

    private mutating func fragment(
        at written: String, usedBy stage: StageOutline, _ node: SyntaxNode, depth: Int
    ) -> FragmentOutline? {
        guard depth < Self.depthLimit else {
            findings.add(.deepFragment(written, limit: Self.depthLimit), at: node.position)
            return nil
        }
        let directory = findings.source(of: node.position).directory
        let name = written.hasPrefix("./") ? String(written.dropFirst(2)) : written
        let path = FilePath.joined(directory, name)
        let data: Data
        do {
            data = try contents(path)
        } catch {
            let mistake = Mistake.unreadableFragment(
                written, reason: Pipeline.reason(of: error),
                known: stage.fragmentPattern.map { fragments(like: $0, in: directory) } ?? [])
            findings.add(mistake, at: node.position)
            return nil
        }
        bytes += data.count
        guard bytes <= Self.byteLimit else {
            findings.add(.tooManyFragments, at: node.position)
            return nil
        }
        let (source, mistake) = SourceFile.reading(data, path: path)
        var own = Findings(source: source)
        if let mistake { own.add(mistake.mistake, at: mistake.position) }
        let root = mistake == nil ? SyntaxReader.read(source, into: &own) : nil
        let file = findings.open(source, with: own, usedBy: stage.name, at: node.position)
        guard let root else { return nil }
        var reader = OutlineReader(findings: findings)
        let fragment = reader.readFragment(root.placed(in: file))
        findings = reader.findings
        return fragment
    }

    /// The paths of the files that a pattern with a `*` in the name of the file matches, as they would be written.
    private func fragments(like pattern: String, in directory: String) -> [String] {
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
        let (path, name) = (parts.dropLast().joined(separator: "/"), parts.last.map(String.init))
        guard let name, !path.contains("*") else { return [] }
        // If the directory cannot be read either, there is nothing to list.
        let names = try? namesInDirectory(FilePath.joined(directory, path))
        return (names ?? []).filter { $0.matches(name) }.sorted().map { "\(path)/\($0)" }
    }

    /// The stage with every use of a fragment under `in` and `needs` replaced by stages of the fragment.
    private mutating func resolved(_ stage: StageOutline) -> StageOutline {
        var stage = stage
        stage.needs = stage.needs.flatMap { inner(of: $0) }
        stage.inputs = stage.inputs.compactMap { input in
            let sources = input.sources.map { source(of: $0) }
            guard sources.allSatisfy({ $0 != nil }) else {
                stage.brokenInputs.insert(input.name)
                return nil
            }
            return InputOutline(
                name: input.name, position: input.position, sources: sources.compactMap(\.self),
                isList: input.isList)
        }
        return stage
    }

    /// Resolves `source` through the outputs of fragments to the output of a stage; `nil` after a mistake.
    private mutating func source(of source: SourceOutline) -> SourceOutline? {
        guard let use = uses[source.stage] else { return source }
        guard let outputs = use.outputs else { return nil }
        guard !outputs.isEmpty else {
            findings.add(.noOutputs(source.stage), at: source.position)
            return nil
        }
        guard
            let output = source.output.map({ name in outputs.first { $0.name == name } })
                ?? outputs.first
        else {
            findings.add(
                .unknownOutput(
                    source.output ?? "", stage: source.stage, known: outputs.map(\.name)),
                at: source.position)
            return nil
        }
        return self.source(of: output.source.placed(at: source.position))
    }

    /// The stages of the fragment that `source` names, if it names one.
    private func inner(of source: SourceOutline) -> [SourceOutline] {
        guard let use = uses[source.spelling] else { return [source] }
        return use.stages.flatMap { inner(of: SourceOutline($0, at: source.position)) }
    }
}
