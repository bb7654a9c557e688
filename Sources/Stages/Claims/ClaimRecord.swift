import VariationalInference

/// The claims of the paper and its open questions, in order.
enum ClaimID: String, CaseIterable {
    case t1 = "T1"
    case t2 = "T2"
    case t3 = "T3"
    case t4 = "T4"
    case t5 = "T5"
    case t6 = "T6"
    case t7 = "T7"
    case t8 = "T8"
    case t9 = "T9"
    case t10 = "T10"
    case t11 = "T11"
    case t12 = "T12"
    case t13 = "T13"
    case t14 = "T14"
    case t15 = "T15"
    case t16 = "T16"

    /// The claims that need evaluations of arms.
    static let ofArms: [ClaimID] = [.t7, .t8, .t9, .t10, .t12, .t13, .t16]
}

/// A measurement of a claim: one line of `claims.jsonl`.
package struct ClaimRecord: Codable, Hashable, Sendable {
    /// T1 to T16.
    package var id: String
    package var claim: String
    /// What was compared or computed.
    package var measured: String
    package var value: Double
    /// The ends of the 95 % interval; `nil` for a figure without one.
    package var low: Double?
    package var high: Double?
    package var unit: String
    /// How the figure and its interval were computed.
    package var yardstick: String
    package var questions: Int?
    package var replicates: Int?
    /// `Finding`
    package var finding: String
}

/// A figure of one arm of an experiment over its replicates: one line of `arms.jsonl`.
package struct ArmRecord: Codable, Hashable, Sendable {
    package var label: String
    /// `nil` for all levels together.
    package var level: Int?
    package var measure: String
    package var value: Double
    package var low: Double
    package var high: Double
    package var questions: Int
    package var replicates: Int
}
