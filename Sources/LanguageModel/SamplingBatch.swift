import CKernels
import Foundation

/// The sampling of a list of requests on one thread.
struct SamplingBatch {
    private struct Slot {
        let request, sample: Int
        let random: CounterRandom
        var position: Int32
        var token: Int32
    }

    private let options: SamplingOptions
    private let requests: [SamplingRequest]
    private let vocabulary: Int
    private let decoder: Decoder
    private let cache: KeyValueCache
    private let promptCache: KeyValueCache
    private let probabilities: FloatBuffer
    private let promptLogits: FloatBuffer
    private var active: [(slot: Int, state: Slot)] = []
    private var free: [Int]
    private var results: [[Continuation]]
    private var next = (request: 0, sample: 0)

    init(
        _ model: Transformer, _ weights: PackedWeights, _ requests: [SamplingRequest],
        _ options: SamplingOptions, slots: Int
    ) {
        let longest = requests.map(\.prompt.count).max() ?? 1
        self.requests = requests
        self.options = options
        vocabulary = model.configuration.vocabularySize
        decoder = Decoder(model, weights, rows: max(slots, longest))
        cache = KeyValueCache(
            model.configuration, slots: slots, tokens: longest + options.maxTokens)
        promptCache = KeyValueCache(
            model.configuration, slots: 1, tokens: longest + options.maxTokens)
        probabilities = FloatBuffer(count: vocabulary)
        promptLogits = FloatBuffer(count: vocabulary)
        free = Array((0..<slots).reversed())
        results = requests.map {
            Array(
                repeating: Continuation(tokens: [], logProbabilities: [], isFinished: false),
                count: $0.count)
        }
    }

    mutating func run() -> [[Continuation]] {
        guard options.maxTokens > 0 else { return results }
        while true {
            admit()
            if active.isEmpty { return results }
            decoder.advance(
                active.map(\.state.token), positions: active.map(\.state.position),
                slots: active.map(\.slot), cache)
            var running: [(slot: Int, state: Slot)] = []
            for (row, entry) in active.enumerated() {
                var state = entry.state
                state.position += 1
                if choose(&state, decoder.logits + row * decoder.logitsStride) {
                    free.append(entry.slot)
                } else {
                    running.append((entry.slot, state))
                }
            }
            active = running
        }
    }

    /// Fills free slots with the next samples, in order.
    private mutating func admit() {
        while !free.isEmpty, next.request < requests.count {
            let request = requests[next.request]
            guard next.sample < request.count else {
                next = (next.request + 1, 0)
                continue
            }
            if next.sample == 0 {
                decoder.prefill(request.prompt, promptCache, slot: 0)
                promptLogits.pointer.update(from: decoder.logits, count: vocabulary)
            }
            let random = CounterRandom(
                seed: options.seed,
                streams: request.stream, UInt64(request.firstSample + next.sample))
            var state = Slot(
                request: next.request, sample: next.sample, random: random,
                position: Int32(request.prompt.count), token: 0)
            next.sample += 1
            if !choose(&state, promptLogits.pointer) {
                let slot = free.removeLast()
                cache.copy(request.prompt.count, from: promptCache, slot: 0, to: slot)
                active.append((slot, state))
            }
        }
    }

    /// Draws a token from `logits` and records it; returns whether the continuation is complete.
    private mutating func choose(_ state: inout Slot, _ logits: UnsafePointer<Float>) -> Bool {
        let p = probabilities.pointer
        p.update(from: logits, count: vocabulary)
        let length = results[state.request][state.sample].tokens.count
        var token = 0
        if options.temperature > 0 {
            vk_softmax(p, vocabulary, options.temperature)
            let drawn = state.random.unit(UInt64(length))
            token = Self.index(of: drawn, in: p, count: vocabulary)
            if options.temperature != 1 {
                p.update(from: logits, count: vocabulary)
                vk_softmax(p, vocabulary, 1)
            }
        } else {
            for i in 1..<vocabulary where p[i] > p[token] { token = i }
            vk_softmax(p, vocabulary, 1)
        }
        state.token = Int32(token)
        results[state.request][state.sample].tokens.append(Int32(token))
        results[state.request][state.sample].logProbabilities.append(log(p[token]))
        if options.stopTokens.contains(Int32(token)) {
            results[state.request][state.sample].isFinished = true
            return true
        }
        return length + 1 == options.maxTokens
    }

    /// The token whose share of the cumulative distribution holds `drawn`.
    private static func index(
        of drawn: Float, in probabilities: UnsafePointer<Float>, count: Int
    ) -> Int {
        var sum: Float = 0
        var last = 0
        for i in 0..<count where probabilities[i] > 0 {
            sum += probabilities[i]
            last = i
            if drawn < sum { return i }
        }
        return last
    }
}
