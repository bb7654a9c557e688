import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CheckpointTests {
    private let temporary: TemporaryDirectory
    private var directory: String { temporary.file("checkpoints") }

    init() throws { temporary = try TemporaryDirectory() }

    private func trainer(seed: UInt64 = 1, threads: Int = 2) throws -> Trainer {
        try Trainer(try smallModel(seed: seed), averaging: 0.9, patience: 2, threads: threads)
    }

    /// Goes on to `steps` steps with a validation after every second one.
    private func train(_ trainer: Trainer, to steps: Int) throws {
        while trainer.steps < steps {
            let step = trainer.steps
            _ = try trainer.step(randomSequences(20, seed: UInt64(step)), rate: 1e-2)
            if trainer.steps % 2 == 0 {
                trainer.record(validationLoss: [2, 1, 3, 0.5, 4][trainer.steps / 2 % 5])
            }
        }
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private func damage(_ name: String, _ change: (inout Data) -> Void) throws {
        let url = URL(fileURLWithPath: "\(directory)/\(name)")
        var data = try Data(contentsOf: url)
        change(&data)
        try data.write(to: url)
    }

    /// All that a training ends with.
    private func end(_ trainer: Trainer) throws -> [Float] {
        try train(trainer, to: 7)
        let average = trainer.withCandidate { $0.parameters.array }
        let weights = trainer.model.parameters.array
        trainer.finish()
        return weights + average + trainer.model.parameters.array + trainer.firstMoment.array
            + trainer.secondMoment.array
    }

    @Test("Average, best weights and patience go on to the same bits from any step")
    func resume() throws {
        let whole = try end(trainer())
        for step in 1...6 {
            let checkpoints = CheckpointDirectory("\(directory)/\(step)")
            let before = try trainer()
            try train(before, to: step)
            #expect(try checkpoints.save(before))
            let after = try trainer(seed: 9, threads: step % 3 + 1)
            let restored = try #require(try checkpoints.restore(after))
            #expect(restored.origin?.step == step && restored.damaged.isEmpty)
            #expect(restored.origin?.processor == .current(with: try .chosen()))
            #expect(after.lastValidation == step / 2 * 2)
            #expect(after.bestStep == before.bestStep)
            #expect(try end(after) == whole, "from step \(step)")
        }
    }

    @Test("The last two checkpoints are kept, and nothing that was cut off")
    func kept() throws {
        let checkpoints = CheckpointDirectory(directory)
        let trainer = try trainer()
        #expect(try checkpoints.restore(trainer) == nil)
        for step in [1, 2, 9, 10] {
            try train(trainer, to: step)
            _ = FileManager.default.createFile(
                atPath: directory + "/checkpoint-8.safetensors.partial", contents: nil)
            #expect(try checkpoints.save(trainer))
        }
        #expect(try names() == ["checkpoint-10.safetensors", "checkpoint-9.safetensors"])
    }

    @Test(
        "A damaged checkpoint is named with its reason, and the one before it takes its place",
        arguments: [0.0, 0.1, 0.5, 0.999])
    func damaged(place: Double) throws {
        let checkpoints = CheckpointDirectory(directory)
        let trainer = try trainer()
        for step in [3, 4] {
            try train(trainer, to: step)
            _ = try checkpoints.save(trainer)
        }
        try damage("checkpoint-4.safetensors") { $0[Int(place * Double($0.count))] ^= 0x10 }
        let after = try self.trainer(seed: 3)
        let restoration = try #require(try checkpoints.restore(after))
        #expect(restoration.origin?.step == 3)
        #expect(restoration.damaged.map(\.step) == [4])
        #expect(restoration.damaged[0].reason.hasPrefix("\(directory)/checkpoint-4.safetensors: "))
        #expect(try names() == ["checkpoint-3.safetensors"])
        #expect(try end(after) == end(self.trainer()))
    }

    @Test("A checkpoint that is cut off is damaged wherever it ends")
    func truncated() throws {
        let trainer = try trainer()
        try train(trainer, to: 2)
        _ = try CheckpointDirectory(directory).save(trainer)
        let path = directory + "/checkpoint-2.safetensors"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let before = trainer.model.parameters.array
        for size in [0, 7, 100, whole.count / 2, whole.count - 1] {
            try whole.prefix(size).write(to: URL(fileURLWithPath: path))
            #expect(throws: LanguageModelError.self) { try trainer.restore(from: path) }
        }
        // Zeros where the disk has lost what was written.
        var holed = whole
        holed.replaceSubrange(8192..<12288, with: Data(count: 4096))
        try holed.write(to: URL(fileURLWithPath: path))
        #expect(
            throws: LanguageModelError.malformed(
                path: path, reason: "the file is damaged: its checksum does not match")
        ) { try trainer.restore(from: path) }
        #expect(trainer.model.parameters.array == before)
    }

    @Test("If no checkpoint is intact, all are reported as damaged and removed")
    func noneWhole() throws {
        let checkpoints = CheckpointDirectory(directory)
        let trainer = try trainer()
        for step in [1, 2] {
            try train(trainer, to: step)
            _ = try checkpoints.save(trainer)
            try damage("checkpoint-\(step).safetensors") { $0.removeLast() }
        }
        let restoration = try #require(try checkpoints.restore(self.trainer()))
        #expect(restoration.origin == nil)
        #expect(restoration.damaged.map(\.step) == [2, 1])
        #expect(try names().isEmpty)
    }

    @Test("Every bit of the state that is counted is under the checksum")
    func metadata() throws {
        let trainer = try trainer()
        try train(trainer, to: 2)
        _ = try CheckpointDirectory(directory).save(trainer)
        try damage("checkpoint-2.safetensors") { data in
            let place = data.range(of: Data("\"steps\":\"2\"".utf8))!
            data[place.upperBound - 2] = UInt8(ascii: "3")
        }
        let path = directory + "/checkpoint-2.safetensors"
        #expect(
            throws: LanguageModelError.malformed(
                path: path, reason: "the file is damaged: its checksum does not match")
        ) { try trainer.restore(from: path) }
    }

    @Test("A checkpoint of a training with other settings is refused")
    func otherSettings() throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let (plain, full) = (directory + "/plain", directory + "/full")
        let simple = try Trainer(try smallModel(), threads: 1)
        try simple.save(to: plain)
        try trainer().save(to: full)
        #expect(
            throws: LanguageModelError.malformed(
                path: full, reason: "is not a checkpoint of this training, which has no 'average'")
        ) { try simple.restore(from: full) }
        #expect(
            throws: LanguageModelError.malformed(
                path: plain, reason: "the tensor 'average' is missing")
        ) { try trainer().restore(from: plain) }
    }

    @Test("Weights that are not finite do not replace a good checkpoint")
    func notFinite() throws {
        let checkpoints = CheckpointDirectory(directory)
        let trainer = try trainer()
        try train(trainer, to: 1)
        #expect(try checkpoints.save(trainer))
        try train(trainer, to: 2)
        trainer.model.parameters.pointer[7] = -.infinity
        #expect(try !checkpoints.save(trainer))
        trainer.model.parameters.pointer[7] = .nan
        #expect(try !checkpoints.save(trainer))
        #expect(try names() == ["checkpoint-1.safetensors"])
    }

    @Test("A checkpoint that cannot be read is no reason to begin anew")
    func unreadable() throws {
        let checkpoints = CheckpointDirectory(directory)
        let trainer = try trainer()
        try train(trainer, to: 1)
        _ = try checkpoints.save(trainer)
        let newer = directory + "/checkpoint-2.safetensors"
        try FileManager.default.createDirectory(
            atPath: newer, withIntermediateDirectories: false)
        #expect(
            throws: LanguageModelError.unreadable(
                path: newer, reason: "it is not a regular file")
        ) { try checkpoints.restore(trainer) }
        #expect(try names() == ["checkpoint-1.safetensors", "checkpoint-2.safetensors"])
    }

    @Test("A checkpoint says what wrote it")
    func processor() throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let other = Processor(name: "A \"fast\" one", kernels: "Zen5")
        let trainer = try trainer()
        try trainer.save(to: directory + "/1", on: other)
        #expect(try trainer.restore(from: directory + "/1") == other)
        #expect(Processor.current(with: .own).kernels == Transformer.kernels)
        let third = Processor(name: "P", kernels: "Zen5", products: "openblas 0.3.21 Zen")
        try trainer.save(to: directory + "/2", on: third)
        #expect(try trainer.restore(from: directory + "/2") == third)
    }

    @Test("Processors with fused multiply-add give each other's bits")
    func sameBits() {
        func processor(_ kernels: String) -> Processor { Processor(name: "P", kernels: kernels) }
        #expect(processor("AVX2").givesBits(of: processor("AVX-512")))
        #expect(processor("baseline").givesBits(of: processor("baseline")))
        #expect(!processor("baseline").givesBits(of: processor("AVX2")))
        #expect(!processor("AVX-512").givesBits(of: processor("baseline")))
    }

    @Test("OpenBLAS gives its own bits again on the same processor alone")
    func sameProducts() {
        func processor(_ name: String, _ products: String) -> Processor {
            Processor(name: name, kernels: "AVX2", products: products)
        }
        let one = processor("P", "openblas 0.3.21 Haswell")
        #expect(one.givesBits(of: one))
        #expect(!one.givesBits(of: processor("Q", "openblas 0.3.21 Haswell")))
        #expect(!one.givesBits(of: processor("P", "openblas 0.3.29 Haswell")))
        #expect(!one.givesBits(of: processor("P", "own")))
        #expect(!processor("P", "own").givesBits(of: one))
        #expect(one.kernelSet == "AVX2 with openblas 0.3.21 Haswell")
        #expect(processor("P", "own").kernelSet == "AVX2")
    }
}
