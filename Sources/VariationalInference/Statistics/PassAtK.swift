/// The unbiased estimate of the probability that at least one of `k` answers is correct, given `correct` among
/// `samples` answers: 1 - C(n - c, k) / C(n, k) (Chen et al. 2021). `nil` if there are fewer than `k` samples.
public func passAtK(correct: Int, samples: Int, k: Int) -> Double? {
    precondition(k > 0, "pass@k needs a positive k")
    precondition((0...max(samples, 0)).contains(correct), "more correct answers than answers")
    guard samples >= k else { return nil }
    let wrong = samples - correct
    guard wrong >= k else { return 1 }
    return 1 - (0..<k).reduce(1.0) { $0 * Double(wrong - $1) / Double(samples - $1) }
}
