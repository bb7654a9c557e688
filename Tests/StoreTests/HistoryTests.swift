import Foundation
import Pipeline
import Store
import Testing

struct HistoryTests {
    private let temporary: TemporaryStore
    private var store: Store { temporary.store }

    init() throws { temporary = try TemporaryStore() }

    /// Finishes an execution of `key` with one output.
    private func finish(_ key: Digest, _ text: String) throws -> (ExecutionID, Digest) {
        let id = try temporary.start(key: key)
        let outputs = try store.publish(
            id,
            outputs: [
                .init(name: "out", type: .files, directory: try temporary.directory(["a": text]))
            ], usage: nil)
        return (id, try #require(outputs["out"]))
    }

    @Test("The answers to many keys come at once; keys without one are missing")
    func manyKeys() throws {
        let keys = (0..<4).map { Digest(of: "key \($0)") }
        let first = try finish(keys[0], "a")
        let second = try finish(keys[1], "b")
        try store.fail(try temporary.start(key: keys[2]), error: "no", usage: nil)
        let found = try store.finishedExecutions(keys)
        #expect(Set(found.keys) == [keys[0], keys[1]])
        #expect(found[keys[0]]?.id == first.0 && found[keys[1]]?.id == second.0)
        #expect(found[keys[0]]?.outputs == ["out": first.1])
        #expect(found[keys[1]]?.isPresent == true)
        try FileManager.default.removeItem(atPath: store.layout.object(second.1))
        #expect(try store.finishedExecutions(keys)[keys[1]]?.isPresent == false)
        #expect(try store.finishedExecutions(keys)[keys[0]]?.isPresent == true)
        #expect(try store.finishedExecutions([]).isEmpty)
    }

    @Test("A forced second execution is the answer, and one without outputs is one too")
    func secondAnswer() throws {
        let key = Digest(of: "key")
        _ = try finish(key, "a")
        let second = try finish(key, "b")
        #expect(try store.finishedExecutions([key, key])[key]?.id == second.0)
        let empty = Digest(of: "empty")
        let id = try temporary.start(key: empty)
        #expect(try store.publish(id, outputs: [], usage: nil) == [:])
        #expect(try store.finishedExecutions([empty])[empty]?.id == id)
        #expect(try store.finishedExecution(empty)?.outputs == [:])
    }
}
