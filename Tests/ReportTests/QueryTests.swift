import Report
import Store
import Testing

@Suite("Queries with values", .timeLimit(.minutes(10)))
struct QueryTests {
    @Test("Values are quoted where they are interpolated")
    func quoting() {
        let run = RunID(rawValue: 7)
        let query: Query =
            "SELECT * FROM stage WHERE run = \(run) AND id = \("it's \0a") AND kind IN \(["a", "b'"])"
        #expect(
            query.sql
                == "SELECT * FROM stage WHERE run = 7 AND id = 'it''s a' AND kind IN ('a', 'b''')")
        let part: Query = "LIMIT \(5)"
        #expect(("SELECT 1 \(part)" as Query).sql == "SELECT 1 LIMIT 5")
    }
}
