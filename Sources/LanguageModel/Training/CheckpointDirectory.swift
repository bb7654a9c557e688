import Files
import Foundation

/// A directory with the checkpoints of a training, named `checkpoint-STEPS.safetensors`. The last two are kept,
/// so that a damaged one costs only the steps since the one before.
package struct CheckpointDirectory {
    package let path: String

    private static let kept = 2
    private static let (prefix, suffix) = ("checkpoint-", ".safetensors")

    /// The result of resuming.
    package struct Restoration: Hashable {
        /// The step from which training resumes, and the processor that wrote the checkpoint; `nil` if all
        /// files were damaged.
        package let origin: Origin?
        /// Newer checkpoints that were damaged and have been deleted, with the reasons.
        package let damaged: [Corruption]
    }

    package struct Origin: Hashable {
        package let step: Int
        package let processor: Processor
    }

    package struct Corruption: Hashable {
        package let step: Int
        package let reason: String
    }

    package init(_ path: String) { self.path = path }

    /// Saves the state of the training and deletes all but the last two checkpoints. Does nothing and returns
    /// false if the weights are not finite: the next step reports this, and the last good checkpoint is kept.
    package func save(_ trainer: Trainer) throws -> Bool {
        guard trainer.model.parameters.isFinite else { return false }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw LanguageModelError.unwritable(path: path, reason: SafeTensors.reason(error))
        }
        try trainer.save(to: file(trainer.steps))
        for step in try steps().dropFirst(Self.kept) { unlink(file(step)) }
        return true
    }

    /// Restores the training from the newest intact checkpoint; returns `nil` if there are no checkpoints.
    /// Throws if a checkpoint cannot be read, and keeps it.
    package func restore(_ trainer: Trainer) throws -> Restoration? {
        var damaged: [Corruption] = []
        for step in try steps() {
            do {
                let processor = try trainer.restore(from: file(step))
                return Restoration(
                    origin: Origin(step: trainer.steps, processor: processor), damaged: damaged)
            } catch let error as LanguageModelError {
                // The file may be intact but unreadable for lack of file descriptors or memory.
                if case .unreadable = error { throw error }
                damaged.append(Corruption(step: step, reason: error.description))
                unlink(file(step))
            }
        }
        return damaged.isEmpty ? nil : Restoration(origin: nil, damaged: damaged)
    }

    /// The steps of all checkpoints, newest first.
    private func steps() throws -> [Int] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw LanguageModelError.unreadable(path: path, reason: SafeTensors.reason(error))
        }
        return names.filter { $0.hasPrefix(Self.prefix) }.compactMap { name in
            // Delete the partial file of an interrupted save.
            if name.hasSuffix(DurableFile.partialSuffix) { unlink("\(path)/\(name)") }
            guard name.hasSuffix(Self.suffix) else { return nil }
            return Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
        }.sorted(by: >)
    }

    private func file(_ step: Int) -> String { "\(path)/\(Self.prefix)\(step)\(Self.suffix)" }
}
