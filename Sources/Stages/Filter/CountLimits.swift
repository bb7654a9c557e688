import Pipeline

/// Two options that say how much of something there must and may be.
struct CountLimits {
    private let least: Int?
    private let most: Int?

    /// Throws for limits that nothing can keep.
    init(
        _ options: Options, least: Option<Int?>, most: Option<Int?>
    ) throws(StageError) {
        self.least = options[least]
        self.most = options[most]
        if let lower = self.least, let upper = self.most, lower > upper {
            throw .crossedLimits(least.name, lower, most.name, upper)
        }
    }

    var areGiven: Bool { least != nil || most != nil }

    /// Why `count` is too low or too high; `text` says it in words.
    func reason(_ count: Int, _ text: @autoclosure () -> String) -> String? {
        if let least, count < least { return "\(text()), fewer than \(least)" }
        if let most, count > most { return "\(text()), more than \(most)" }
        return nil
    }
}
