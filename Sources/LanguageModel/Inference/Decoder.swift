import CKernels

/// Runs tokens of many sequences through a model with a key-value cache, both prompt tokens and next tokens.
/// The leader of a thread team describes each step, and all members share its work. A class, because it owns
/// its buffers.
final class Decoder {
    let cache: KeyValueCache
    let pass: InferencePass
    private let scores: [FloatBuffer]
    private let memory: UnsafeMutablePointer<Int32>

    /// The number of tokens of the step.
    private(set) var count = 0
    /// The number of rows whose logits the step computes.
    private(set) var wanted = 0
    /// Whether a sequence has several tokens in the step.
    private var hasPrompts = false

    private var tokens: UnsafeMutablePointer<Int32> { memory }
    private var positions: UnsafeMutablePointer<Int32> { memory + pass.rows }
    private var slots: UnsafeMutablePointer<Int32> { memory + 2 * pass.rows }
    private var chosen: UnsafeMutablePointer<Int32> { memory + 3 * pass.rows }

    init(
        _ model: Transformer, _ weights: PackedWeights, rows: Int, logitRows: Int, slots: Int,
        capacity: Int, threads: Int
    ) {
        let c = model.configuration
        cache = KeyValueCache(c, slots: slots, tokens: capacity)
        pass = InferencePass(model, weights, rows: rows, logitRows: logitRows, threads: threads)
        let capacity = cache.capacity
        scores = (0..<threads).map { _ in
            FloatBuffer(count: Self.scores(c, capacity: capacity))
        }
        memory = .allocate(capacity: 4 * rows)
        memory.initialize(repeating: 0, count: 4 * rows)
    }

    deinit { memory.deallocate() }

    /// The number of floats of the attention scores of one thread.
    static func scores(_ c: ModelConfiguration, capacity: Int) -> Int {
        c.heads * (capacity + c.headSize + 8) + 64
    }

    /// The number of floats of the buffers without the cache.
    var floats: Int { pass.floats + scores.reduce(0) { $0 + $1.count } }

    /// Starts the description of a step.
    func begin() { (count, wanted, hasPrompts) = (0, 0, false) }

    /// The number of rows that the step has left.
    var room: Int { pass.rows - count }

    /// Adds the token at `position` of the sequence in `slot`. The tokens of a prompt must be added in order.
    /// Returns the row of its logits if `wantsLogits` is set.
    @discardableResult func add(
        _ token: Int32, at position: Int, slot: Int, isPrompt: Bool, wantsLogits: Bool
    ) -> Int? {
        tokens[count] = token
        positions[count] = Int32(position)
        slots[count] = Int32(slot)
        hasPrompts = hasPrompts || isPrompt
        count += 1
        guard wantsLogits else { return nil }
        chosen[wanted] = Int32(count - 1)
        wanted += 1
        return wanted - 1
    }

    /// Runs the step. Every member must call it.
    func advance(_ member: ThreadTeam.Member) {
        let c = pass.model.configuration
        let stride = pass.projectionStride
        pass.run(tokens, positions, count: count, member) { layer, mine in
            for row in mine {
                let at = pass.projected + row * stride + c.queryWidth
                cache.store(
                    layer: layer, slot: Int(slots[row]), position: Int(positions[row]), keys: at,
                    values: at + c.keyWidth)
            }
            // Prompt tokens attend to earlier ones, which other members may store.
            if hasPrompts { member.wait() }
            for row in mine {
                let slot = Int(slots[row])
                vk_attention_decode(
                    pass.projected + row * stride, cache.keys(layer: layer, slot: slot),
                    cache.values(layer: layer, slot: slot), pass.attended + row * c.queryWidth,
                    Int(positions[row]) + 1, cache.capacity, c.heads, c.keyValueHeads, c.headSize,
                    scores[member.index].pointer)
            }
        }
        if wanted > 0 { pass.head(chosen, count: wanted, member) }
    }
}
