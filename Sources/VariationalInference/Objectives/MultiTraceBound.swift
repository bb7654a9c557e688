import Foundation

/// The multi-trace bound on the log-probability of a correct answer (Eq. 5 and 6 of arXiv
/// 2509.22637),
///
///     L^K = E_{z_1..K ~ q}[ log (1/K) sum_k rho_k ],
///     rho_k = pi(z_k|x) pi(Y_x|x,z_k) / q(z_k|x,y'),
///
/// which grows with K towards log P(Y_x|x); L^1 is the evidence lower bound (Eq. 2 and 4).
public enum MultiTraceBound {
    /// The estimate of the bound from one group of K traces, given log rho, in nats; `nil` if there are no
    /// traces. It is minus infinity if no trace of the group can be followed by a correct answer.
    public static func value(logRho: some Collection<Double>) -> Double? {
        logMeanExp(logRho)
    }

    /// The mean estimate over all disjoint groups of `k` consecutive traces. An incomplete last group is
    /// ignored. `nil` if there are fewer than `k` traces.
    public static func disjointGroups(logRho: [Double], k: Int) -> Double? {
        precondition(k > 0, "a group has at least one trace")
        guard logRho.count >= k else { return nil }
        let starts = stride(from: 0, through: logRho.count - k, by: k)
        let values = starts.compactMap { value(logRho: logRho[$0..<($0 + k)]) }
        return values.reduce(0, +) / Double(values.count)
    }

    /// The mean estimate over all subsets of `k` traces. It is unbiased as for disjoint groups, and has less
    /// variance. `nil` if there are fewer than `k` traces, or more than `limit` subsets.
    public static func allSubsets(logRho: [Double], k: Int, limit: Int = 100_000) -> Double? {
        precondition(k > 0, "a group has at least one trace")
        guard logRho.count >= k,
            let sets = subsets(of: logRho.count, taking: k, limit: limit)
        else { return nil }
        var chosen = Array(0..<k)
        var sum = 0.0
        for _ in 0..<sets {
            sum += value(logRho: chosen.map { logRho[$0] }) ?? 0
            advance(&chosen, of: logRho.count)
        }
        return sum / Double(sets)
    }

    /// The factors of grad log pi(z_k, Y_x|x) in the gradient of the bound with respect to theta (Eq. 6): the
    /// normalised importance weights. `nil` if all weights are zero.
    public static func priorCoefficients(logRho: [Double]) -> [Double]? {
        normalizedWeights(logRho)
    }

    /// The factors of grad log q(z_k|x,y') in the gradient of the bound with respect to phi (App. A.2): log
    /// (1/K) sum_j rho_j minus the normalised weight of trace k. `nil` without traces, and if all weights are
    /// zero and there is no floor.
    ///
    /// - Parameter floor: The minimum of log rho. The factors are then those of the bound with every rho raised
    ///   to the floor. A raised rho does not depend on q, so its weight is not subtracted.
    public static func posteriorCoefficients(
        logRho: [Double], floor: Double = -.infinity
    ) -> [Double]? {
        let raised = logRho.map { max($0, floor) }
        guard let weights = normalizedWeights(raised), let bound = value(logRho: raised) else {
            return nil
        }
        return zip(logRho, weights).map { $0 < floor ? bound : bound - $1 }
    }

    /// The same factors, each minus a baseline that depends only on the other traces, which keeps the gradient
    /// unbiased and reduces its variance. The baseline is the bound with rho of trace k replaced by the
    /// geometric mean of the others (VIMCO, Mnih and Rezende 2016). A single trace has no baseline.
    public static func leaveOneOutCoefficients(
        logRho: [Double], floor: Double = -.infinity
    ) -> [Double]? {
        guard let factors = posteriorCoefficients(logRho: logRho, floor: floor) else { return nil }
        guard factors.count > 1 else { return factors }
        let raised = logRho.map { max($0, floor) }
        return factors.enumerated().map { place, factor in
            var others = raised
            others.remove(at: place)
            let mean = others.reduce(0, +) / Double(others.count)
            guard let baseline = value(logRho: others + [mean]), baseline.isFinite else {
                return factor
            }
            return factor - baseline
        }
    }

    /// The number of subsets of size `k` of `n` elements; `nil` if it exceeds `limit`.
    private static func subsets(of n: Int, taking k: Int, limit: Int) -> Int? {
        var count = 1
        for index in 0..<min(k, n - k) {
            // Every partial product is itself a binomial coefficient, so the division is exact.
            let (product, overflows) = count.multipliedReportingOverflow(by: n - index)
            count = product / (index + 1)
            guard !overflows, count <= limit else { return nil }
        }
        return count
    }

    /// The next subset in lexicographic order; the last one stays unchanged.
    private static func advance(_ chosen: inout [Int], of n: Int) {
        let k = chosen.count
        guard let place = chosen.indices.last(where: { chosen[$0] < n - k + $0 }) else { return }
        chosen[place] += 1
        for index in (place + 1)..<max(k, place + 1) { chosen[index] = chosen[index - 1] + 1 }
    }
}
