/// An event that a running stage reports. An event is one line of JSON.
package enum StageEvent: Hashable, Codable, Sendable {
    /// `done` of `total` units are finished.
    case progress(done: Int, total: Int, unit: String)

    /// A value of a named metric.
    case metric(name: String, step: Int, value: Double)

    /// A line for the log of the stage.
    case log(String)

    /// A line for the log that is also shown to the user.
    case warning(String)

    /// The stage saved a checkpoint at `step`. After an interruption, metrics beyond it are reported again.
    case checkpoint(step: Int)

    /// This attempt resumes after `step`.
    case resumed(step: Int)

    /// An engine outside of this program computes the result. A later event replaces this one.
    case engine(EngineIdentity)

    // The name of the value in JSON.
    private enum EngineCodingKeys: String, CodingKey { case _0 = "identity" }
    private enum LogCodingKeys: String, CodingKey { case _0 = "text" }
    private enum WarningCodingKeys: String, CodingKey { case _0 = "text" }
}
