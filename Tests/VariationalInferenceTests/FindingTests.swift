import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct FindingTests {
    private func interval(_ low: Double, _ high: Double) -> Interval {
        Interval(value: (low + high) / 2, low: low, high: high)
    }

    @Test("An interval on one side of the threshold decides, one across it does not")
    func thresholds() {
        #expect(Finding(interval(0.1, 0.3), above: 0) == .holds)
        #expect(Finding(interval(-0.3, -0.1), above: 0) == .doesNotHold)
        #expect(Finding(interval(-0.1, 0.1), above: 0) == .undecided)
        #expect(Finding(interval(0, 0.1), above: 0) == .undecided)
        #expect(Finding(interval(-0.1, 0), above: 0) == .doesNotHold)
        #expect(Finding(interval(0.1, 0.3), below: 0) == .doesNotHold)
        #expect(Finding(interval(-0.3, -0.1), below: 0) == .holds)
        #expect(Finding(interval(-0.1, 0.1), below: 0) == .undecided)
    }

    @Test("A range is met inside, missed outside, and undecided across its ends")
    func ranges() {
        #expect(Finding(interval(0.9, 1.1), within: 0.9...1.1) == .holds)
        #expect(Finding(interval(1.2, 1.4), within: 0.9...1.1) == .doesNotHold)
        #expect(Finding(interval(0.1, 0.4), within: 0.9...1.1) == .doesNotHold)
        #expect(Finding(interval(1.0, 1.2), within: 0.9...1.1) == .undecided)
        #expect(Finding(interval(0, 2), within: 0.9...1.1) == .undecided)
    }

    @Test("An undefined interval decides nothing")
    func undefined() {
        #expect(Finding(interval(.nan, .nan), above: 0) == .undecided)
        #expect(Finding(interval(.nan, .nan), below: 0) == .undecided)
        #expect(Finding(interval(.nan, .nan), within: 0...1) == .undecided)
    }

    @Test("A difference of 0 without width, of a sample that did not vary, decides nothing")
    func degenerate() {
        #expect(Finding(interval(0, 0), above: 0) == .undecided)
        #expect(Finding(interval(0, 0), below: 0) == .undecided)
        #expect(Finding(interval(1e-17, 1e-17), above: 0) == .undecided)
        #expect(Finding(interval(1, 1), above: 0) == .holds)
        #expect(Finding(interval(-1, -1), above: 0) == .doesNotHold)
    }

    @Test("The names are those of a table of claims")
    func names() {
        #expect(Finding.allCases.map(\.rawValue) == ["holds", "does not hold", "undecided"])
    }
}
