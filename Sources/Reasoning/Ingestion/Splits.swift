/// Which questions are for training and which for tests.
package struct Splits: Hashable, Sendable {
    /// The split that tests read.
    package static let test = "test"

    /// The split of all other questions.
    package var name: String

    /// The share of those that go to the tests all the same, drawn for each question from `seed` and its id, so
    /// that other questions change nothing.
    package var testShare: Double
    package var seed: Int

    package init(name: String, testShare: Double, seed: Int) {
        self.name = name
        self.testShare = testShare
        self.seed = seed
    }

    package func split(of id: String) -> String {
        var random = RandomSource(seed: seed, "split", .text(id))
        return random.chance(testShare) ? Self.test : name
    }
}
