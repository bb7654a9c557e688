import LanguageModel

/// A sampler whose threads work together however small the model is.
func teamSampler(
    _ model: Transformer, threads: Int, slots: Int = Sampler.defaultSlots,
    text: (@Sendable ([Int32]) throws -> String)? = nil
) throws -> Sampler {
    var sampler = try Sampler(model, threads: threads, slots: slots, text: text)
    sampler.workPerThread = 1
    sampler.smallModel = 0
    return sampler
}
