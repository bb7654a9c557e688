import Testing

@Suite(.timeLimit(.minutes(10)))
struct ReferenceMistakeTests {
    @Test("An unknown parameter gets a suggestion")
    func unknownParameterGetsSuggestion() {
        expect(
            """
            name: p
            params: { seed: 0 }
            stages:
              q:
                uses: ingest.countdown
                with: { seed: ${params.seed}, test: ⟦${params.sed} }
            """,
            """
            lab/p.yaml:6:41: error: there is no parameter `sed`
                  with: { seed: ${params.seed}, test: ${params.sed} }
                                                      ^
              did you mean `seed`?
            """)
    }

    @Test("A parameter in a file without any says where it belongs")
    func parameterInFileWithoutAny() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { seed: ⟦${params.seed} }
            """,
            """
            lab/p.yaml:5:19: error: there is no parameter `seed`
                  with: { seed: ${params.seed} }
                                ^
              add it under `params:`
            """)
    }

    @Test("A kind that a parameter names must be there")
    func unknownKindOfParameter() {
        expect(
            """
            name: p
            params: { task: countdwn }
            stages:
              q:
                uses: ⟦ingest.${params.task}
            """,
            """
            lab/p.yaml:5:11: error: there is no stage kind `ingest.countdwn`
                  uses: ingest.${params.task}
                        ^
              did you mean `ingest.countdown`?
            """)
    }

    @Test("A parameter that is no text names no kind")
    func kindIsNoText() {
        expect(
            """
            name: p
            params: { task: 3 }
            stages:
              q:
                uses: ⟦${params.task}
            """,
            """
            lab/p.yaml:5:11: error: `uses` must be a text, not `3`
                  uses: ${params.task}
                        ^
              put it in quotes
            """)
    }

    @Test("An unknown axis is refused")
    func unknownAxisRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { seed: ⟦${matrix.seed} }
            """,
            """
            lab/p.yaml:5:19: error: the stage has no matrix axis `seed`
                  with: { seed: ${matrix.seed} }
                                ^
              add `matrix: { seed: [...] }` to the stage
            """)
    }

    @Test("A reference without a dot is refused")
    func referenceWithoutDotRefused() {
        expect(
            """
            name: p
            stages:
              c:
                uses: command
                with: { argv: [echo, "a ⟦${HOME}"] }
            """,
            """
            lab/p.yaml:5:29: error: `${HOME}` is not a reference
                  with: { argv: [echo, "a ${HOME}"] }
                                          ^
              write `${params.name}` or `${matrix.axis}`; write `$${HOME}` for the literal text
            """)
    }

    @Test("An unclosed reference is refused")
    func unclosedReferenceRefused() {
        expect(
            """
            name: p
            stages:
              c:
                uses: command
                with: { argv: [echo, "⟦${params.a"] }
            """,
            """
            lab/p.yaml:5:27: error: `${params.a` is not a reference
                  with: { argv: [echo, "${params.a"] }
                                        ^
              write `${params.name}` or `${matrix.axis}`; write `$${params.a` for the literal text
            """)
    }

    @Test("A reference to the environment is refused")
    func referenceToEnvironmentRefused() {
        expect(
            """
            name: p
            stages:
              c:
                uses: command
                with: { argv: [echo, "⟦${env.HOME}"] }
            """,
            """
            lab/p.yaml:5:27: error: `${env.HOME}` does not refer to anything that is defined here
                  with: { argv: [echo, "${env.HOME}"] }
                                        ^
              references here start with `params.`, `matrix.`, `in.`, `out.` or `stage.work`; write `$${env.HOME}` for the literal text
            """)
    }

    @Test("An input of an ordinary stage cannot be referred to")
    func inputOrdinaryStageCannotBe() {
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
                with: { note: ⟦${in.model} }
            """,
            """
            lab/p.yaml:12:19: error: `${in.model}` does not refer to anything that is defined here
                  with: { note: ${in.model} }
                                ^
              references here start with `params.` or `matrix.`; write `$${in.model}` for the literal text
            """)
    }

    @Test("An unknown input of a command gets a suggestion")
    func unknownInputCommandGetsSuggestion() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              c:
                uses: command
                in: { data: q }
                with:
                  argv: [cat, "⟦${in.dta}/x"]
            """,
            """
            lab/p.yaml:9:20: error: the stage has no input `dta`
                    argv: [cat, "${in.dta}/x"]
                                 ^
              did you mean `data`?
            """)
    }

    @Test("An unknown output of a command lists those there are")
    func unknownOutputCommandListsThose() {
        expect(
            """
            name: p
            stages:
              c:
                uses: command
                with:
                  argv: ["--out=⟦${out.model}"]
            """,
            """
            lab/p.yaml:6:21: error: the stage has no output `model`
                    argv: ["--out=${out.model}"]
                                  ^
              its outputs are `out`
            """)
    }

    @Test("A list inside a text is refused")
    func listInsideTextRefused() {
        expect(
            """
            name: p
            params: { l: [1, 2] }
            stages:
              c:
                uses: command
                with:
                  argv: ["a ⟦${params.l}"]
            """,
            """
            lab/p.yaml:7:17: error: `${params.l}` is a list, which cannot be part of a text
                    argv: ["a ${params.l}"]
                              ^
              make the reference the whole value
            """)
    }

    @Test("Parameters that refer to each other in a circle are refused")
    func parametersReferToEachOther() {
        expect(
            """
            name: p
            params:
              ⟦a: ${params.b}
              b: ${params.a}
            stages:
              q:
                uses: ingest.countdown
                with: { seed: ${params.a} }
            """,
            """
            lab/p.yaml:3:3: error: the parameters `a` and `b` form a cycle: a -> b -> a
                a: ${params.b}
                ^
              give one of them a value without a reference
            """)
    }

    @Test("An unused parameter is a warning")
    func unusedParameterWarning() {
        expect(
            """
            name: p
            params: { ⟦seed: 0 }
            stages:
              q:
                uses: ingest.countdown
            """,
            """
            lab/p.yaml:2:11: warning: the parameter `seed` is not used
              params: { seed: 0 }
                        ^
              remove it or refer to it as `${params.seed}`
            """)
    }

    @Test("A parameter that is a table is refused")
    func parameterTableRefused() {
        expect(
            """
            name: p
            params:
              a: ⟦{ b: 1 }
            stages:
              q:
                uses: ingest.countdown
                with: { seed: ${params.a} }
            """,
            """
            lab/p.yaml:3:6: error: the parameter `a` must be a value or a list, not a table
                a: { b: 1 }
                   ^
            """)
    }

    @Test("Values that together are too large are reported once")
    func largeValuesTogether() {
        let stages = (0..<300).map {
            "  q\($0): { uses: ingest.countdown, with: { extra: \"a${params.text}\" } }"
        }
        let found = Samples.parse(
            """
            name: p
            params: { text: \(String(repeating: "x", count: 1 << 18)) }
            stages:
            \(stages.joined(separator: "\n"))
            """
        ).diagnostics
        #expect(
            found.map(\.message) == [
                "after replacing references, the value is larger than 8 MiB or nested too deeply"
            ])
    }
}
