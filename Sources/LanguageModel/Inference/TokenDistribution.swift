import CKernels
import Foundation

/// The distribution from which the next token is drawn: temperature, top-k, top-p and min-p in this order, as
/// in the logits warpers of transformers. A class, because it owns its buffers. Not thread-safe.
package final class TokenDistribution {
    private let options: SamplingOptions
    private let vocabulary: Int
    private let probabilities: FloatBuffer

    package init(_ options: SamplingOptions, vocabulary: Int) {
        self.options = options
        self.vocabulary = vocabulary
        probabilities = FloatBuffer(count: vocabulary + 16)
    }

    var floats: Int { probabilities.count }

    struct Draw {
        /// -1 if the logits are not finite.
        var token: Int32 = 0
        var logProbability: Float = 0
        var sampledLogProbability: Float = 0
    }

    /// Draws a token with the uniform random `number` in [0, 1).
    func draw(_ logits: UnsafeMutablePointer<Float>, _ number: Float) -> Draw {
        guard logits.isFinite(count: vocabulary) else { return Draw(token: -1) }
        guard !options.isGreedy else {
            let token = Int32(vk_largest(logits, vocabulary))
            return Draw(token: token, logProbability: logProbability(of: token, logits))
        }
        let normalizer = vk_softmax(
            logits, probabilities.pointer, vocabulary, options.temperature)
        let total = options.isUnfiltered ? 1 : filter(logits)
        let token = Int32(vk_draw(probabilities.pointer, vocabulary, number * total))
        let logProbability =
            options.temperature == 1
            ? logits[Int(token)] - normalizer : logProbability(of: token, logits)
        return Draw(
            token: token, logProbability: logProbability,
            sampledLogProbability: options.temperature == 1 && options.isUnfiltered
                ? logProbability : log(probabilities.pointer[Int(token)] / total))
    }

    /// Replaces the logits by those of the sampled distribution. Filtered tokens get a logit that softmax does
    /// not distinguish from minus infinity. `target`, which was sampled, is never filtered, because rounding
    /// may differ from when it was sampled.
    func restrict(_ logits: UnsafeMutablePointer<Float>, keeping target: Int32) {
        if !options.isUnfiltered {
            _ = vk_softmax(logits, probabilities.pointer, vocabulary, options.temperature)
            _ = filter(logits)
            for token in 0..<vocabulary
            where probabilities.pointer[token] == 0 && token != Int(target) {
                logits[token] = -1e30
            }
        }
        guard options.temperature != 1 else { return }
        for token in 0..<vocabulary where logits[token] > -1e30 {
            logits[token] /= options.temperature
        }
    }

    /// The normalised probabilities of all tokens, [vocabulary].
    package func probabilities(of logits: [Float]) -> [Float] {
        guard !options.isGreedy else {
            let likeliest = vk_largest(logits, vocabulary)
            return (0..<vocabulary).map { $0 == likeliest ? 1 : 0 }
        }
        _ = vk_softmax(logits, probabilities.pointer, vocabulary, options.temperature)
        let total = options.isUnfiltered ? 1 : filter(logits)
        return UnsafeBufferPointer(start: probabilities.pointer, count: vocabulary).map {
            $0 / total
        }
    }

    private func logProbability(
        of token: Int32, _ logits: UnsafeMutablePointer<Float>
    ) -> Float {
        var result: Float = 0
        withUnsafePointer(to: token) {
            vk_log_softmax(logits, vocabulary, $0, nil, &result, nil, 1, vocabulary)
        }
        return result
    }

    /// Sets the probabilities of filtered tokens to zero and returns the sum of the others.
    private func filter(_ logits: UnsafePointer<Float>) -> Float {
        let p = probabilities.pointer
        if options.topK > 0, options.topK < vocabulary {
            let least = kthLargest(logits, options.topK)
            for i in 0..<vocabulary where logits[i] < least { p[i] = 0 }
        }
        if options.topP < 1 { keepLikeliest(p) }
        if options.minP > 0 {
            let least = options.minP * p[vk_largest(p, vocabulary)]
            for i in 0..<vocabulary where p[i] < least { p[i] = 0 }
        }
        return (0..<vocabulary).reduce(0) { $0 + p[$1] }
    }

    /// Keeps a token if the more likely ones together have less than `topP` of the remaining probability.
    private func keepLikeliest(_ p: UnsafeMutablePointer<Float>) {
        let total = (0..<vocabulary).reduce(Float(0)) { $0 + p[$1] }
        // Tokens below this probability have less than `1 - topP` together, so none of them is kept.
        let least = 0.5 * (1 - options.topP) * total / Float(vocabulary)
        let candidates = (0..<Int32(vocabulary)).filter { p[Int($0)] > 0 && p[Int($0)] >= least }
        var heap = Heap(candidates) { a, b in
            (p[Int(a)], b) > (p[Int(b)], a)
        }
        var kept: [(token: Int, probability: Float)] = []
        var sum: Float = 0
        while let token = heap.pop() {
            guard kept.isEmpty || sum < options.topP * total else { break }
            kept.append((Int(token), p[Int(token)]))
            sum += p[Int(token)]
        }
        p.update(repeating: 0, count: vocabulary)
        for entry in kept { p[entry.token] = entry.probability }
    }

    private func kthLargest(_ logits: UnsafePointer<Float>, _ k: Int) -> Float {
        var heap = Heap(Array(0..<Int32(k))) { logits[Int($0)] < logits[Int($1)] }
        for token in k..<vocabulary where logits[token] > logits[Int(heap.first)] {
            heap.replaceFirst(by: Int32(token))
        }
        return logits[Int(heap.first)]
    }
}

/// A binary heap, built in linear time, so that taking the first few of many entries is cheap.
private struct Heap {
    private var entries: [Int32]
    private let precedes: (Int32, Int32) -> Bool

    init(_ entries: [Int32], _ precedes: @escaping (Int32, Int32) -> Bool) {
        self.entries = entries
        self.precedes = precedes
        for i in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(i) }
    }

    /// The first entry; the heap must not be empty.
    var first: Int32 { entries[0] }

    mutating func replaceFirst(by entry: Int32) {
        entries[0] = entry
        sink(0)
    }

    mutating func pop() -> Int32? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            sink(0)
        }
        return first
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            let child = 2 * parent + 1
            guard child < entries.count else { return }
            let next =
                child + 1 < entries.count && precedes(entries[child + 1], entries[child])
                ? child + 1 : child
            guard precedes(entries[next], entries[parent]) else { return }
            entries.swapAt(next, parent)
            parent = next
        }
    }
}
