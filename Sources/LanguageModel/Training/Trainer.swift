import CKernels

/// The settings of AdamW with decoupled weight decay (Loshchilov and Hutter 2019) and clipping of the gradient
/// norm.
public struct AdamW: Hashable, Sendable {
    /// The decay rate of the first moment.
    public var beta1: Double = 0.9
    /// The decay rate of the second moment.
    public var beta2: Double = 0.95
    /// Added to the square root of the second moment.
    public var epsilon: Double = 1e-8
    /// The weight decay, relative to the learning rate.
    public var weightDecay: Double = 0.1
    /// The weights to which weight decay applies.
    public var decaying: Decaying = .matrices
    /// The maximum norm of the gradient; 0 disables clipping.
    public var clipNorm: Double = 1

    /// Which weights decay. Norms and biases decay only with `all`.
    public enum Decaying: String, Hashable, Sendable, CaseIterable {
        /// Matrices, including embeddings.
        case matrices
        /// Matrices without the token embeddings, and without the output head if it is tied to them.
        case matricesButEmbeddings = "matrices-but-embeddings"
        /// Every weight.
        case all
    }

    /// The default settings.
    public init() {}
}

/// The result of an optimizer step.
public struct StepReport: Hashable, Sendable {
    /// The sum of coefficient times -log p, minus the weighted entropies.
    public let loss: Double
    /// The norm of the gradient before clipping.
    public let gradientNorm: Double
    /// The number of tokens of the batch.
    public let tokens: Int
}

/// Trains a model step by step. The batch is split into shards by its shape alone. Each shard has its own
/// gradient, and these are added in order, so that results do not depend on the number of threads. A class,
/// because it owns the state of the optimizer.
public final class Trainer {
    /// The model, which is updated in place.
    public let model: Transformer
    /// The settings of the optimizer.
    public let optimizer: AdamW
    /// The number of optimizer steps so far.
    public internal(set) var steps = 0
    /// The step of the last recorded validation; 0 before the first.
    public internal(set) var lastValidation = 0

    package static let microbatchTokens = 512
    /// The maximum number of rows of the products of the output head.
    package static var headRows: Int { Activations.headRows }
    /// The number of parameters from which a model has two gradient buffers instead of four, to save memory.
    private static let largeModel = 1 << 27
    private static let pieceSize = 1 << 15

    let average: WeightAverage?
    let best: BestWeights?

    let threads: Int

    /// The distribution whose log-probabilities the loss uses; `nil` for the unmodified distribution of the
    /// model.
    private let sampling: SamplingOptions?
    private let gradients: [FloatBuffer]
    package let firstMoment: FloatBuffer
    package let secondMoment: FloatBuffer
    private let pieces: [(start: Int, count: Int, decay: Float)]
    private var activations: [Activations] = []

    /// A trainer with zero moments. `averaging` above 0 maintains an exponential moving average of the weights
    /// with this decay. `patience` above 0 keeps the weights with the lowest recorded validation loss and ends
    /// training after this number of validations without a lower one. Each takes as much memory as the model;
    /// `finish` copies the chosen weights to the model. With `sampling`, the loss uses log-probabilities under
    /// the sampled distribution. Throws `LanguageModelError.memory`.
    public init(
        _ model: Transformer, optimizer: AdamW = AdamW(), averaging: Double = 0, patience: Int = 0,
        sampling: SamplingOptions? = nil, threads: Int
    ) throws {
        precondition(sampling?.isGreedy != true, "a greedy choice has no gradient")
        self.sampling = sampling?.isPlain == true ? nil : sampling
        self.model = model
        self.optimizer = optimizer
        self.threads = max(1, threads)
        let count = model.parameters.count
        let copies = (averaging > 0 ? 1 : 0) + (patience > 0 ? 1 : 0)
        try Self.checkMemory(parameters: count, copies: copies)
        gradients = (0..<Self.shards(parameters: count)).map { _ in FloatBuffer(count: count) }
        firstMoment = FloatBuffer(count: count)
        secondMoment = FloatBuffer(count: count)
        average = averaging > 0 ? WeightAverage(of: model, decay: averaging) : nil
        best = patience > 0 ? BestWeights(patience: patience, count: count) : nil
        pieces = model.layout.tensors.flatMap { tensor in
            stride(from: 0, to: tensor.count, by: Self.pieceSize).map { start in
                (
                    tensor.offset + start, min(Self.pieceSize, tensor.count - start),
                    optimizer.decays(tensor) ? Float(optimizer.weightDecay) : 0
                )
            }
        }
    }

    /// Throws unless there is enough memory to train a model of this shape.
    package static func checkMemory(_ configuration: ModelConfiguration) throws {
        if let mistake = configuration.mistake {
            throw LanguageModelError.shape("`\(mistake.field)`: \(mistake.reason)")
        }
        try checkMemory(parameters: ParameterLayout(configuration).count, copies: 0)
    }

    /// Checks the memory for weights, further copies, gradients and moments.
    private static func checkMemory(parameters: Int, copies: Int) throws {
        try MemoryCheck.floats(
            (1 + copies + shards(parameters: parameters) + 2) * parameters, for: .training)
    }

    /// The number of parts of a batch, each with its own gradient.
    static func shards(parameters: Int) -> Int { parameters < largeModel ? 4 : 2 }

    /// The capacity of activations for `tokens` tokens, after rounding up.
    static func capacity(tokens: Int) -> Int { (tokens + 63) / 64 * 64 }

    /// The numbers of floats of the buffers allocated so far, by purpose.
    package var bufferSizes: (gradients: Int, moments: Int, activations: Int) {
        (
            gradients.reduce(0) { $0 + $1.count }, firstMoment.count + secondMoment.count,
            activations.reduce(0) { $0 + $1.floats }
        )
    }

    /// The gradient of the loss of the last step before clipping, laid out as the parameters.
    public var gradient: FloatBuffer { gradients[0] }

    /// Performs one optimizer step on the loss of `sequences`. These are processed in small batches, so their
    /// number does not affect memory. `rate` is the learning rate. Throws `LanguageModelError` if tokens are
    /// outside the vocabulary, or if the loss or gradient is not finite, naming the sequences that cause it.
    /// The weights are then unchanged.
    public func step(_ sequences: [TrainingSequence], rate: Double) throws -> StepReport {
        let loss = try accumulate(sequences)
        let norm = gradientNorm()
        guard loss.isFinite, norm.isFinite else {
            throw try divergence(on: sequences, loss: loss)
        }
        steps += 1
        let clip = optimizer.clipNorm > 0 ? min(1, optimizer.clipNorm / (norm + 1e-6)) : 1
        update(rate: rate, clip: clip)
        average?.add(model.parameters, step: steps, threads: threads)
        return StepReport(
            loss: loss, gradientNorm: norm, tokens: sequences.reduce(0) { $0 + $1.tokens.count })
    }

    /// Computes the loss of `sequences` and stores its gradient in `gradient`.
    package func accumulate(_ sequences: [TrainingSequence]) throws -> Double {
        for sequence in sequences { try model.check(sequence.tokens) }
        let shards = shards(of: sequences)
        let needed = shards.joined().map(\.tokens.count).max() ?? 0
        if activations.first.map({ $0.capacity < needed }) ?? true {
            let capacity = Self.capacity(tokens: needed)
            let plan = MemoryPlan.training(
                model.configuration, longest: needed + 1, threads: threads)
            try MemoryCheck.floats(plan.activations / 4, for: .activations)
            activations = (0..<min(threads, gradients.count)).map { _ in
                Activations(model.configuration, capacity: capacity)
            }
        }
        var losses = [Double](repeating: 0, count: gradients.count)
        losses.withUnsafeMutableBufferPointer { losses in
            Parallel.forEach(gradients.count, threads: threads) { shard, thread in
                gradients[shard].clear()
                for batch in shards[shard] {
                    let rows = model.accumulateGradient(
                        batch, activations[thread], sampling, into: gradients[shard].pointer)
                    for (coefficient, value) in zip(batch.coefficients, rows.logProbabilities) {
                        losses[shard] -= Double(coefficient) * Double(value)
                    }
                    for (weight, entropy) in zip(batch.entropyWeights, rows.entropies) {
                        losses[shard] -= Double(weight) * Double(entropy)
                    }
                }
            }
        }
        Parallel.forEach(pieces.count, threads: threads) { index, _ in
            let piece = pieces[index]
            for other in gradients.dropFirst() {
                vk_add(
                    gradients[0].pointer + piece.start, other.pointer + piece.start, piece.count)
            }
        }
        return losses.reduce(0, +)
    }

    /// Groups whole sequences, in order, into shards with about the same number of tokens and batches of at
    /// most `microbatchTokens` tokens (or one sequence), which fit the processor cache.
    private func shards(of sequences: [TrainingSequence]) -> [[PackedBatch]] {
        let total = sequences.reduce(0) { $0 + $1.tokens.count }
        var shards = [[PackedBatch]](repeating: [], count: gradients.count)
        var seen = 0
        for sequence in sequences where sequence.tokens.count > 1 {
            let shard = min(gradients.count - 1, seen * gradients.count / max(1, total))
            seen += sequence.tokens.count
            let last = shards[shard].indices.last
            let fits =
                last.map {
                    shards[shard][$0].tokens.count + sequence.tokens.count - 1
                        <= Self.microbatchTokens
                } ?? false
            if !fits { shards[shard].append(PackedBatch()) }
            shards[shard][shards[shard].count - 1].append(sequence)
        }
        return shards
    }

    func gradientNorm() -> Double {
        var sums = [Double](repeating: 0, count: pieces.count)
        sums.withUnsafeMutableBufferPointer { sums in
            Parallel.forEach(pieces.count, threads: threads) { index, _ in
                sums[index] = vk_sum_of_squares(
                    gradients[0].pointer + pieces[index].start, pieces[index].count)
            }
        }
        return sums.reduce(0, +).squareRoot()
    }

    /// The powers of both decay rates, computed by repeated multiplication, so that resuming gives the same
    /// bits.
    private var powers = (steps: 0, first: 1.0, second: 1.0)

    private func update(rate: Double, clip: Double) {
        while powers.steps < steps {
            powers.steps += 1
            powers.first *= optimizer.beta1
            powers.second *= optimizer.beta2
        }
        let (power1, power2) = (powers.first, powers.second)
        Parallel.forEach(pieces.count, threads: threads) { index, _ in
            let (start, count, decay) = pieces[index]
            vk_adamw(
                model.parameters.pointer + start, gradients[0].pointer + start,
                firstMoment.pointer + start, secondMoment.pointer + start, count, Float(clip),
                Float(rate), Float(optimizer.beta1), Float(optimizer.beta2),
                Float(optimizer.epsilon), decay, Float(1 - power1), Float(1 - power2))
        }
    }
}

extension Trainer {
    /// Counts a step without an update. Weights, moments and average stay unchanged.
    public func skip() { steps += 1 }
}

extension AdamW {
    fileprivate func decays(_ tensor: ParameterLayout.Tensor) -> Bool {
        switch decaying {
        case .matrices: tensor.decays
        case .matricesButEmbeddings:
            tensor.decays && tensor.name != "model.embed_tokens.weight"
        case .all: true
        }
    }
}
