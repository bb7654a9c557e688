/// What a stage tells while it runs. One event is one line of JSON.
package enum StageEvent: Hashable, Codable, Sendable {
    /// `done` of `total` units are finished.
    case progress(done: Int, total: Int, unit: String)

    /// One point of a named series.
    case metric(name: String, step: Int, value: Double)

    /// A line for the stage's log.
    case log(String)

    /// A line for the log that whoever runs the pipeline should see too.
    case warning(String)

    /// Everything up to `step` survives an interruption; metrics beyond it will be emitted again.
    case checkpoint(step: Int)

    /// This attempt goes on from `step`.
    case resumed(step: Int)
}
