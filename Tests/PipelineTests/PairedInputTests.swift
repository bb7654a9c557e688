import Files
import Pipeline
import Testing

/// Inputs whose artifacts belong to those of another input, one by one.
@Suite(.timeLimit(.minutes(10)))
struct PairedInputTests {
    private static let kinds =
        Samples.kinds + [
            StageKind(
                name: "evaluate", version: 1, summary: "Measures a model.",
                inputs: [
                    StageKind.Input("model", .model, "The model."),
                    StageKind.Input("questions", .questions, "To be measured on."),
                ], outputs: [StageKind.Output("evaluation", .evaluation, "Figures.")]),
            StageKind(
                name: "select", version: 1, summary: "Chooses a model.",
                inputs: [
                    StageKind.Input("models", .model, isGathered: true, "The candidates."),
                    StageKind.Input(
                        "evaluations", .evaluation, isGathered: true, of: "models", "Of them."),
                ], outputs: [StageKind.Output("model", .model, "The best.")]),
        ]

    private func pipeline(validation axes: String, best: String) -> String {
        """
        name: p
        stages:
          q: { uses: ingest.countdown }
          tuned:
            uses: train.sft
            in: { data: q }
            matrix: { seed: [0, 1], rate: [0.25, 0.5] }
            with: { learning_rate: "${matrix.rate}", epochs: "${matrix.seed}" }
          validation:
            uses: evaluate
            in: { model: tuned, questions: q.test }
            matrix: \(axes)
          best:
            uses: select
            matrix: { seed: [0, 1] }
            in: \(best)
        """
    }

    @Test("A stage with the axis `seed` gathers the rates of its own seed, from both inputs alike")
    func ownSeed() throws {
        let text = pipeline(
            validation: "{ seed: [0, 1], rate: [0.25, 0.5] }",
            best: "{ models: tuned, evaluations: validation }")
        let checked = Samples.parse(text + "\n", kinds: Self.kinds)
        #expect(checked.diagnostics.isEmpty, "\(checked.diagnostics)")
        let plan = try #require(checked.value?.plan { Digest(of: $0) }.value)
        #expect(
            plan.stages.filter { $0.name == "best" }.map(\.id) == ["best[seed=0]", "best[seed=1]"])
        let best = try #require(plan["best[seed=1]"])
        #expect(
            best.inputs["models"]?.map(\.stage)
                == ["tuned[seed=1,rate=0.25]", "tuned[seed=1,rate=0.5]"])
        #expect(
            best.inputs["evaluations"]?.map(\.stage)
                == ["validation[seed=1,rate=0.25]", "validation[seed=1,rate=0.5]"])
    }

    @Test("An input with another order of the values of an axis is refused")
    func otherOrder() {
        expect(
            pipeline(
                validation: "{ seed: [0, 1], rate: [0.5, 0.25] }",
                best: "{ models: tuned, ⟦evaluations: validation }"),
            """
            lab/p.yaml:16:26: error: `validation[seed=0,rate=0.5]` is listed beside `tuned[seed=0,rate=0.25].model` of `models`, but is of `tuned[seed=0,rate=0.5].model`
                  in: { models: tuned, evaluations: validation }
                                       ^
              list the stages of both inputs in the same order, with the same axes and the same order of their values
            """, kinds: Self.kinds)
    }

    @Test("A list of stages in another order is refused")
    func otherList() {
        expect(
            """
            name: p
            stages:
              q: { uses: ingest.countdown }
              a: { uses: train.sft, in: { data: q }, with: { learning_rate: 1 } }
              b: { uses: train.sft, in: { data: q }, with: { learning_rate: 0.5 } }
              va: { uses: evaluate, in: { model: a, questions: q.test } }
              vb: { uses: evaluate, in: { model: b, questions: q.test } }
              best:
                uses: select
                in: { models: [a, b], ⟦evaluations: [vb, va] }
            """,
            """
            lab/p.yaml:10:27: error: `vb` is listed beside `a.model` of `models`, but is of `b.model`
                  in: { models: [a, b], evaluations: [vb, va] }
                                        ^
              list the stages of both inputs in the same order, with the same axes and the same order of their values
            """, kinds: Self.kinds)
    }

    @Test("What another program made of a model is taken as it stands")
    func unknownOrigin() {
        let checked = Samples.parse(
            """
            name: p
            stages:
              q: { uses: ingest.countdown }
              a: { uses: train.sft, in: { data: q }, with: { learning_rate: 1 } }
              b: { uses: train.sft, in: { data: q }, with: { learning_rate: 0.5 } }
              v: { uses: evaluate, in: { model: a, questions: q.test } }
              copy: { uses: command, in: { figures: v }, with: { argv: [cp] } }
              other: { uses: evaluate, in: { model: b, questions: q.test } }
              best: { uses: select, in: { models: [a, b], evaluations: [copy, other] } }

            """, kinds: Self.kinds)
        #expect(checked.diagnostics.isEmpty, "\(checked.diagnostics)")
    }
}
