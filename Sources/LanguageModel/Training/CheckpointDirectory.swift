import Files
import Foundation

/// The checkpoints of one training in a directory, `checkpoint-STEPS.safetensors` each. The last two are
/// kept, so that one that the disk has damaged costs the steps since the one before, not the training.
package struct CheckpointDirectory {
    package let path: String

    private static let kept = 2
    private static let (prefix, suffix) = ("checkpoint-", ".safetensors")

    /// What going on meant.
    package struct Restoration: Hashable {
        /// The step that the training goes on from, and what wrote the checkpoint; `nil` if none of the
        /// files was whole.
        package let origin: Origin?
        /// Newer checkpoints that were damaged, with the reasons; they are gone now.
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

    /// Saves the training as it is, then forgets all but the last two checkpoints. Does nothing and returns
    /// false while the weights are not finite: the next step will say so, and the last good checkpoint
    /// stays.
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

    /// Takes the training to the newest checkpoint that is whole; `nil` if there has never been one. Throws
    /// for one that cannot be read, which stays.
    package func restore(_ trainer: Trainer) throws -> Restoration? {
        var damaged: [Corruption] = []
        for step in try steps() {
            do {
                let processor = try trainer.restore(from: file(step))
                return Restoration(
                    origin: Origin(step: trainer.steps, processor: processor), damaged: damaged)
            } catch let error as LanguageModelError {
                // Without descriptors or memory a file cannot be read, and may be whole.
                if case .unreadable = error { throw error }
                damaged.append(Corruption(step: step, reason: error.description))
                unlink(file(step))
            }
        }
        return damaged.isEmpty ? nil : Restoration(origin: nil, damaged: damaged)
    }

    /// The steps of the checkpoints, newest first.
    private func steps() throws -> [Int] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw LanguageModelError.unreadable(path: path, reason: SafeTensors.reason(error))
        }
        return names.filter { $0.hasPrefix(Self.prefix) }.compactMap { name in
            // What a save that was cut off has left is in nobody's way but the disk's.
            if name.hasSuffix(DurableFile.partialSuffix) { unlink("\(path)/\(name)") }
            guard name.hasSuffix(Self.suffix) else { return nil }
            return Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
        }.sorted(by: >)
    }

    private func file(_ step: Int) -> String { "\(path)/\(Self.prefix)\(step)\(Self.suffix)" }
}
