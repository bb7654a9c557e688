import Foundation

extension Trainer {
    /// Saves the complete state of the training atomically to `path`, with a checksum: weights, moments,
    /// average, best weights and counters. Makes no copy in memory. Throws `LanguageModelError.unwritable`.
    public func save(to path: String) throws {
        try save(to: path, on: .current(with: model.products))
    }

    /// As `save(to:)`, with the given processor in the metadata.
    package func save(to path: String, on processor: Processor) throws {
        let entries = buffers.map {
            SafeTensors.Entry($0.name, [$0.buffer.count], $0.buffer.pointer)
        }
        var metadata = [
            "steps": String(steps), "last_validation": String(lastValidation),
            "processor": processor.name, "kernels": processor.kernels,
            "products": processor.products,
        ]
        if let best {
            metadata["best_loss"] = String(best.loss.bitPattern)
            metadata["best_step"] = String(best.step)
            metadata["waited"] = String(best.waited)
        }
        var checksum = Checksum()
        Self.add(metadata, to: &checksum)
        for (_, buffer) in buffers {
            checksum.add(UnsafeRawBufferPointer(start: buffer.pointer, count: 4 * buffer.count))
        }
        metadata["checksum"] = checksum.text
        try SafeTensors.write(entries, metadata: metadata, to: path)
    }

    /// Restores the state that `save` wrote, and returns the processor that wrote it; with different kernels,
    /// the last bits of results may differ. Throws `LanguageModelError` and leaves the state unchanged if the
    /// file is damaged, or belongs to a model of another size or to a training with other settings of
    /// `averaging` and `patience`.
    @discardableResult
    public func restore(from path: String) throws -> Processor {
        let file = try SafeTensors(path: path)
        func malformed(_ reason: String) -> LanguageModelError {
            .malformed(path: path, reason: reason)
        }
        func number(_ name: String) throws -> UInt64 {
            guard let number = file.metadata[name].flatMap({ UInt64($0) }) else {
                throw malformed("is not a checkpoint of this training: it has no '\(name)'")
            }
            return number
        }
        let count = try number("steps")
        let validation = try number("last_validation")
        let buffers = buffers
        for (name, buffer) in buffers { _ = try file.tensor(name, shape: [buffer.count]) }
        if let extra = Set(file.tensors.keys).subtracting(buffers.map(\.name)).min() {
            throw malformed("is not a checkpoint of this training, which has no '\(extra)'")
        }
        try Self.verify(file, buffers.map(\.name))
        if let best {
            let state = (
                Double(bitPattern: try number("best_loss")), Int(clamping: try number("best_step")),
                Int(clamping: try number("waited"))
            )
            (best.loss, best.step, best.waited) = state
        }
        for (name, buffer) in buffers {
            try file.copy(name, shape: [buffer.count], to: buffer.pointer)
        }
        (steps, lastValidation) = (Int(clamping: count), Int(clamping: validation))
        return Processor(
            name: file.metadata["processor"] ?? "unknown",
            kernels: file.metadata["kernels"] ?? "unknown",
            // Old checkpoints do not have this field.
            products: file.metadata["products"] ?? Products.own.identity)
    }

    /// All buffers of the training state.
    private var buffers: [(name: String, buffer: FloatBuffer)] {
        var buffers = [
            ("parameters", model.parameters), ("first_moment", firstMoment),
            ("second_moment", secondMoment),
        ]
        if let average { buffers.append(("average", average.weights)) }
        if let best { buffers.append(("best", best.weights)) }
        return buffers
    }

    private static func verify(_ file: SafeTensors, _ names: [String]) throws {
        var checksum = Checksum()
        add(file.metadata.filter { $0.key != "checksum" }, to: &checksum)
        for name in names { file.withBytes(of: name) { checksum.add($0) } }
        guard file.metadata["checksum"] == checksum.text else {
            throw LanguageModelError.malformed(
                path: file.path, reason: "the file is damaged: its checksum does not match")
        }
    }

    private static func add(_ metadata: [String: String], to checksum: inout Checksum) {
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            checksum.add(name)
            checksum.add(value)
        }
    }
}
