import LanguageModel

/// Repeated work of one size, timed.
struct EngineBenchmark {
    private let size: BenchmarkSize
    private let batch: Int?
    private let threads: Int
    private let repetitions: Int
    private let model: Transformer

    private static let promptLength = 16
    private static let newTokens = 96

    init(size: BenchmarkSize, batch: Int?, threads: Int, repetitions: Int) throws {
        self.size = size
        self.batch = batch
        self.threads = threads
        self.repetitions = repetitions
        model = try Transformer(size.configuration)
        model.initialize(seed: 0)
    }

    func sequences(of task: BenchmarkTask) -> Int {
        batch ?? (task == .generate ? 64 : size.batch)
    }

    /// Tokens of one repetition that count.
    func tokens(of task: BenchmarkTask) -> Int {
        sequences(of: task) * (task == .generate ? Self.newTokens : size.length)
    }

    /// The time of each repetition in seconds, ascending, after one that does not count.
    func seconds(of task: BenchmarkTask) throws -> [Double] {
        let work = try work(task)
        try work()
        return try (0..<repetitions).map { _ in
            let start = ContinuousClock.now
            try work()
            return (ContinuousClock.now - start) / .seconds(1)
        }.sorted()
    }

    private func work(_ task: BenchmarkTask) throws -> () throws -> Void {
        let count = sequences(of: task)
        let length = task == .generate ? Self.promptLength : size.length + 1
        let sequences = (0..<count).map { index in
            let random = CounterRandom(seed: 1, streams: UInt64(index))
            return (0..<length).map {
                Int32(random.bits(UInt64($0)) % UInt64(size.configuration.vocabularySize))
            }
        }
        switch task {
        case .train:
            let trainer = Trainer(model, threads: threads)
            let weight = 1 / Float(count * size.length)
            let batch = sequences.map { TrainingSequence(tokens: $0, from: 1, weight: weight) }
            return { _ = try trainer.step(batch, rate: 1e-4) }
        case .score:
            let scorer = Scorer(model, threads: threads)
            return {
                _ = try scorer.logProbabilities(of: sequences, from: sequences.map { _ in 1 })
            }
        case .generate:
            let sampler = Sampler(model, threads: threads)
            let options = SamplingOptions(
                temperature: 0.7, maxTokens: Self.newTokens, stopTokens: [], seed: 0)
            let requests = sequences.enumerated().map {
                SamplingRequest(prompt: $1, count: 1, stream: UInt64($0))
            }
            return { _ = try sampler.sample(requests, options) }
        }
    }
}
