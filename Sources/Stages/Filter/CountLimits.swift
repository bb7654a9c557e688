import Pipeline

/// Two options that say how much of something there must and may be.
struct CountLimits {
    private let least: Int?
    private let most: Int?

    /// Throws for limits that nothing can keep.
    init(_ options: Options, least: String, most: String) throws(StageError) {
        self.least = options.isGiven(least) ? options.integer(least) : nil
        self.most = options.isGiven(most) ? options.integer(most) : nil
        if let lower = self.least, let upper = self.most, lower > upper {
            throw .crossedLimits(least, lower, most, upper)
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
