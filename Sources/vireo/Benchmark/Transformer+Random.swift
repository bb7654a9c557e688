import LanguageModel

extension Transformer {
    /// Creates a model with random weights of the usual standard deviation. They are uniformly distributed, because
    /// these are faster to generate than the initial weights of training.
    convenience init(
        random configuration: ModelConfiguration, type: BenchmarkSettings.NumberType
    ) throws {
        try self.init(configuration)
        for (index, tensor) in layout.tensors.enumerated() {
            let start = parameters.pointer + tensor.offset
            guard tensor.decays else {
                start.update(repeating: tensor.name.hasSuffix("bias") ? 0 : 1, count: tensor.count)
                continue
            }
            let isTable = tensor.name.contains("embed") || tensor.name.contains("head")
            let deviation = isTable ? 0.02 : 1 / Float(tensor.shape[1]).squareRoot()
            let scale = 2 * Float(3).squareRoot() * deviation
            let random = CounterRandom(seed: 0, streams: UInt64(index))
            for i in 0..<tensor.count {
                let value = scale * (random.unit(UInt64(i)) - 0.5)
                start[i] =
                    type == .fp32 ? value : Float(bitPattern: value.bitPattern & 0xFFFF_0000)
            }
        }
    }
}
