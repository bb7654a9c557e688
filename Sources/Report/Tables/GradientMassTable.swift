import Store

/// What methods learn from questions, by accuracy: for each method its measured weights, and below them the
/// exact weights or the share of questions with an example, if it has them.
package struct GradientMassTable: Hashable, Sendable {
    private let masses: [GradientMass]

    package init(_ masses: [GradientMass]) { self.masses = masses }

    /// `nil` without figures.
    package var titled: TitledTable? {
        guard !masses.isEmpty else { return nil }
        let bins = Set(masses.map(Bin.init)).sorted { ($0.low, $0.high) < ($1.low, $1.high) }
        let isOne = Set(masses.map(\.name)).count == 1
        let rows = masses.map(Method.init).distinct.flatMap { method in
            let own = Dictionary(
                masses.filter { Method($0) == method }.map { (Bin($0), $0) },
                uniquingKeysWith: { first, _ in first })
            let title = isOne ? method.method : "\(method.method) (\(method.name))"
            func cells(_ value: (GradientMass) -> SQLValue) -> [SQLValue] {
                bins.map { bin in own[bin].map(value) ?? .null }
            }
            let head = [SQLValue.text(title), .integer(Int64(method.groupSize)), .text("weight")]
            let others = [
                ("exact weight", cells { Self.number($0.exact) }),
                ("example share", cells { Self.number($0.exampleShare) }),
            ].filter { _, cells in cells.contains { $0 != .null } }
            return [head + cells(Self.measured)]
                + others.map { name, cells in [SQLValue.null, .null, .text(name)] + cells }
        }
        return TitledTable(
            title: "Gradient mass: weight on grad log P(Y_x|x) by accuracy, "
                + "± 95% interval over questions",
            table: Table(columns: ["method", "group", "figure"] + bins.map(\.title), rows: rows))
    }

    private struct Method: Hashable {
        let name: String
        let method: String
        let groupSize: Int

        init(_ mass: GradientMass) {
            name = mass.name
            method = mass.method
            groupSize = mass.groupSize
        }
    }

    private struct Bin: Hashable {
        let low: Double
        let high: Double

        init(_ mass: GradientMass) {
            low = mass.low
            high = mass.high
        }

        /// `0.25 to 0.5`, or `0` if both ends are zero.
        var title: String {
            [low, high].distinct.map { $0 == $0.rounded() ? $0.fixed(0) : $0.description }
                .joined(separator: " to ")
        }
    }

    private static func number(_ value: Double?) -> SQLValue {
        value.map { .text($0.fixed(3)) } ?? .null
    }

    private static func measured(_ mass: GradientMass) -> SQLValue {
        guard let weight = mass.weight else { return .null }
        let margin = 1.96 * (mass.weightError ?? .nan)
        return .text(
            Estimate.text(weight, low: weight - margin, high: weight + margin, digits: 3))
    }
}
