import Store

/// The value of a parameter of a run.
package struct ParameterValue: Hashable, Sendable, Decodable {
    package let run: Int64
    package let name: String

    /// JSON.
    package let value: String

    package static func query(_ runs: [RunID]) -> Query {
        "SELECT run, name, value FROM param WHERE run IN \(runs.map(\.rawValue)) ORDER BY name"
    }
}
