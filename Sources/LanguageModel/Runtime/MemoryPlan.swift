import Glibc

/// The memory that work with a model takes, in bytes, computed from the shape of the model before anything is
/// allocated. Memory that is allocated but never touched, such as room for longer sequences, is included,
/// although it takes no physical memory.
///
/// - weights: 4 bytes per parameter, and 4 per position and head dimension for the rotary tables;
/// - gradients: 4 bytes per parameter for each shard of a batch; there are 4 shards, or 2 from 2^27 parameters
///   on;
/// - moments: 8 bytes per parameter;
/// - packed weights: 4 bytes per weight of the matrices of the blocks and of the output head, or 2 if all
///   weights are bfloat16 values; outputs are rounded up to 64;
/// - cache: 8 bytes per token, layer, key head and head dimension, for each slot and two more;
/// - activations: the buffers of `Activations` for every training thread, otherwise those of `InferencePass`,
///   which document their sizes.
public struct MemoryPlan: Hashable, Sendable {
    /// The parameters and rotary tables.
    public var weights = 0
    /// The gradients of training.
    public var gradients = 0
    /// The two moments of AdamW.
    public var moments = 0
    /// The packed weights of scoring and sampling.
    public var packedWeights = 0
    /// The key-value cache.
    public var cache = 0
    /// The activations, with the scratch memory of the kernels.
    public var activations = 0

    /// The sum of all parts.
    public var total: Int {
        weights + gradients + moments + packedWeights + cache + activations
    }

    private init(_ c: ModelConfiguration) {
        weights = 4 * (ParameterLayout(c).count + 2 * c.contextLength * (c.headSize / 2))
    }

    /// The maximum memory of training on sequences of at most `longest` tokens.
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

    /// The maximum memory of scoring sequences of at most `longest` tokens. `isHalf` means that all weights are
    /// bfloat16 values.
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

    /// The memory of sampling up to `newTokens` tokens after each of `prompts` prompts of `promptTokens`
    /// tokens, `samples` times per prompt. Excludes the logits that are kept for a prompt if its samples do not
    /// all find a slot.
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
            // If several runs share the samples of a prompt, each of them computes the prompt.
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
    /// The number of floats of the packed matrices of a model.
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

/// Checks that memory is available before work begins, because a later failure ends the process.
enum MemoryCheck {
    /// Throws unless `floats` single-precision numbers can be allocated: if the machine has less memory, or if
    /// the system denies address space of that size. The address space is released at once.
    static func floats(_ floats: Int, for purpose: LanguageModelError.Purpose) throws {
        let (bytes, isTooMany) = floats.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
        guard !isTooMany else { throw LanguageModelError.memory(bytes: .max, purpose) }
        guard bytes > 0 else { return }
        guard bytes <= machine else { throw LanguageModelError.memory(bytes: bytes, purpose) }
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED else { throw LanguageModelError.memory(bytes: bytes, purpose) }
        munmap(memory, bytes)
    }

    /// The physical memory of the machine, in bytes.
    private static let machine = sysconf(Int32(_SC_PHYS_PAGES)) * Int(getpagesize())
}
