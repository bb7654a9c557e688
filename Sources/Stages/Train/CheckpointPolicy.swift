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

    static let checkpointSteps = Option<Int?>(
        "checkpoint_steps", in: 1...100_000_000, "Steps between two checkpoints.",
        affectsResult: false)
    static let checkpointMinutes = Option<Double?>(
        "checkpoint_minutes", in: .leastNonzeroMagnitude...525_600,
        "Minutes between two checkpoints; without this and `checkpoint_steps` every two seconds or more, for a fiftieth of the time.",
        affectsResult: false)

    static let options: [any OptionDeclaration] = [
        checkpointSteps,
        checkpointMinutes,
    ]

    /// From the options, for a training that is at `step`.
    init(_ options: Options, step: Int) {
        steps = options[Self.checkpointSteps]
        time =
            options[Self.checkpointMinutes].map { .seconds(60 * $0) }
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
