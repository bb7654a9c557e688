import Store

/// The accuracy of each replicate of the arms of an experiment: one table per comparison, with one row per arm. It
/// shows what a mean with its interval hides, such as a seed whose training collapsed.
package struct ReplicateTable: Hashable, Sendable {
    private let figures: [ReplicateFigure]

    package init(_ figures: [ReplicateFigure]) { self.figures = figures }

    /// None for a single replicate, or for more than fit into a line.
    package var tables: [TitledTable] { figures.map(Test.init).distinct.compactMap(table) }

    private func table(_ test: Test) -> TitledTable? {
        let own = figures.filter { Test($0) == test }
        let numbers = Set(own.map(\.replicate)).sorted()
        guard (2...20).contains(numbers.count) else { return nil }
        let rows = own.map(\.label).distinct.map { label in
            [SQLValue.text(label)]
                + numbers.map { number in
                    let figure = own.first { $0.label == label && $0.replicate == number }
                    return figure?.value.map { .text((100 * $0).fixed(1)) } ?? .null
                }
        }
        let isOnly = Set(figures.map(\.stage)).count == 1
        return TitledTable(
            title: "Accuracy of each replicate in %\(isOnly ? "" : ", \(test.stage)"): "
                + "\(test.measure) on \(test.questions) questions",
            table: Table(columns: ["arm"] + numbers.map(String.init), rows: rows))
    }

    /// What arms were compared by.
    private struct Test: Hashable {
        let stage: String
        let measure: String
        let questions: Int

        init(_ figure: ReplicateFigure) {
            (stage, measure, questions) = (figure.stage, figure.measure, figure.questions)
        }
    }
}
