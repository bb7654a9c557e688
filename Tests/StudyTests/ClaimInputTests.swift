import Study
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ClaimInputTests {
    @Test("The evaluations' documentation lists every label that claims compare")
    func labels() {
        #expect(
            ClaimInput.all[0].summary
                == "Evaluations of the arms on the same questions, one per `label` and `replicate` (T7 to T13, T15 to T18). These labels have a meaning: prior, sft (with as many steps as the method), posterior-sft (on q's traces, all alike), rft-all, rft-one, rft-matched (with as many generated tokens as the method), star, grpo, grpo-matched (with as many generated tokens as the method), dr-grpo, maxrl, likelihood-reward (the likelihood of the reference answer as the reward), variational-E-S-M with E accuracy, geometric-mean or likelihood, S normalized or argmax and M mix or no-mix, no-hint (traces of the prior), untrained-posterior (traces of the prior that sees the hint), random-trace (a random trace of q), no-leaks (without traces that state the answer before working it out), accuracy-only, ratio-only, exact-ratio, weighted-draw (in each epoch one trace, drawn by its weight), varied-geometric-mean (traces with correct answers of their own, by which they are weighed), varied-likelihood (traces with correct answers of their own, by which they are weighed), tempered-sampled (traces drawn at another temperature, `proposal: sampled`), tempered-untempered (the same traces, `proposal: untempered`), k1, k2, k4 and so on (K traces per question, equal steps), algorithm-1 (q trained on weighted rollouts of the prior), round-2, round-3, expert-iteration-2 (at the cost of as many rounds of the method), expert-iteration-3 (at the cost of as many rounds of the method), disjoint (q trained on other questions), variational-hinted-H and rft-matched-hinted-H with H 0, 0.1, 0.2 or 0.4 (the share of the base model's text with hints), full-variational (demonstrations for every question), full-sft (demonstrations for every question), full-rft-matched (demonstrations for every question), full-disjoint (also for as many others, on which q is trained), full-weighted-accuracy (all traces by their weights, without demonstrations), full-weighted-geometric-mean (all traces by their weights, without demonstrations). An arm with another label is compared only as `main` or `primary`."
        )
    }

    @Test("Every input has a name of its own")
    func names() {
        #expect(Set(ClaimInput.all.map(\.name)).count == 16)
    }
}
