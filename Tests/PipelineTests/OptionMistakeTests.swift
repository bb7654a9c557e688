import Testing

@Suite(.timeLimit(.minutes(10)))
struct OptionMistakeTests {
    @Test("An unknown option gets a suggestion")
    func unknownOptionGetsSuggestion() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { ⟦sede: 1 }
            """,
            """
            lab/p.yaml:5:13: error: `ingest.countdown` has no option `sede`
                  with: { sede: 1 }
                          ^
              did you mean `seed`?
            """)
    }

    @Test("An option for a kind that has none is refused")
    func optionKindHasNoneRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              s:
                uses: sample.traces
                in: { model: t, questions: q }
              t:
                uses: train.sft
                in: { data: q }
                with: { learning_rate: 1e-3 }
              w:
                uses: weigh
                in: { traces: s }
                with: { ⟦x: 1 }
            """,
            """
            lab/p.yaml:15:13: error: `weigh` has no option `x`
                  with: { x: 1 }
                          ^
              it takes no options: remove it
            """)
    }

    @Test("A missing option is reported at its stage")
    func missingOptionReportedAtIts() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              ⟦t:
                uses: train.sft
                in: { data: q }
            """,
            """
            lab/p.yaml:5:3: error: `train.sft` needs the option `learning_rate`
                t:
                ^
              add `learning_rate: ` under `with`: a number above 0 up to 1
            """)
    }

    @Test("A text for an integer is refused")
    func textIntegerRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { train: ⟦many }
            """,
            """
            lab/p.yaml:5:20: error: the option `train` must be an integer from 1 to 1000000, not the text "many"
                  with: { train: many }
                                 ^
              the default is `100`
            """)
    }

    @Test("A fraction for an integer is refused")
    func fractionIntegerRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { train: ⟦1.5 }
            """,
            """
            lab/p.yaml:5:20: error: the option `train` must be an integer from 1 to 1000000, not `1.5`
                  with: { train: 1.5 }
                                 ^
              the default is `100`
            """)
    }

    @Test("A number out of range is refused")
    func numberOutRangeRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { train: ⟦0 }
            """,
            """
            lab/p.yaml:5:20: error: the option `train` must be an integer from 1 to 1000000, not `0`
                  with: { train: 0 }
                                 ^
              the default is `100`
            """)
    }

    @Test("A number that must be above nothing is refused at nothing")
    func numberMustBeAboveNothing() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: q }
                with: { learning_rate: ⟦0 }
            """,
            """
            lab/p.yaml:8:28: error: the option `learning_rate` must be a number above 0 up to 1, not `0`
                  with: { learning_rate: 0 }
                                         ^
            """)
    }

    @Test("A word of YAML 1.1 for a flag is refused")
    func wordYaml11Flag() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: q }
                with: { learning_rate: 1, mix: ⟦yes }
            """,
            """
            lab/p.yaml:8:36: error: the option `mix` must be `true` or `false`, not the text "yes"
                  with: { learning_rate: 1, mix: yes }
                                                 ^
              the default is `true`
            """)
    }

    @Test("A choice that is not offered gets a suggestion")
    func choiceNotOfferedGetsSuggestion() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: q }
                with: { learning_rate: 1, schedule: ⟦cosin }
            """,
            """
            lab/p.yaml:8:41: error: the option `schedule` cannot be `cosin`
                  with: { learning_rate: 1, schedule: cosin }
                                                      ^
              did you mean `cosine`?
            """)
    }

    @Test("A choice like none offered lists them")
    func choiceLikeNoneOfferedLists() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: q }
                with: { learning_rate: 1, schedule: ⟦step }
            """,
            """
            lab/p.yaml:8:41: error: the option `schedule` cannot be `step`
                  with: { learning_rate: 1, schedule: step }
                                                      ^
              write `constant` or `cosine`
            """)
    }

    @Test("A shard past the last is refused")
    func shardPastLastRefused() {
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
              s:
                uses: sample.traces
                in: { model: t, questions: q }
                with: { shard: ⟦4/4 }
            """,
            """
            lab/p.yaml:12:20: error: the option `shard` must be a part such as `2/4`, not the text "4/4"
                  with: { shard: 4/4 }
                                 ^
              the first number starts at 0 and must be less than the second
            """)
    }

    @Test("A member of a list is named by its place")
    func memberListNamedByIts() {
        expect(
            """
            name: p
            stages:
              c:
                uses: command
                with: { argv: [python, ⟦[a]] }
            """,
            """
            lab/p.yaml:5:28: error: the option `argv[1]` must be a text, not a list
                  with: { argv: [python, [a]] }
                                         ^
            """)
    }

    @Test("An empty path is refused")
    func emptyPathRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { extra: ⟦"" }
            """,
            """
            lab/p.yaml:5:20: error: the option `extra` needs the path of a file
                  with: { extra: "" }
                                 ^
              write it relative to the pipeline file
            """)
    }

    @Test("An output listed twice is refused")
    func outputListedTwiceRefused() {
        expect(
            """
            name: p
            stages:
              c:
                uses: command
                with: { argv: [x], outputs: ⟦[a, a] }
            """,
            """
            lab/p.yaml:5:33: error: the output `a` is listed twice
                  with: { argv: [x], outputs: [a, a] }
                                              ^
              give each output its own name
            """)
    }

    @Test("Nothing where an integer belongs is refused")
    func nothingWhereIntegerBelongsRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with:
                  train:⟦
                  test: 1
            """,
            """
            lab/p.yaml:6:13: error: the option `train` must be an integer from 1 to 1000000, not nothing
                    train:
                          ^
              the default is `100`
            """)
    }

    @Test("Of alternative options one is enough, and none is a mistake")
    func noAlternative() {
        expect(
            """
            name: p
            stages:
              t: { uses: tune, with: { epochs: 2 } }
              ⟦u: { uses: tune, with: { steps: null } }
            """,
            """
            lab/p.yaml:4:3: error: `tune` needs one of the options `steps` or `epochs`
                u: { uses: tune, with: { steps: null } }
                ^
              add `steps: ` or `epochs: ` under `with`
            """, kinds: [Samples.tune])
    }

    @Test("Two alternative options are a mistake")
    func twoAlternatives() {
        expect(
            """
            name: p
            stages:
              t: { uses: tune, with: { epochs: 2, ⟦steps: 3 } }
            """,
            """
            lab/p.yaml:3:39: error: `tune` accepts only one of the options `epochs` and `steps`
                t: { uses: tune, with: { epochs: 2, steps: 3 } }
                                                    ^
              remove the others
            """, kinds: [Samples.tune])
    }
}
