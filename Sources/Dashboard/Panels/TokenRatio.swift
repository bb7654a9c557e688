import Report

/// The log-probabilities of a token under prior and posterior.
struct TokenRatio: Hashable {
    let prior: Double?
    let posterior: Double?

    /// Where its text ends, in UTF-8 bytes of the trace; `nil` if this is unknown.
    let end: Int?

    /// log pi - log q; `nil` if one of them is unknown or not finite.
    var ratio: Double? {
        guard let prior, let posterior else { return nil }
        return prior - posterior
    }

    /// The tokens of a trace, from its scores; empty without those of the prior.
    static func all(_ scores: [TokenScoreRow]) -> [TokenRatio] {
        guard let prior = scores.first(where: { $0.name == "prior" }) else { return [] }
        let posterior = scores.first { $0.name == "posterior" }?.values ?? []
        let ends = prior.ends
        return prior.values.enumerated().map { place, value in
            TokenRatio(
                prior: value, posterior: place < posterior.count ? posterior[place] : nil,
                end: place < ends.count ? ends[place] : nil)
        }
    }
}
