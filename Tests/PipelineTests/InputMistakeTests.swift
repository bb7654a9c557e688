import Testing

@Suite(.timeLimit(.minutes(10)))
struct InputMistakeTests {
    @Test("An unknown input gets a suggestion")
    func unknownInputGetsSuggestion() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: q, ⟦modle: q }
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:7:20: error: `train.sft` has no input `modle`
                  in: { data: q, modle: q }
                                 ^
              did you mean `model`?
            """)
    }

    @Test("A missing input lists what would fit")
    func missingInputListsWhatWould() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              ⟦t:
                uses: train.sft
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:5:3: error: `train.sft` needs the input `data`
                t:
                ^
              add `data: ` under `in`: `q` or `q.test`
            """)
    }

    @Test("An unknown stage gets a suggestion")
    func unknownStageGetsSuggestion() {
        expect(
            """
            name: p
            stages:
              questions:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: ⟦question.train }
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:7:17: error: there is no stage `question`
                  in: { data: question.train }
                              ^
              did you mean `questions`?
            """)
    }

    @Test("An unknown output lists those there are")
    func unknownOutputListsThoseThere() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: ⟦q.all }
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:7:17: error: the stage `q` has no output `all`
                  in: { data: q.all }
                              ^
              its outputs are `train` and `test`
            """)
    }

    @Test("An artifact of the wrong type is refused")
    func artifactWrongTypeRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: q }
                with: { learning_rate: 1e-3 }
              u:
                uses: train.sft
                in: { data: q, model: ⟦q.test }
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:11:27: error: the input `model` needs a model, but `q.test` is questions
                  in: { data: q, model: q.test }
                                        ^
              write `t`
            """)
    }

    @Test("A list for an input of one artifact is refused")
    func listInputOneArtifactRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: [⟦q.train, q.test] }
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:7:18: error: the input `data` accepts one artifact, not a list
                  in: { data: [q.train, q.test] }
                               ^
              name one stage
            """)
    }

    @Test("An input that is a number is refused")
    func inputNumberRefused() {
        expect(
            """
            name: p
            stages:
              t:
                uses: train.sft
                in: { data: ⟦3 }
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:5:17: error: the input `data` must be a stage, `stage.output` or a list of them, not `3`
                  in: { data: 3 }
                              ^
            """)
    }

    @Test("An empty list of inputs is refused")
    func emptyListInputsRefused() {
        expect(
            """
            name: p
            stages:
              w:
                uses: weigh
                in: { ⟦traces: [] }
            """,
            """
            lab/p.yaml:5:11: error: the input `traces` lists no stages
                  in: { traces: [] }
                        ^
              write `traces: stage` or remove it
            """)
    }

    @Test("An unknown stage under needs gets a suggestion")
    func unknownStageUnderNeedsGets() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              r:
                uses: ingest.countdown
                needs: [q, ⟦qq]
            """,
            """
            lab/p.yaml:7:16: error: there is no stage `qq`
                  needs: [q, qq]
                             ^
              did you mean `q`?
            """)
    }

    @Test("A cycle names every stage in it")
    func cycleNamesEveryStageIn() {
        expect(
            """
            name: p
            stages:
              ⟦a:
                uses: command
                in: { x: c }
                with: { argv: [x] }
              b:
                uses: command
                in: { x: a }
                with: { argv: [x] }
              c:
                uses: command
                in: { x: b }
                with: { argv: [x] }
            """,
            """
            lab/p.yaml:3:3: error: the stages `a`, `b` and `c` form a cycle: a -> b -> c -> a
                a:
                ^
              remove one of these dependencies
            """)
    }

    @Test("A stage that reads itself is a cycle of one")
    func stageReadsItselfCycleOne() {
        expect(
            """
            name: p
            stages:
              ⟦a:
                uses: command
                in: { x: a }
                with: { argv: [x] }
            """,
            """
            lab/p.yaml:3:3: error: the stage `a` depends on itself
                a:
                ^
              remove one of these dependencies
            """)
    }

    @Test("A missing input that nothing fits says so")
    func missingInputNothingFitsSays() {
        expect(
            """
            name: p
            stages:
              ⟦t:
                uses: train.sft
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:3:3: error: `train.sft` needs the input `data`
                t:
                ^
              add `data: ` under `in`; no stage here produces questions
            """)
    }

    @Test("A cycle through needs is a cycle")
    func cycleThroughNeedsCycle() {
        expect(
            """
            name: p
            stages:
              ⟦a:
                uses: command
                needs: b
                with: { argv: [x] }
              b:
                uses: command
                needs: a
                with: { argv: [x] }
            """,
            """
            lab/p.yaml:3:3: error: the stages `a` and `b` form a cycle: a -> b -> a
                a:
                ^
              remove one of these dependencies
            """)
    }
}
