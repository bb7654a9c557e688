import Testing

@Suite(.timeLimit(.minutes(10)))
struct MatrixMistakeTests {
    @Test("An empty axis is refused")
    func emptyAxisRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { seed: ⟦[] }
            """,
            """
            lab/p.yaml:5:21: error: the matrix axis `seed` has no values
                  matrix: { seed: [] }
                                  ^
              list at least one value or remove the axis
            """)
    }

    @Test("An axis that is no list is refused")
    func axisNoListRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { seed: ⟦3 }
            """,
            """
            lab/p.yaml:5:21: error: the matrix axis `seed` must be a list of values, not `3`
                  matrix: { seed: 3 }
                                  ^
            """)
    }

    @Test("A value given twice is refused")
    func valueGivenTwiceRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { seed: [1, ⟦1.0] }
            """,
            """
            lab/p.yaml:5:25: error: the matrix axis `seed` has the value `1` twice
                  matrix: { seed: [1, 1.0] }
                                      ^
              list each value once
            """)
    }

    @Test("A value that is a list is refused")
    func valueListRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { seed: [⟦[1]] }
            """,
            """
            lab/p.yaml:5:22: error: a value of the matrix axis `seed` cannot be a list
                  matrix: { seed: [[1]] }
                                   ^
              use numbers, or texts without `[`, `]`, `,`, `=` and without leading or trailing spaces
            """)
    }

    @Test("A value with a comma is refused")
    func valueWithCommaRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { seed: [⟦"a,b"] }
            """,
            """
            lab/p.yaml:5:22: error: a value of the matrix axis `seed` cannot be the text "a,b"
                  matrix: { seed: ["a,b"] }
                                   ^
              use numbers, or texts without `[`, `]`, `,`, `=` and without leading or trailing spaces
            """)
    }

    @Test("An axis of every stage cannot be an axis of one")
    func axisEveryStageCannotBe() {
        expect(
            """
            name: p
            matrix: { seed: [0, 1] }
            stages:
              q:
                uses: ingest.countdown
                matrix: { ⟦seed: [2] }
            """,
            """
            lab/p.yaml:6:15: error: `seed` is already an axis of every stage
                  matrix: { seed: [2] }
                            ^
              it is declared in the `matrix` at the top of the file: choose another name
            """)
    }

    @Test("Too many instances are refused")
    func tooManyInstancesRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { ⟦a: &v [0,1,2,3,4,5,6,7,8,9], b: *v, c: *v, d: *v, e: *v }
            """,
            """
            lab/p.yaml:5:15: error: the matrix of `q` has more than 10000 instances
                  matrix: { a: &v [0,1,2,3,4,5,6,7,8,9], b: *v, c: *v, d: *v, e: *v }
                            ^
              use fewer or shorter axes
            """)
    }

    @Test("An option that is wrong for one instance shows its value")
    func optionWrongOneInstanceShows() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { n: [1, 0] }
                with: { train: ⟦"${matrix.n}" }
            """,
            """
            lab/p.yaml:6:20: error: the option `train` must be an integer from 1 to 1000000, not `0`
                  with: { train: "${matrix.n}" }
                                 ^
              the default is `100`
            """)
    }

    @Test("Several artifacts for an input of one name the axis")
    func severalArtifactsInputOneName() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { seed: [0, 1] }
              t:
                uses: train.sft
                in: { data: ⟦q }
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:8:17: error: the input `data` accepts one artifact, but `q` has 2: one for each seed
                  in: { data: q }
                              ^
              give this stage the matrix axis `seed` too
            """)
    }

    @Test("An axis value that the input lacks is refused")
    func axisValueInputLacksRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { seed: [0, 1] }
              t:
                uses: train.sft
                in: { data: ⟦q }
                matrix: { seed: [1, 2] }
                with: { learning_rate: 1 }
            """,
            """
            lab/p.yaml:8:17: error: the stage `q` has no instance with seed=2
                  in: { data: q }
                              ^
              give both stages the same values of the axis
            """)
    }

    @Test("Outputs that differ between instances are refused")
    func outputsDifferBetweenInstancesRefused() {
        expect(
            """
            name: p
            stages:
              c:
                uses: command
                matrix: { n: [a, b] }
                with: { argv: [x], outputs: ⟦["${matrix.n}"] }
            """,
            """
            lab/p.yaml:6:33: error: the instances of one stage must have the same outputs
                  with: { argv: [x], outputs: ["${matrix.n}"] }
                                              ^
              remove the matrix reference from `outputs`
            """)
    }

    @Test("A default that no stage can take is refused")
    func unknownDefault() {
        expect(
            """
            name: p
            defaults:
              with: { ⟦sed: 1 }
            stages:
              q: { uses: ingest.countdown }
            """,
            """
            lab/p.yaml:3:11: error: no stage has the option `sed`
                with: { sed: 1 }
                        ^
              did you mean `seed`?
            """)
    }

    @Test("A default of the wrong type is shown where it is written, once")
    func wrongDefault() {
        expect(
            """
            name: p
            defaults:
              with: { seed: ⟦x }
            stages:
              q: { uses: ingest.countdown }
              r: { uses: ingest.countdown }
            """,
            """
            lab/p.yaml:3:17: error: the option `seed` must be an integer from 0, not the text "x"
                with: { seed: x }
                              ^
              the default is `0`
            """)
    }
}
