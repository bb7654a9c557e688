import Pipeline

/// When a training saves: every so many steps or minutes, whichever comes first; without either, every
/// other second, and less often where saving takes more than a fiftieth of the time.
struct CheckpointPolicy {
    private let steps: Int?
    private let time: Duration?
    private var lastStep: Int
    private var last = ContinuousClock.now
    private var cost = Duration.zero

    /// Two seconds are a rule of thumb: less would wear the disk for nothing.
    private static let pause = Duration.seconds(2)

    static let options: [StageKind.Option] = [
        .init(
            "checkpoint_steps", .integer(1...100_000_000), default: .null, affectsResult: false,
            "Steps between two checkpoints."),
        .init(
            "checkpoint_minutes", .number(.leastNonzeroMagnitude...525_600), default: .null,
            affectsResult: false,
            "Minutes between two checkpoints; without this and `checkpoint_steps` every two seconds or more, for a fiftieth of the time."
        ),
    ]

    /// From the options, for a training that is at `step`.
    init(_ options: Options, step: Int) {
        steps = options.isGiven("checkpoint_steps") ? options.integer("checkpoint_steps") : nil
        time =
            options.isGiven("checkpoint_minutes")
            ? .seconds(60 * options.number("checkpoint_minutes")) : nil
        lastStep = step
    }

    /// Calls `save` if it is time to, and returns what it does, or false.
    mutating func saveIfDue(step: Int, _ save: () throws -> Bool) throws -> Bool {
        let now = ContinuousClock.now
        let isDue =
            if steps == nil, time == nil {
                now - last > max(Self.pause, cost * 50)
            } else {
                steps.map { step - lastStep >= $0 } ?? false
                    || time.map { now - last >= $0 } ?? false
            }
        guard isDue else { return false }
        let isSaved = try save()
        (last, lastStep) = (.now, step)
        cost = last - now
        return isSaved
    }
}
