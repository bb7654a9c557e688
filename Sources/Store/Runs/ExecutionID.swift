/// Names a row of `execution`: one attempt at the work of a key.
package struct ExecutionID: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }
}
