/// The keys and values of a number of sequences, one slot each. Keys are stored transposed, so that the
/// scores of one query are sums of contiguous rows.
final class KeyValueCache {
    let capacity: Int
    let width: Int
    private let configuration: ModelConfiguration
    private let keys: FloatBuffer
    private let values: FloatBuffer
    private let slots: Int

    init(_ configuration: ModelConfiguration, slots: Int, tokens: Int) {
        self.configuration = configuration
        self.slots = slots
        capacity = (tokens + 15) / 16 * 16
        width = (configuration.headSize + 7) / 8 * 8
        let heads = configuration.layers * slots * configuration.keyValueHeads
        keys = FloatBuffer(count: heads * configuration.headSize * capacity)
        values = FloatBuffer(count: heads * width * capacity)
    }

    func keys(layer: Int, slot: Int) -> UnsafeMutablePointer<Float> {
        keys.pointer + (layer * slots + slot) * configuration.keyWidth * capacity
    }

    func values(layer: Int, slot: Int) -> UnsafeMutablePointer<Float> {
        values.pointer + (layer * slots + slot) * configuration.keyValueHeads * width * capacity
    }

    /// Stores one token's rotated keys and its values.
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

    /// Copies the first `count` tokens of a slot of `other`, which has the same capacity.
    func copy(_ count: Int, from other: KeyValueCache, slot source: Int, to slot: Int) {
        precondition(capacity == other.capacity, "caches of different capacity")
        for layer in 0..<configuration.layers {
            let (k, from) = (keys(layer: layer, slot: slot), other.keys(layer: layer, slot: source))
            for i in 0..<configuration.keyWidth {
                (k + i * capacity).update(from: from + i * capacity, count: count)
            }
            let (v, old) = (
                values(layer: layer, slot: slot), other.values(layer: layer, slot: source)
            )
            for head in 0..<configuration.keyValueHeads {
                let at = head * capacity * width
                (v + at).update(from: old + at, count: count * width)
            }
        }
    }
}
