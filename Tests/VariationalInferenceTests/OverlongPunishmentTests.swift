import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct OverlongPunishmentTests {
    @Test("The punishment grows evenly over the last tokens, as DAPO has it")
    func definition() {
        let punishment = OverlongPunishment(longest: 20, buffer: 4)
        // Eq. 13 of arXiv 2503.14476, with the sign of a loss.
        for tokens in 0...30 {
            let length = Double(tokens)
            let expected = tokens <= 16 ? 0 : tokens <= 20 ? -((20.0 - 4) - length) / 4 : 1
            #expect(punishment.value(tokens: tokens) == expected)
        }
        #expect(OverlongPunishment(longest: 20, buffer: 4, weight: 0.5).value(tokens: 18) == 0.25)
    }

    @Test("Without a buffer no length is punished, and one longer than all lengths begins at once")
    func limits() {
        #expect(OverlongPunishment(longest: 20, buffer: 0).value(tokens: 20) == 0)
        #expect(OverlongPunishment(longest: 2, buffer: 4).value(tokens: 0) == 0.5)
    }
}
