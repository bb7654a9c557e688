import Foundation
import JSON
import LanguageModel
import Pipeline
import Stages
import TestSupport
import Testing

/// Checkpoints as engines leave them. Files of torch are ZIP archives; here, empty ones.
@Suite("The completeness of checkpoints of engines", .timeLimit(.minutes(10)))
struct TrainerCheckpointTests {
    private let temporary: TemporaryDirectory

    init() throws { temporary = try TemporaryDirectory() }

    /// The end record of a ZIP archive without members.
    static let archive = Data([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18))

    /// Writes a complete checkpoint below `directory`, and returns it. Its model is that in the directory `model`, or a
    /// tiny random one.
    @discardableResult
    static func write(
        step: Int, to directory: String, processes: Int = 1, model: String? = nil,
        history: String = ""
    ) throws -> TrainerCheckpoint {
        let path = "\(directory)/\(TrainerCheckpoint.name(step))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        if let model {
            for name in ["config.json", "model.safetensors"] {
                try FileManager.default.copyItem(
                    atPath: "\(model)/\(name)", toPath: "\(path)/\(name)")
            }
        } else {
            let model = try Transformer(
                ModelConfiguration(
                    vocabularySize: 4, hiddenSize: 8, intermediateSize: 8, layers: 1, heads: 2,
                    keyValueHeads: 1, headSize: 4, contextLength: 16, endTokens: [3]))
            model.initialize(seed: UInt64(step))
            try model.write(directory: path, tokenizer: nil)
        }
        let random =
            processes == 1 ? ["rng_state.pth"] : (0..<processes).map { "rng_state_\($0).pth" }
        for name in ["optimizer.pt", "scheduler.pt", "training_args.bin"] + random {
            try archive.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        }
        try put(state(step, history: history), at: path + "/trainer_state.json")
        return TrainerCheckpoint(path: path, step: step)
    }

    static func state(_ step: Int, history: String = "") -> String {
        "{\"global_step\": \(step), \"log_history\": [\(history)]}"
    }

    private static func put(_ text: String, at path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Why a complete checkpoint of step 20 cannot be used after `change`.
    private func flaw(processes: Int = 1, _ change: (String) throws -> Void) throws -> String? {
        let checkpoint = try Self.write(step: 20, to: temporary.path, processes: processes)
        try change(checkpoint.path)
        return checkpoint.flaw(processes: processes)
    }

    private func cut(_ path: String, by count: Int = 1) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        try data.dropLast(count).write(to: URL(fileURLWithPath: path))
    }

    @Test("A whole checkpoint has no flaw, of one process or several")
    func complete() throws {
        #expect(try flaw { _ in } == nil)
        #expect(try flaw(processes: 3) { _ in } == nil)
    }

    @Test("A file that the first process writes last is missing")
    func withoutState() throws {
        #expect(
            try flaw { try FileManager.default.removeItem(atPath: $0 + "/trainer_state.json") }
                == "trainer_state.json is missing")
        #expect(
            try flaw { try cut($0 + "/trainer_state.json") }
                == "trainer_state.json cannot be read")
        #expect(
            try flaw { try Self.put(Self.state(19), at: $0 + "/trainer_state.json") }
                == "trainer_state.json is of step 19")
    }

    @Test("A cut archive of torch is noticed, whatever its comment is", arguments: [1, 21, 22])
    func cutArchive(count: Int) throws {
        #expect(try flaw { try cut($0 + "/optimizer.pt", by: count) } == "optimizer.pt is cut")
    }

    @Test("An archive may have a comment, and only one of the length that it names")
    func comment() throws {
        let path = temporary.file("a.pt")
        var bytes = [UInt8](Self.archive)
        bytes[20] = 3
        try Data(bytes + [1, 2, 3]).write(to: URL(fileURLWithPath: path))
        #expect(TrainerFiles.isWholeArchive(path))
        try Data(bytes + [1, 2]).write(to: URL(fileURLWithPath: path))
        #expect(!TrainerFiles.isWholeArchive(path))
    }

    @Test("Cut weights are noticed from the header of their file")
    func cutWeights() throws {
        let reason = try flaw { try cut($0 + "/model.safetensors") }
        #expect(try #require(reason).contains("the file is truncated"))
    }

    @Test("The files of every process must be there")
    func ranks() throws {
        func remove(_ name: String) -> (String) throws -> Void {
            { try FileManager.default.removeItem(atPath: "\($0)/\(name)") }
        }
        #expect(
            try flaw(processes: 2, remove("rng_state_1.pth")) == "rng_state_1.pth is missing")
        #expect(try flaw(remove("rng_state.pth")) == "rng_state.pth is missing")
        #expect(try flaw(remove("optimizer.pt")) == "optimizer.pt is missing")
        #expect(try flaw(remove("scheduler.pt")) == "scheduler.pt is missing")
    }

    @Test("A part of DeepSpeed's states that is cut or missing is noticed")
    func parts() throws {
        func split(_ path: String) throws {
            try FileManager.default.removeItem(atPath: path + "/optimizer.pt")
            let directory = path + "/global_step20"
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
            for rank in 0..<2 {
                let name = "zero_pp_rank_\(rank)_mp_rank_00_optim_states.pt"
                try Self.archive.write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            }
        }
        let part = "global_step20/zero_pp_rank_1_mp_rank_00_optim_states.pt"
        #expect(try flaw(processes: 2, split) == nil)
        #expect(
            try flaw(processes: 2) {
                try split($0)
                try cut("\($0)/\(part)")
            } == "\(part) is cut")
        #expect(
            try flaw(processes: 2) {
                try split($0)
                try FileManager.default.removeItem(atPath: "\($0)/\(part)")
            } == "1 of 2 optimizer states are there")
    }

    @Test("A checkpoint of our own trainer is as long as its manifest says")
    func manifest() throws {
        func own(_ path: String) throws {
            for name in ["optimizer.pt", "scheduler.pt", "training_args.bin", "rng_state.pth"] {
                try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
            }
            try Self.put("0123456789", at: path + "/optimizer.safetensors")
            try Self.put(
                "{\"step\": 20, \"files\": {\"optimizer.safetensors\": 10}}",
                at: path + "/manifest.json")
        }
        #expect(try flaw(own) == nil)
        #expect(
            try flaw {
                try own($0)
                try cut($0 + "/optimizer.safetensors")
            } == "optimizer.safetensors is cut")
        #expect(
            try flaw {
                try own($0)
                try cut($0 + "/manifest.json")
            } == "manifest.json cannot be read")
    }

    @Test("A checkpoint of our own trainer has the moments of every process")
    func manifestOfProcesses() throws {
        func own(_ path: String, of processes: Int) throws {
            let files = (0..<processes).map { "optimizer-\($0).safetensors" }
            for file in files { try Self.put("0123456789", at: "\(path)/\(file)") }
            let sizes = files.map { "\"\($0)\": 10" }.joined(separator: ", ")
            try Self.put(
                "{\"step\": 20, \"files\": {\(sizes)}}", at: path + "/manifest.json")
        }
        #expect(try flaw(processes: 3) { try own($0, of: 3) } == nil)
        #expect(
            try flaw(processes: 3) { try own($0, of: 2) } == "optimizer-2.safetensors is missing")
        #expect(try flaw { try own($0, of: 2) } == "optimizer.safetensors is missing")
        #expect(
            try flaw(processes: 2) {
                try own($0, of: 2)
                try cut($0 + "/optimizer-1.safetensors")
            } == "optimizer-1.safetensors is cut")
    }

    @Test("Numbers that are not finite, as Python writes them, are no damage")
    func notFinite() throws {
        let history = "{\"loss\": NaN, \"grad_norm\": -Infinity, \"note\": \"NaN \\\" NaN\"}"
        #expect(
            try flaw {
                try Self.put(Self.state(20, history: history), at: $0 + "/trainer_state.json")
            } == nil)
    }

    // MARK: The shelf

    private func shelf(processes: Int = 1) -> CheckpointShelf {
        CheckpointShelf(work: temporary.path, processes: processes)
    }

    private func steps() -> [Int] { TrainerCheckpoint.all(in: temporary.path).map(\.step) }

    @Test("An engine that does not end after its last checkpoint has no more time, and others have")
    func overdue() throws {
        let attempt = try shelf().begin().attempt
        let output = CheckpointShelf.output(of: attempt)
        func watch(steps: Int) -> TrainerWatch {
            TrainerWatch(
                .weighted, output: output, shelf: shelf(), after: 0, steps: steps, patience: .zero
            ) { _ in }
        }
        _ = try Self.write(step: 5, to: output)
        let early = watch(steps: 10)
        #expect(early.look() && early.look())
        let late = watch(steps: 6)
        _ = try Self.write(step: 6, to: output)
        #expect(late.look())
        #expect(!late.look() && !late.look())
    }

    @Test("The newest complete checkpoint of an earlier attempt is taken over; others are named")
    func choice() throws {
        let (first, none) = try shelf().begin()
        #expect(none.isEmpty)
        let output = CheckpointShelf.output(of: first)
        for step in [5, 10, 15, 20] { try Self.write(step: step, to: output) }
        try cut(output + "/checkpoint-20/optimizer.pt")
        try FileManager.default.removeItem(atPath: output + "/checkpoint-15/trainer_state.json")
        let (second, damaged) = try shelf().begin()
        #expect(shelf().newest?.step == 10)
        #expect(damaged.map(\.checkpoint.step) == [15, 20])
        #expect(damaged.map(\.reason) == ["trainer_state.json is missing", "optimizer.pt is cut"])
        #expect(steps() == [5, 10])
        #expect(second != first)
        #expect(!FileManager.default.fileExists(atPath: first))
    }

    @Test("A late process of an earlier attempt cannot change what was taken over")
    func late() throws {
        let (attempt, _) = try shelf().begin()
        let output = CheckpointShelf.output(of: attempt)
        let checkpoint = try Self.write(step: 5, to: output)
        #expect(try shelf().take(checkpoint) == nil)
        // The engine has lost it, so saving the step again makes other files.
        #expect(!FileManager.default.fileExists(atPath: checkpoint.path))
        try Self.write(step: 5, to: output)
        try cut(checkpoint.path + "/optimizer.pt")
        #expect(shelf().newest?.step == 5)
        let (_, damaged) = try shelf().begin()
        #expect(damaged.isEmpty)
        #expect(shelf().newest?.step == 5)
    }

    @Test("A damaged checkpoint that was taken over is not used again")
    func decayed() throws {
        for step in [5, 10] { try Self.write(step: step, to: temporary.path) }
        try cut(temporary.path + "/checkpoint-10/model.safetensors")
        #expect(shelf().newest?.step == 5)
        let (_, damaged) = try shelf().begin()
        #expect(damaged.map(\.checkpoint.step) == [10])
        #expect(steps() == [5])
    }

    @Test("Two checkpoints are kept")
    func trimmed() throws {
        for step in [5, 10, 15, 100] { try Self.write(step: step, to: temporary.path) }
        try shelf().trim()
        #expect(steps() == [15, 100])
    }

    @Test("Other names are no checkpoints")
    func names() throws {
        for name in ["checkpoint-5.partial", "checkpoint-05", "checkpoint-", "checkpoint-x"] {
            try FileManager.default.createDirectory(
                atPath: temporary.file(name), withIntermediateDirectories: false)
        }
        #expect(steps().isEmpty)
        #expect(TrainerCheckpoint.all(in: temporary.file("none")).isEmpty)
    }
}
