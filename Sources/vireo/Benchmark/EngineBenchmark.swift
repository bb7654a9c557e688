import Glibc
import LanguageModel

/// Times repeated work on a model with random weights and random tokens.
struct EngineBenchmark {
    private let settings: BenchmarkSettings
    private let configuration: ModelConfiguration

    init(_ settings: BenchmarkSettings) {
        self.settings = settings
        configuration = settings.size.configuration(contextLength: settings.contextLength)
    }

    /// Runs the benchmark and returns its results.
    func report() throws -> BenchmarkReport {
        let model = try Transformer(random: configuration, type: settings.type)
        var report = BenchmarkReport()
        report.add("bench", settings.task.rawValue)
        report.add("config", settings.size.rawValue)
        report.add("dtype", settings.type.rawValue)
        report.add("parameters", model.layout.count)
        report.add("threads", settings.threads)
        report.add("kernels", Transformer.kernels)
        report.add("products", model.products.identity)
        let peak = Processor.peakOperations(threads: settings.threads)
        switch settings.task {
        case .train: try train(model, peak, &report)
        case .score: try score(model, peak, &report)
        case .generate: try generate(model, peak, &report)
        case .load:
            let files = try BenchmarkModelDirectory(model, type: settings.type)
            try Self.load(
                files.directory, threads: settings.threads, repetitions: settings.repetitions,
                &report)
        }
        Self.addResidentSize(&report)
        return report
    }

    /// Measures the loading of a model directory.
    static func report(
        loading directory: String, threads: Int, repetitions: Int
    ) throws -> BenchmarkReport {
        var report = BenchmarkReport()
        report.add("bench", BenchmarkTask.load.rawValue)
        report.add("model", directory)
        report.add("threads", threads)
        try load(directory, threads: threads, repetitions: repetitions, &report)
        addResidentSize(&report)
        return report
    }

    // MARK: The tasks

    private func train(_ model: Transformer, _ peak: Double, _ report: inout BenchmarkReport) throws
    {
        let trainer = try Trainer(model, threads: settings.threads)
        let weight = 1 / Float(settings.batch * settings.length)
        let batch = sequences(of: settings.length + 1).map {
            TrainingSequence(tokens: $0, from: 1, weight: weight)
        }
        let times = try Times(settings.repetitions) { _ = try trainer.step(batch, rate: 1e-4) }
        let pass = configuration.operations(attendingTo: Double(settings.length) / 2)
        addSpeed(times, operations: 3 * pass, peak, &report)
        report.add(
            .training(
                configuration, longest: settings.length + 1, threads: settings.threads))
    }

    private func score(_ model: Transformer, _ peak: Double, _ report: inout BenchmarkReport) throws
    {
        let scorer = try Scorer(model, threads: settings.threads)
        let sequences = sequences(of: settings.length + 1)
        let times = try Times(settings.repetitions) {
            _ = try scorer.logProbabilities(of: sequences, from: sequences.map { _ in 1 })
        }
        let pass = configuration.operations(attendingTo: Double(settings.length) / 2)
        addSpeed(times, operations: pass, peak, &report)
        report.add(
            .scoring(
                configuration, longest: settings.length + 1, threads: settings.threads,
                isHalf: settings.type == .bf16))
    }

    /// Adds the speed of training or scoring; each token takes `operations`.
    private func addSpeed(
        _ times: Times, operations: Double, _ peak: Double, _ report: inout BenchmarkReport
    ) {
        let tokens = Double(settings.batch * settings.length)
        report.add("batch", settings.batch)
        report.add("length", settings.length)
        report.add(times)
        report.add("tok_per_s", tokens / times.median, digits: 0)
        report.add("tok_per_s_best", tokens / times.best, digits: 0)
        addShare(operations * tokens / times.median, peak, &report)
    }

    /// Times the sampling of the first token of every continuation, which is the work on prompts, and of all tokens.
    /// The difference is the work on new tokens.
    private func generate(
        _ model: Transformer, _ peak: Double, _ report: inout BenchmarkReport
    ) throws {
        let sampler = try Sampler(model, threads: settings.threads)
        let requests = sequences(of: settings.prompt).enumerated().map {
            SamplingRequest(prompt: $1, count: 1, stream: UInt64($0))
        }
        func sample(_ tokens: Int) throws {
            let options = SamplingOptions(
                temperature: 0.7, maxTokens: tokens, stopTokens: [], seed: 0)
            _ = try sampler.sample(requests, options)
        }
        let first = try Times(settings.repetitions) { try sample(1) }
        let all = try Times(settings.repetitions) { try sample(settings.new) }
        let (batch, prompt) = (Double(settings.batch), Double(settings.prompt))
        let new = Double(settings.new)
        report.add("batch", settings.batch)
        report.add("prompt", settings.prompt)
        report.add("new", settings.new)
        report.add(all)
        report.add("tok_per_s", batch * new / all.median, digits: 0)
        report.add("tok_per_s_best", batch * new / all.best, digits: 0)
        report.add("prefill_tok_per_s", batch * prompt / first.median, digits: 0)
        let head = 2 * Double(configuration.vocabularySize * configuration.hiddenSize)
        let prefill =
            prompt * configuration.operations(attendingTo: prompt / 2, withHead: false) + head
        report.add("prefill_gflops", batch * prefill / first.median / 1e9, digits: 2)
        let decoding = all.median - first.median
        if new > 1, decoding > 0 {
            let tokens = batch * (new - 1)
            report.add("decode_tok_per_s", tokens / decoding, digits: 1)
            let operations = configuration.operations(attendingTo: prompt + new / 2)
            addShare(operations * tokens / decoding, peak, &report)
        }
        report.add(
            .sampling(
                configuration, prompts: settings.batch, promptTokens: settings.prompt,
                newTokens: settings.new, threads: settings.threads,
                isHalf: settings.type == .bf16))
    }

    private static func load(
        _ directory: String, threads: Int, repetitions: Int, _ report: inout BenchmarkReport
    ) throws {
        let bytes = try BenchmarkModelDirectory.size(directory)
        let times = try Times(repetitions) {
            _ = try Transformer(directory: directory, threads: threads)
        }
        report.add("file_bytes", bytes)
        report.add(times)
        report.add("bytes_per_s", Double(bytes) / times.median, digits: 0)
        let tokenizer = directory + "/tokenizer.json"
        if access(tokenizer, R_OK) == 0 {
            let times = try Times(repetitions) { _ = try Tokenizer(path: tokenizer) }
            report.add("tokenizer_median_s", times.median, digits: 6)
        }
    }

    // MARK: Parts

    /// Adds a speed and its share of the peak. The peak is measured again, because the load of the machine changes.
    private func addShare(_ speed: Double, _ before: Double, _ report: inout BenchmarkReport) {
        let peak = max(before, Processor.peakOperations(threads: settings.threads))
        report.add("gflops", speed / 1e9, digits: 2)
        report.add("peak_gflops", peak / 1e9, digits: 2)
        report.add("share_of_peak", speed / peak, digits: 3)
    }

    private func sequences(of length: Int) -> [[Int32]] {
        (0..<settings.batch).map { index in
            let random = CounterRandom(seed: 1, streams: UInt64(index))
            return (0..<length).map {
                Int32(random.bits(UInt64($0)) % UInt64(configuration.vocabularySize))
            }
        }
    }

    private static func addResidentSize(_ report: inout BenchmarkReport) {
        var usage = rusage()
        guard getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0 else { return }
        report.add("peak_resident_bytes", usage.ru_maxrss * 1024)
    }
}

/// The durations of repeated work in seconds, after one warm-up that is not counted.
private struct Times {
    private let sorted: [Double]

    init(_ repetitions: Int, _ work: () throws -> Void) throws {
        try work()
        sorted = try (0..<repetitions).map { _ in
            let start = ContinuousClock.now
            try work()
            return (ContinuousClock.now - start) / .seconds(1)
        }.sorted()
    }

    var median: Double { (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2 }
    var best: Double { sorted[0] }
    var count: Int { sorted.count }
}

extension BenchmarkReport {
    fileprivate mutating func add(_ times: Times) {
        add("repetitions", times.count)
        add("median_s", times.median, digits: 6)
        add("best_s", times.best, digits: 6)
    }

    fileprivate mutating func add(_ plan: MemoryPlan) {
        for (name, bytes) in [
            ("weights", plan.weights), ("gradients", plan.gradients), ("moments", plan.moments),
            ("packed_weights", plan.packedWeights), ("cache", plan.cache),
            ("activations", plan.activations), ("total", plan.total),
        ] { add("planned_\(name)_bytes", bytes) }
    }
}
