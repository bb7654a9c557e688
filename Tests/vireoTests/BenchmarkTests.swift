import Foundation
import Testing

@Suite("Benchmarks", .timeLimit(.minutes(10)))
struct BenchmarkTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    private func figures(_ arguments: String...) throws -> [String: Any] {
        let result = try tool.run(
            ["bench"] + arguments + ["--repetitions", "2", "--threads", "1", "--json"])
        #expect(result.errors == "")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require(object as? [String: Any])
    }

    @Test("Training and scoring have speeds and planned memory", arguments: ["train", "score"])
    func passes(task: String) throws {
        let figures = try figures(task, "--batch", "2", "--length", "8")
        func number(_ name: String) throws -> Double {
            try #require(figures[name] as? Double, "\(name)")
        }
        #expect(figures["bench"] as? String == task)
        #expect(figures["batch"] as? Int == 2 && figures["length"] as? Int == 8)
        #expect(try number("best_s") <= number("median_s"))
        let speed = try number("tok_per_s")
        #expect(abs(speed * (try number("median_s")) / 16 - 1) < 0.05)
        // 3 layers of 96 x 96 x 4 + 3 x 96 x 256 weights, a head of 117 x 96, attention to 4 tokens.
        let block = 4 * 96 * 96 + 3 * 96 * 256
        let pass = Double(2 * (3 * block + 117 * 96) + 4 * 3 * 96 * 4)
        let factor = task == "train" ? 3.0 : 1.0
        let expected = factor * pass * speed / 1e9
        #expect(abs(try number("gflops") - expected) < 0.01 + 0.01 * expected)
        let share = try number("gflops") / number("peak_gflops")
        #expect(abs(try number("share_of_peak") - share) < 0.01)
        #expect(try number("peak_resident_bytes") > 1e6)
        let weights = 4 * (figures["parameters"] as! Int + 129 * 24)
        #expect(try abs(number("planned_weights_bytes") / Double(weights) - 1) < 0.01)
        #expect(try (number("planned_moments_bytes") > 0) == (task == "train"))
        #expect(try (number("planned_packed_weights_bytes") > 0) == (task == "score"))
    }

    @Test("Generation tells prompts from new tokens")
    func generation() throws {
        let figures = try figures(
            "generate", "--batch", "2", "--prompt", "4", "--new", "40", "--dtype", "bf16")
        for name in ["prefill_tok_per_s", "tok_per_s", "planned_cache_bytes"] {
            #expect((figures[name] as? Double ?? 0) > 0, "\(name)")
        }
        // On a busy machine one token may have taken longer than forty: then nothing is said of the others.
        let decoding = ["decode_tok_per_s", "gflops"].map { figures[$0] as? Double }
        #expect(decoding == [nil, nil] || decoding.allSatisfy { $0 ?? 0 > 0 })
        #expect(figures["dtype"] as? String == "bf16")
    }

    @Test("Loading reads what was written, in either type, or a directory", arguments: [4, 2])
    func loading(width: Int) throws {
        let figures = try figures("load", "--dtype", width == 4 ? "fp32" : "bf16")
        let parameters = try #require(figures["parameters"] as? Int)
        let bytes = try #require(figures["file_bytes"] as? Int)
        #expect((0..<8192).contains(bytes - width * parameters))
        #expect(figures["tokenizer_median_s"] == nil)
    }

    @Test("The benchmark of the store writes metrics and rows, and runs stages and files")
    func stages() throws {
        let result = try tool.run(
            "bench", "store", "--points", "100", "--rows", "100", "--megabytes", "1", "--stages",
            "3", "--files", "5", "--json")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        let figures = try #require(object as? [String: Any], "\(result.errors)")
        for name in [
            "points_written_per_s", "points_printed_per_s", "ms_per_stage", "cached_run_s",
            "files_run_s", "files_cached_run_s",
        ] {
            #expect((figures[name] as? Double ?? 0) > 0, "\(name)")
        }
    }

    @Test("A benchmark prints a figure a line")
    func text() throws {
        let result = try tool.run(
            "bench", "load", "--config", "tiny", "--repetitions", "1", "--threads", "1")
        #expect(result.output.hasPrefix("figure"))
        #expect(result.output.contains("\nconfig "))
    }

    @Test(
        "Benchmarks that make no sense are refused",
        arguments: [
            (["train", "--dtype", "bf16"], "train does not support --dtype bf16"),
            (
                ["train", "--config", "qwen2.5-0.5b"],
                "train does not support --config qwen2.5-0.5b"
            ),
            (["score", "--model", "x"], "--model is only for load"),
            (["generate", "--new", "0"], "--new must be 1 or more"),
            (["score", "--batch", "9999999"], "--batch must be at most 1048576"),
        ])
    func refusals(arguments: [String], problem: String) throws {
        let result = try tool.run(["bench"] + arguments)
        #expect(result.errors.hasPrefix("vireo: error: \(problem)\n"))
        #expect(result.status == 64)
    }
}
