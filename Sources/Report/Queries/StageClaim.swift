import Reasoning

/// A claim and the stage that tested it.
package struct StageClaim: Hashable, Sendable, Codable {
    /// The id of the stage.
    package let stage: String
    package let claim: ClaimRecord

    private enum CodingKeys: CodingKey { case stage }

    package init(stage: String, claim: ClaimRecord) {
        self.stage = stage
        self.claim = claim
    }

    /// Both from one row.
    package init(from decoder: any Decoder) throws {
        stage = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .stage)
        claim = try ClaimRecord(from: decoder)
    }

    /// Both in one object.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(stage, forKey: .stage)
        try claim.encode(to: encoder)
    }
}
