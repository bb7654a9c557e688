import Store

/// The report of a run as an HTML page.
package struct RunPage {
    private let store: Store
    private let run: RunRecord

    package init(_ run: RunRecord, in store: Store) {
        self.run = run
        self.store = store
    }

    package func html() throws -> String {
        let results = try RunResults(of: run.id, in: store)
        let sections: [[ReportPage.Section]] = [
            tables(ClaimTable.all(results.claims).map(\.titled), .claims),
            tables(AccuracyTables(results).tables, .arms),
            tables([CostTable(results.costs).titled], .costs),
            tables(ReplicateTable(results.replicates).tables, .replicates),
            tables([CandidateTable(results.candidates).titled], .candidates),
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
                figure, try figure.query.points(of: run.id, in: store),
                sql: figure.query.sql(for: run.id))
        }
    }
}
