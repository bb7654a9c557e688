import Store

/// The accuracy of each replicate of the arms of an experiment: one table per test, with one row per arm. It shows
/// what a mean with its interval hides, such as a seed whose training collapsed.
package struct ReplicateTable: Hashable, Sendable {
    private let figures: [ReplicateFigure]

    /// Only arms that a stage compared have rows.
    package init(_ results: RunResults) {
        let compared = Set(
            results.arms.filter { $0.level == nil && $0.replicates != nil }.map(Test.init))
        figures = results.replicates.filter { compared.contains(Test($0)) }
    }

    /// None for a single replicate, or for more than fit into a line.
    package var tables: [TitledTable] {
        figures.map { Title(measure: $0.measure, questions: $0.questions) }.distinct
            .compactMap(table)
    }

    private func table(_ title: Title) -> TitledTable? {
        let own = figures.filter {
            $0.measure == title.measure && $0.questions == title.questions
        }
        let numbers = Set(own.map(\.replicate)).sorted()
        guard (2...20).contains(numbers.count) else { return nil }
        let rows = own.map(\.label).distinct.map { label in
            [SQLValue.text(label)]
                + numbers.map { number in
                    let figure = own.first { $0.label == label && $0.replicate == number }
                    return figure?.value.map { .text((100 * $0).fixed(1)) } ?? .null
                }
        }
        return TitledTable(
            title:
                "Accuracy of each replicate in %: \(title.measure) on \(title.questions) questions",
            table: Table(columns: ["arm"] + numbers.map(String.init), rows: rows))
    }

    private struct Title: Hashable {
        let measure: String
        let questions: Int
    }

    /// An arm and what it was measured on.
    private struct Test: Hashable {
        let label: String
        let measure: String
        let questions: Int

        init(_ figure: AccuracyFigure) {
            (label, measure, questions) = (figure.label, figure.measure, figure.questions)
        }

        init(_ figure: ReplicateFigure) {
            (label, measure, questions) = (figure.label, figure.measure, figure.questions)
        }
    }
}
