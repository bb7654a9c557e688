import LanguageModel

/// A line of what `vireo model generate` prints. Fields that were not asked for are left out.
struct GenerationRecord: Encodable {
    private let place: (line: Int, sample: Int)?
    private let continuation: Continuation
    private let text: String?
    private let hasLogProbabilities: Bool

    init(
        place: (line: Int, sample: Int)?, _ continuation: Continuation, text: String?,
        hasLogProbabilities: Bool
    ) {
        self.place = place
        self.continuation = continuation
        self.text = text
        self.hasLogProbabilities = hasLogProbabilities
    }

    private enum Key: String, CodingKey {
        case line
        case sample
        case ids
        case text
        case finish
        case logProbabilities = "logprobs"
        case sampledLogProbabilities = "sampled_logprobs"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        if let place {
            try fields.encode(place.line, forKey: .line)
            try fields.encode(place.sample, forKey: .sample)
        }
        try fields.encode(continuation.tokens, forKey: .ids)
        try fields.encode(text, forKey: .text)
        try fields.encode(continuation.finish.rawValue, forKey: .finish)
        if hasLogProbabilities {
            try fields.encode(continuation.logProbabilities, forKey: .logProbabilities)
            try fields.encode(
                continuation.sampledLogProbabilities, forKey: .sampledLogProbabilities)
        }
    }
}
