import Report
import Store

/// The report of a run as a page of HTML.
struct RunPage {
    let store: Store
    let run: RunRecord

    func html() throws -> String {
        let results = try store.results(of: run.id)
        let sections: [[ReportPage.Section]] = [
            tables([ClaimTable(results.claims).titled], .claims),
            tables(AccuracyTables(results).tables, .arms),
            try figures([.accuracy, .pass]),
            tables([BoundTable(results.bounds).titled], .bounds),
            try figures([.bound, .weights, .effectiveSize]),
            tables([GradientMassTable(results.gradientMass).titled], .gradientMass),
            try figures([.gradientMass, .posterior, .learning]),
        ]
        let outcomes = StageOutcomes(try store.stages(run.id))
        return ReportPage(
            title: "Run \(run.id.rawValue) of \(run.pipeline)",
            summary: RunListing.headline(run) + " "
                + outcomes.sentence(seconds: run.seconds ?? 0),
            sections: Array(sections.joined())
        ).html
    }

    private func tables(_ tables: [TitledTable?], _ query: ReportQuery) -> [ReportPage.Section] {
        tables.compactMap { $0 }.map { .table($0, sql: query.sql(for: run.id)) }
    }

    private func figures(_ figures: [Figure]) throws -> [ReportPage.Section] {
        try figures.map { figure in
            .figure(
                figure, try store.points(figure.query, of: run.id),
                sql: figure.query.sql(for: run.id))
        }
    }
}
