import Foundation

/// Something that happened in a run, in words.
package struct RunNote: Hashable, Sendable {
    package let execution: ExecutionID?
    package let time: Date
    /// A word such as `started` or `failed`.
    package let kind: String
    package let text: String

    package init(execution: ExecutionID?, time: Date, kind: String, text: String) {
        self.execution = execution
        self.time = time
        self.kind = kind
        self.text = text
    }
}
