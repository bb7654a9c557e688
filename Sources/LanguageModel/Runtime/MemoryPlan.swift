import Glibc

/// The memory that work with a model takes, in bytes, computed from the model's shape before anything is
/// allocated. What is never touched, such as room for longer sequences than there are, is planned and takes
/// nothing.
///
/// - weights: 4 bytes a parameter, and 4 a position and head size for the rotary tables;
/// - gradients: 4 bytes a parameter for each shard of a batch, of which there are 4, or 2 from 2^27 parameters on;
/// - moments: 8 bytes a parameter;
/// - packed weights: 4 bytes a number of the blocks' matrices and of the output head, 2 if all numbers are
///   bfloat16; outputs are rounded up to 64;
/// - cache: 8 bytes a token, layer, key head and number of a head, for each slot and two more;
/// - activations: the buffers of `Activations` for every thread that trains, of `InferencePass` otherwise,
///   whose documentation has their sizes.
public struct MemoryPlan: Hashable, Sendable {
    /// Parameters and rotary tables.
    public var weights = 0
    /// Of training.
    public var gradients = 0
    /// AdamW's two moments.
    public var moments = 0
    /// Weights in the form that scoring and sampling multiply with.
    public var packedWeights = 0
    /// Keys and values.
    public var cache = 0
    /// What passes through the model, with the scratch memory of the kernels.
    public var activations = 0

    /// All of it.
    public var total: Int {
        weights + gradients + moments + packedWeights + cache + activations
    }

    private init(_ c: ModelConfiguration) {
        weights = 4 * (ParameterLayout(c).count + 2 * c.contextLength * (c.headSize / 2))
    }

    /// At most this is taken by training on sequences of at most `longest` tokens.
    public static func training(
        _ c: ModelConfiguration, longest: Int, threads: Int
    ) -> MemoryPlan {
        var plan = MemoryPlan(c)
        let parameters = ParameterLayout(c).count
        let shards = Trainer.shards(parameters: parameters)
        plan.gradients = 4 * shards * parameters
        plan.moments = 8 * parameters
        let capacity = Trainer.capacity(tokens: max(Trainer.microbatchTokens, longest - 1))
        let (attention, product) = Activations.scratch(c, capacity: capacity)
        plan.activations =
            4 * min(threads, shards)
            * (Activations.sizes(c, capacity: capacity).reduce(0, +) + attention + product)
        return plan
    }

    /// At most this is taken by scoring sequences of at most `longest` tokens. `isHalf` says whether every
    /// weight is a bfloat16.
    public static func scoring(
        _ c: ModelConfiguration, longest: Int, threads: Int, isHalf: Bool = false
    ) -> MemoryPlan {
        var plan = MemoryPlan(c)
        plan.packedWeights = 4 * PackedWeights.floats(c, isHalf: isHalf)
        let capacity = max(Scorer.microbatchTokens, longest - 1)
        let (attention, scores) = ScoringPass.scratch(c, capacity: capacity)
        let pass = InferencePass.sizes(
            c, rows: capacity, logitRows: ScoringPass.logitRows(c), threads: 1)
        plan.activations = 4 * threads * (pass.reduce(0, +) + attention + scores)
        return plan
    }

    /// This is taken by sampling up to `newTokens` tokens after each of `prompts` prompts of `promptTokens`,
    /// `samples` times a prompt. A prompt whose samples do not all find a slot keeps its logits as well.
    public static func sampling(
        _ c: ModelConfiguration, prompts: Int, promptTokens: Int, samples: Int = 1, newTokens: Int,
        threads: Int, slots wanted: Int = Sampler.defaultSlots, isHalf: Bool = false
    ) -> MemoryPlan {
        var plan = MemoryPlan(c)
        plan.packedWeights = 4 * PackedWeights.floats(c, isHalf: isHalf)
        let tokens = promptTokens + newTokens
        let slots = Sampler.slots(c, tokens: tokens, samples: prompts * samples, wanted: wanted)
        let total = prompts * samples
        let (runs, members) = Sampler.division(
            ParameterLayout(c), samples: total, slots: slots, threads: threads)
        let own = (slots + runs - 1) / runs
        let width = c.headSize + (c.headSize + 7) / 8 * 8
        let capacity = KeyValueCache.capacity(tokens: tokens)
        plan.cache =
            4 * runs * (c.layers * (own + 2) * c.keyValueHeads * capacity * width + 32)
        let perThread = Decoder.scores(c, capacity: capacity) + c.vocabularySize + 16
        for run in 0..<runs {
            // A prompt whose samples are shared out is read by each of its runs.
            let (first, end) = (total * run / runs, total * (run + 1) / runs)
            let prompts = end > first ? (end - 1) / samples - first / samples + 1 : 0
            let rows = own + min(SamplingRun.promptRows, prompts * promptTokens)
            let pass = InferencePass.sizes(c, rows: rows, logitRows: own, threads: members)
            plan.activations += 4 * (pass.reduce(0, +) + members * perThread)
        }
        return plan
    }
}

extension PackedWeights {
    /// Floats that a model's packed matrices take.
    static func floats(_ c: ModelConfiguration, isHalf: Bool) -> Int {
        func size(_ inputs: Int, _ outputs: Int) -> Int {
            PackedMatrix.size(inputs: inputs, outputs: outputs, isHalf: isHalf)
        }
        return c.layers
            * (size(c.hiddenSize, c.projectionWidth) + size(c.queryWidth, c.hiddenSize)
                + size(c.hiddenSize, 2 * c.intermediateSize)
                + size(c.intermediateSize, c.hiddenSize))
            + size(c.hiddenSize, c.vocabularySize)
    }
}

/// Whether the system would give memory, asked before work begins: what is denied later ends the process.
enum MemoryCheck {
    /// Throws unless `floats` numbers of single precision can be had, with what they are for: if they are more than the
    /// machine has, or if the system refuses address space of that size, which is given back at once.
    static func floats(_ floats: Int, for purpose: LanguageModelError.Purpose) throws {
        let (bytes, isTooMany) = floats.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
        guard !isTooMany else { throw LanguageModelError.memory(bytes: .max, purpose) }
        guard bytes > 0 else { return }
        guard bytes <= machine else { throw LanguageModelError.memory(bytes: bytes, purpose) }
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED else { throw LanguageModelError.memory(bytes: bytes, purpose) }
        munmap(memory, bytes)
    }

    /// Bytes of the machine's memory.
    private static let machine = sysconf(Int32(_SC_PHYS_PAGES)) * Int(getpagesize())
}
