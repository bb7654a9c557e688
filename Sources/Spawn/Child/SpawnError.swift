/// A program that could not be started.
package struct SpawnError: Error, Hashable, CustomStringConvertible {
    package let executable: String
    package let reason: String

    package init(executable: String, reason: String) {
        self.executable = executable
        self.reason = reason
    }

    package var description: String { "cannot start \(executable): \(reason)" }
}
