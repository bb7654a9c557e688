import Files
import Foundation
import JSON
import LanguageModel

/// A checkpoint of an engine: a directory `checkpoint-STEP`. Engines are killed while they write one, and none of them
/// tells whether it is complete; so this is judged from its files.
package struct TrainerCheckpoint: Hashable {
    package let path: String
    package let step: Int

    package init(path: String, step: Int) {
        self.path = path
        self.step = step
    }

    private static let prefix = "checkpoint-"

    /// The name of the directory of a step.
    package static func name(_ step: Int) -> String { "\(prefix)\(step)" }

    /// The checkpoints in a directory, complete or not, by step; none if there is no such directory.
    package static func all(in directory: String) -> [TrainerCheckpoint] {
        FileNames.all(in: directory).compactMap { name in
            guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)),
                self.name(step) == name
            else { return nil }
            return TrainerCheckpoint(path: "\(directory)/\(name)", step: step)
        }.sorted { $0.step < $1.step }
    }

    /// Why the checkpoint of a training with `processes` processes cannot be used; `nil` if it is complete. Neither
    /// weights nor moments are read, but their files must be as long as they say themselves.
    package func flaw(processes: Int) -> String? {
        let names = Set(FileNames.all(in: path))
        if names.contains("checkpoint-is-incomplete.txt") { return "it is marked as incomplete" }
        let state = path + "/trainer_state.json"
        // transformers writes it last.
        guard names.contains("trainer_state.json") else { return "trainer_state.json is missing" }
        guard let recorded = PythonJSON.file(state)?["global_step"] else {
            return "trainer_state.json cannot be read"
        }
        guard recorded == .integer(step) else {
            return "trainer_state.json is of step \(recorded.canonical)"
        }
        do {
            _ = try ModelFiles.checkedConfiguration(directory: path)
        } catch {
            return "\(error)"
        }
        if names.contains("manifest.json") { return manifestFlaw(processes) }
        return rankFlaw(names, processes) ?? TrainerFiles.flaw(in: path)
    }

    /// The first file of the manifest of our own trainer that is not as long as listed, or the first file of moments that
    /// the manifest does not list.
    private func manifestFlaw(_ processes: Int) -> String? {
        guard case .object(let files)? = PythonJSON.file(path + "/manifest.json")?["files"] else {
            return "manifest.json cannot be read"
        }
        for (name, size) in files.sorted(by: { $0.key < $1.key }) {
            guard let stamp = FileStamp(of: "\(path)/\(name)") else { return "\(name) is missing" }
            guard size == .integer(stamp.bytes) else { return "\(name) is cut" }
        }
        let moments =
            processes == 1
            ? ["optimizer.safetensors"] : (0..<processes).map { "optimizer-\($0).safetensors" }
        return moments.first { files[$0] == nil }.map { "\($0) is missing" }
    }

    /// A file that each process writes, or that the first one writes besides the state, and that is missing.
    private func rankFlaw(_ names: Set<String>, _ processes: Int) -> String? {
        // DeepSpeed has a directory for the step, and FSDP one for the optimizer or another file.
        let optimizers = ["optimizer.pt", "optimizer.bin", "optimizer_0", "global_step\(step)"]
        guard !names.isDisjoint(with: optimizers) else { return "optimizer.pt is missing" }
        guard names.contains("scheduler.pt") || names.contains("global_step\(step)") else {
            return "scheduler.pt is missing"
        }
        let random =
            processes == 1
            ? ["rng_state.pth"] : (0..<processes).map { "rng_state_\($0).pth" }
        if let missing = random.first(where: { !names.contains($0) }) {
            return "\(missing) is missing"
        }
        let parts = FileNames.all(in: "\(path)/global_step\(step)")
            .filter { $0.hasSuffix("_optim_states.pt") }
        guard parts.isEmpty || parts.count == processes else {
            return "\(parts.count) of \(processes) optimizer states are there"
        }
        return nil
    }
}

/// The names in directories.
enum FileNames {
    /// The names in a directory; none if it does not exist, or is removed in the meantime.
    static func all(in directory: String) -> [String] {
        do {
            return try OpenDirectory(directory).names()
        } catch {
            return []
        }
    }
}
