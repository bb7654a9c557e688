import Foundation
import Report
import Store
import Testing

@Suite("Sample queries", .timeLimit(.minutes(10)))
struct SampleQueryTests {
    @Test("Each runs on the schema", arguments: SampleQuery.stages + SampleQuery.traces)
    func runs(query: SampleQuery) throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("vireo-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try Store.open(directory: directory.path, mode: .readWrite)
        let answer = try Console(store.layout).run(query.sql)
        try store.close()
        #expect(answer.rows.isEmpty)
        #expect(!answer.columns.isEmpty)
    }
}
