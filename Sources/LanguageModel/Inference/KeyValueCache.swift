/// The keys and values of several sequences, in one slot each. Keys are stored transposed, so that the scores
/// of a query are sums of contiguous rows.
///
/// Floats: slots x layers x key heads x capacity x 2 head sizes.
final class KeyValueCache {
    /// The maximum number of tokens of a slot.
    let capacity: Int
    let width: Int
    private let configuration: ModelConfiguration
    private let keys: FloatBuffer
    private let values: FloatBuffer
    private let slots: Int

    init(_ configuration: ModelConfiguration, slots: Int, tokens: Int) {
        self.configuration = configuration
        self.slots = slots
        // An odd number of vectors, so that rows of keys do not map to the same cache sets.
        capacity = Self.capacity(tokens: tokens)
        width = (configuration.headSize + 7) / 8 * 8
        let heads = configuration.layers * slots * configuration.keyValueHeads
        keys = FloatBuffer(count: heads * configuration.headSize * capacity + 16)
        values = FloatBuffer(count: heads * width * capacity + 16)
    }

    /// The capacity of a slot for `tokens` tokens, after rounding up.
    static func capacity(tokens: Int) -> Int { ((tokens + 15) / 16 | 1) * 16 }

    /// The number of floats of one slot.
    static func floats(_ c: ModelConfiguration, tokens: Int) -> Int {
        c.layers * c.keyValueHeads * capacity(tokens: tokens)
            * (c.headSize + (c.headSize + 7) / 8 * 8)
    }

    var floats: Int { keys.count + values.count }

    func keys(layer: Int, slot: Int) -> UnsafeMutablePointer<Float> {
        keys.pointer + (layer * slots + slot) * configuration.keyWidth * capacity
    }

    func values(layer: Int, slot: Int) -> UnsafeMutablePointer<Float> {
        values.pointer + (layer * slots + slot) * configuration.keyValueHeads * width * capacity
    }

    /// Stores the rotated keys and the values of a token.
    func store(
        layer: Int, slot: Int, position: Int, keys key: UnsafePointer<Float>,
        values value: UnsafePointer<Float>
    ) {
        let (k, v) = (keys(layer: layer, slot: slot), values(layer: layer, slot: slot))
        let size = configuration.headSize
        for i in 0..<configuration.keyWidth { k[i * capacity + position] = key[i] }
        for head in 0..<configuration.keyValueHeads {
            (v + (head * capacity + position) * width).update(
                from: value + head * size, count: size)
        }
    }

    /// Copies the first `count` tokens of a slot to another slot.
    func copy(_ count: Int, from source: Int, to slot: Int) {
        for layer in 0..<configuration.layers {
            let (k, from) = (keys(layer: layer, slot: slot), keys(layer: layer, slot: source))
            for i in 0..<configuration.keyWidth {
                (k + i * capacity).update(from: from + i * capacity, count: count)
            }
            let (v, old) = (values(layer: layer, slot: slot), values(layer: layer, slot: source))
            for head in 0..<configuration.keyValueHeads {
                let at = head * capacity * width
                (v + at).update(from: old + at, count: count * width)
            }
        }
    }
}
