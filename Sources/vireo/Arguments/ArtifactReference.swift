import ArgumentParser
import Files
import Pipeline
import Store

/// The name of an artifact on the command line: the first digits of its digest, or the stage that wrote it, as `STAGE`,
/// `STAGE.OUTPUT` or `STAGE.OUTPUT@RUN`.
struct ArtifactReference: Hashable, ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        text = argument
    }

    static var help: ArgumentHelp {
        "The first digits of an artifact's digest, or STAGE, STAGE.OUTPUT or STAGE.OUTPUT@RUN."
    }

    /// The digest of the named artifact. Throws if the name matches none or several.
    func artifact(in store: Store) throws -> Digest {
        if text.count >= 4, text.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) {
            let found = try store.artifacts(withPrefix: text)
            if found.count > 1 {
                throw CommandError.severalArtifacts(text, found.map(\.short))
            }
            if let digest = found.first { return digest }
        }
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        var run: RunID?
        if parts.count == 2 {
            guard let number = Int64(parts[1]) else { throw CommandError.noArtifact(text) }
            run = try store.run(numbered: number).id
        }
        let name = String(parts[0])
        for (stage, output) in readings(of: name) {
            let outputs = try store.latestOutputs(ofStage: stage, run: run)
            guard !outputs.isEmpty else { continue }
            let instances = try store.stages(named: stage, run: run).map(\.stage.id)
            guard instances.count == 1 || instances.contains(stage) else {
                throw CommandError.severalInstances(stage, count: instances.count, instances[0])
            }
            if let output {
                guard let digest = outputs[output] else {
                    throw CommandError.noOutput(stage, output, outputs.keys.sorted())
                }
                return digest
            }
            if outputs.count == 1, let digest = outputs.values.first { return digest }
            let kind = try store.stages(named: stage, run: run).first?.stage.kind
            guard let main = kind.flatMap(ExpectedOutputs.main), let digest = outputs[main] else {
                throw CommandError.severalArtifacts(
                    stage, outputs.keys.sorted().map { "\(stage).\($0)" })
            }
            return digest
        }
        throw CommandError.noArtifact(text)
    }

    /// The possible readings of a name: the whole as a stage, or the parts before and after its last dot outside of
    /// brackets as a stage and an output.
    private func readings(of name: String) -> [(stage: String, output: String?)] {
        guard let dot = name.lastIndex(of: "."), !name[dot...].contains("]") else {
            return [(name, nil)]
        }
        return [(name, nil), (String(name[..<dot]), String(name[name.index(after: dot)...]))]
    }
}
