import Study
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ClaimInputTests {
    @Test("The evaluations' documentation lists every label that claims compare")
    func labels() {
        #expect(
            ClaimInput.all[0].summary
                == "Evaluations of the arms on the same questions, one per `label` and `replicate` (T7 to T13, T16). These labels have a meaning: prior, sft (with as many steps as the method), posterior-sft (on q's traces, all alike), rft-all, rft-one, grpo, dr-grpo, variational-E-S-M with E accuracy, geometric-mean or likelihood, S normalized or argmax and M mix or no-mix, no-hint (traces of the prior), accuracy-only, ratio-only, exact-ratio, k1, k2, k4 and so on (K traces per question, equal steps), round-2, disjoint (q trained on other questions)."
        )
    }

    @Test("Every input has a name of its own")
    func names() {
        #expect(Set(ClaimInput.all.map(\.name)).count == 18)
    }
}
