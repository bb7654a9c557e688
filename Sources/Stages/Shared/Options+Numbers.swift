import Pipeline

extension Options {
    /// The numbers of a list, whole ones too.
    func numbers(_ name: String) -> [Double] {
        list(name).map { Options([name: $0]).number(name) }
    }

    /// Whether an option that is `null` by default has a value.
    func isGiven(_ name: String) -> Bool { values[name].map { $0 != .null } ?? false }

    /// The texts of a list.
    func texts(_ name: String) -> [String] {
        list(name).map { Options([name: $0]).text(name) }
    }
}
