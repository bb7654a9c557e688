import Pipeline

extension Options {
    /// The numbers of a list, whole ones too.
    func numbers(_ name: String) -> [Double] {
        list(name).map { Options([name: $0]).number(name) }
    }
}
