import JSON

/// What two executions have in common if the time of one is an estimate for the other: their kind, and the options
/// that affect the result, except for the seed and for which of the shards it is.
package struct LikeWork: Hashable, Sendable {
    private let kind: String
    private let options: String

    package init(_ stage: PlannedStage) {
        self.init(kind: stage.kind.name, options: stage.keyOptions)
    }

    /// That of the canonical text of a key document; `nil` if it is not valid.
    package init?(document: String) {
        guard let document = KeyDocument(canonical: document) else { return nil }
        self.init(kind: document.kind, options: document.options)
    }

    private init(kind: String, options: [String: JSONValue]) {
        self.kind = kind
        var options = options
        options["seed"] = nil
        // The shard 0/4 takes as long as 1/4, but not as 0/2.
        if case .string(let shard)? = options["shard"] {
            options["shard"] = .string(String(shard.drop { $0 != "/" }))
        }
        self.options = JSONValue.object(options).canonical
    }
}
