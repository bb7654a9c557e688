import Pipeline

/// When a training saves checkpoints: after a number of steps or minutes, whichever comes first. Without
/// either, every two seconds, or less often if saving takes more than 2 % of the time.
struct CheckpointPolicy {
    private let steps: Int?
    private let time: Duration?
    private var lastStep: Int
    private var last = ContinuousClock.now
    private var cost = Duration.zero

    /// A rule of thumb that limits writes to the disk.
    private static let pause = Duration.seconds(2)

    static let checkpointSteps = Option<Int?>(
        "checkpoint_steps", in: 1...100_000_000, "Steps between two checkpoints.",
        affectsResult: false)
    static let checkpointMinutes = Option<Double?>(
        "checkpoint_minutes", in: .leastNonzeroMagnitude...525_600,
        "Minutes between two checkpoints. Without this and `checkpoint_steps`, a checkpoint is saved every two seconds, or less often if saving takes more than 2 % of the time.",
        affectsResult: false)

    static let options: [any OptionDeclaration] = [
        checkpointSteps,
        checkpointMinutes,
    ]

    /// The policy of the options, for a training at `step`.
    init(_ options: Options, step: Int) {
        steps = options[Self.checkpointSteps]
        time =
            options[Self.checkpointMinutes].map { .seconds(60 * $0) }
        lastStep = step
    }

    /// Calls `save` if a checkpoint is due, and returns its result; otherwise returns false.
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
