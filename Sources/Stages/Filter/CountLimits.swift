import Pipeline

/// A minimum and a maximum count, given by two options.
struct CountLimits {
    private let least: Int?
    private let most: Int?

    init(_ options: Options, least: Option<Int?>, most: Option<Int?>) {
        self.least = options[least]
        self.most = options[most]
    }

    /// Throws if the minimum exceeds the maximum.
    static func check(
        _ options: Options, least: Option<Int?>, most: Option<Int?>
    ) throws(OptionMistake) {
        if let lower = options[least], let upper = options[most], lower > upper {
            throw .crossedLimits(least.name, lower, most.name, upper)
        }
    }

    var areGiven: Bool { least != nil || most != nil }

    /// Why `count` is too low or too high, with the description `text`; `nil` if it is within the limits.
    func reason(_ count: Int, _ text: @autoclosure () -> String) -> String? {
        if let least, count < least { return "\(text()), fewer than \(least)" }
        if let most, count > most { return "\(text()), more than \(most)" }
        return nil
    }
}
