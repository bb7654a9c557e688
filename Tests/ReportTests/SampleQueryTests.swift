import Report
import Store
import TestSupport
import Testing

@Suite("Sample queries", .timeLimit(.minutes(10)))
struct SampleQueryTests {
    @Test("Each runs on the schema", arguments: SampleQuery.stages + SampleQuery.traces)
    func runs(query: SampleQuery) throws {
        let answer = try withExtendedLifetime(TemporaryStore()) {
            try Console($0.store.layout).run(query.sql)
        }
        #expect(answer.rows.isEmpty)
        #expect(!answer.columns.isEmpty)
    }
}
