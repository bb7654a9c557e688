import Foundation
import Pipeline
import Stages
import Testing

/// Contradictions that `vireo plan` reports without running anything.
@Suite("Options that contradict each other", .timeLimit(.minutes(10)))
struct OptionMistakeTests {
    private func found(_ stages: String, fragments: [String: String] = [:]) -> [String] {
        let text = """
            name: p
            stages:
              questions: { uses: ingest.countdown }
              base: { uses: train.pretrain, with: { steps: 10 } }
            \(stages)
            """
        return Pipeline.parse(
            SourceFile(path: "p.yaml", text: text), kinds: StageRegistry.kinds
        ) { path in
            guard let text = fragments[path] else { throw POSIXError(.ENOENT) }
            return Data(text.utf8)
        }.diagnostics.map(\.description)
    }

    @Test("A contradiction is reported at the option, once for all instances that have it")
    func located() {
        #expect(
            found(
                """
                  model:
                    uses: train.sft
                    in: { model: base, data: questions.demonstrations }
                    matrix: { seed: [0, 1], steps: [4, 8] }
                    with: { seed: "${matrix.seed}", steps: "${matrix.steps}", warmup: 5 }
                """) == [
                    """
                    p.yaml:9:71: error: the warm-up of 5 steps is longer than the training of 4
                          with: { seed: "${matrix.seed}", steps: "${matrix.steps}", warmup: 5 }
                                                                                            ^
                      the highest rate is never reached; lower `warmup`, or train longer
                    """
                ])
    }

    @Test("Nodes of a training by an engine are those of its resources")
    func nodes() {
        func stage(_ resources: String, _ options: String) -> String {
            """
              model:
                uses: train.external
                in: { model: base, data: questions.demonstrations }
                resources: { \(resources) }
                with: { steps: 8\(options) }
            """
        }
        #expect(found(stage("cpus: 1", "")).isEmpty)
        #expect(found(stage("nodes: 2", ", nodes: 2")).isEmpty)
        #expect(
            found(stage("cpus: 1", ", nodes: 2")) == [
                """
                p.yaml:9:30: error: `nodes` is 2, but `resources.nodes` is 1
                      with: { steps: 8, nodes: 2 }
                                               ^
                  set both to the number of machines that train
                """
            ])
        #expect(
            found(stage("nodes: 2", "")) == [
                """
                p.yaml:8:25: error: `nodes` is 1, but `resources.nodes` is 2
                      resources: { nodes: 2 }
                                          ^
                  set both to the number of machines that train
                """
            ])
    }

    @Test("A default that contradicts the inputs is reported at the stage")
    func byDefault() {
        #expect(
            found(
                """
                  data:
                    uses: build.dataset
                    in: { weights: weights, traces: traces, questions: questions }
                  traces: { uses: sample.traces, in: { model: base, questions: questions } }
                  weights:
                    uses: weigh
                    in: { prior: scores, questions: questions }
                    with: { ratio: none, answer_likelihood: likelihood }
                  scores: { uses: score, in: { model: base, traces: traces, questions: questions } }
                """) == [
                    """
                    p.yaml:5:3: error: the input `original` is needed
                        data:
                        ^
                      `mix: true` puts its examples first; set `mix: false`
                    """
                ])
    }

    @Test("A contradiction in a fragment is reported there, and a value of the use at the use")
    func fragments() {
        let fragment = """
            inputs: { questions: questions }
            params: { most: }
            stages:
              easy:
                uses: filter.questions
                in: { questions: inputs.questions }
                with: { most_correct: "${params.most}" }
              few:
                uses: filter.questions
                in: { questions: inputs.questions, test: inputs.questions }
            """
        let messages = found(
            "  part: { uses: ./f.yaml, in: { questions: questions }, with: { most: 7 } }",
            fragments: ["f.yaml": fragment])
        #expect(
            messages == [
                """
                p.yaml:5:71: error: the input `rollouts` is needed
                    part: { uses: ./f.yaml, in: { questions: questions }, with: { most: 7 } }
                                                                                        ^
                  `least_correct`, `most_correct` and `order` depend on them
                """,
                """
                f.yaml:10:40: error: the input `test` is used only with `ngram`
                      in: { questions: inputs.questions, test: inputs.questions }
                                                         ^
                  set `ngram`, or leave the input out
                  used by the stage `part`, p.yaml:5:17:
                    part: { uses: ./f.yaml, in: { questions: questions }, with: { most: 7 } }
                """,
            ])
    }

    @Test(
        "Each is found before anything runs",
        arguments: [
            (
                "command", "", "run: [], outputs: [o]",
                "`run` is empty"
            ),
            (
                "sample.traces", "model: base, questions: questions",
                "hint: random, conditioning: prior",
                "`hint: random` requires `conditioning: posterior`"
            ),
            (
                "evaluate", "model: base, questions: questions", "verifier: external",
                "the verifier 'external' needs `command`"
            ),
            (
                "sample.rollouts", "model: base, questions: questions", "command: [sh]",
                "`command` requires `verifier: external` or `fallback: external`"
            ),
            (
                "train.rl", "model: base, questions: questions",
                "steps: 1, batch: 2, minibatches: 3",
                "`minibatches` is 3, but a batch has only 2 questions"
            ),
            (
                "train.rl", "model: base, questions: questions",
                "steps: 1, reward: likelihood, debias: true",
                "`debias` has no effect with `reward: likelihood`"
            ),
            (
                "train.rl", "model: base, questions: questions",
                "steps: 1, reward: mean-probability, reward_format: 0.1",
                "`reward_format` has no effect with `reward: mean-probability`"
            ),
            (
                "train.rl", "model: base, questions: questions",
                "steps: 1, reward: log-likelihood",
                "with `reward: log-likelihood`, `reward_other` must be below 0"
            ),
            (
                "train.rl", "model: base, questions: questions",
                "steps: 1, reward: likelihood, min_p: 0.1",
                "`min_p` may remove tokens of the reference answer that `reward: likelihood` scores"
            ),
            (
                "train.posterior", "model: base, data: questions.demonstrations",
                "steps: 1, early_stop: 2", "the input `validation` is needed"
            ),
            (
                "filter.examples", "data: questions.demonstrations", "where: tokens > 1",
                "`where` cannot be used"
            ),
            (
                "train.tokenizer", "", "vocabulary_size: 256",
                "`vocabulary_size` is 256, but the bytes and special tokens alone are 257"
            ),
            (
                "train.tokenizer", "", "vocabulary_size: 300", "there is no text to learn from"
            ),
            (
                "train.pretrain", "", "steps: 1, heads: 3, key_value_heads: 2",
                "the model cannot have this shape: `key_value_heads`: 2 does not divide the 3 heads"
            ),
            (
                "train.pretrain", "", "steps: 1, mixture: [1]",
                "the shares of the mixture are [1.0]: give non-negative numbers that sum to 1"
            ),
            (
                "train.pretrain", "", "steps: 1, mixture: [1, 0, 0, 0], hinted: 0.1",
                "`hinted` and `mixture` both set the share of documents with a hint"
            ),
            (
                "ingest.modular", "", "shares: [1]",
                "the shares of the levels are [1.0]: give four non-negative numbers that sum to 1"
            ),
            (
                "ingest.jsonl", "", "files: [a], where: [url]", "`where` has 'url'"
            ),
        ])
    func messages(kind: String, inputs: String, options: String, message: String) {
        let messages = found("  s: { uses: \(kind), in: { \(inputs) }, with: { \(options) } }")
        #expect(messages.count == 1)
        #expect(messages.first?.contains(": error: \(message)\n") == true, "\(messages)")
    }

    @Test("A limit below the memory that the shape of a model needs is a warning")
    func memory() {
        func messages(_ limit: String) -> [String] {
            found(
                "  s: { uses: train.pretrain, with: { steps: 1, hidden_size: 1024, layers: 8 }, "
                    + "resources: { memory: \(limit) } }")
        }
        #expect(messages("64GB") == [])
        let low = messages("100MB")
        #expect(low.count == 1 && low[0].hasPrefix("p.yaml:5:101: warning: the stage may use "))
        #expect(low[0].contains(", but its limit is 100 MB\n"))
    }

    @Test("A stage with another mistake is not checked further, so that a mistake is reported once")
    func otherMistakes() {
        let messages = found(
            "  s: { uses: train.sft, in: { model: base, data: questions.demonstrations }, "
                + "with: { steps: 1, warmup: 2, batch: 0 } }")
        #expect(messages.count == 1)
        #expect(messages[0].contains("the option `batch` must be"))
    }

    @Test("An option may be a table with any members, in which parameters are replaced")
    func table() throws {
        func stage(_ settings: String) -> String {
            """
              model:
                uses: train.external
                in: { model: base, data: questions.demonstrations }
                matrix: { attention: [sdpa] }
                with: { engine: trl-sft, steps: 100, settings: \(settings) }
            """
        }
        #expect(
            found(stage("{ attn_implementation: \"${matrix.attention}\", ddp: { a: [1] } }"))
                .isEmpty)
        #expect(
            try #require(found(stage("3")).first).contains(
                "the option `settings` must be a table, not `3`"))
    }

    @Test(
        "A backend has either running servers or a program that the stage starts",
        arguments: [
            (
                "version: 1.0",
                "`backend` has neither `urls` nor `program`: write the address of a running server, such as http://host:8000, or the program that the stage starts, such as vllm"
            ),
            (
                "urls: [http://a]",
                "`backend.model` is missing: write the name under which the servers know the model"
            ),
            (
                "urls: [a], model: m",
                "`backend.urls` has 'a': write http://host:port, or the absolute path of a file with the address"
            ),
            (
                "urls: [http://a], model: m, settings: { dtype: float32 }",
                "`backend` has `settings`, but no `program`: running servers have their own settings; leave it out"
            ),
            (
                "urls: [http://a], model: m, variables: { A: 1 }",
                "`backend` has `variables`, but no `program`: running servers have their own settings; leave it out"
            ),
            (
                "program: vllm, urls: [http://a]",
                "`backend` has both `program` and `urls`: leave one of them out; the stage chooses address, name and key of its program"
            ),
            (
                "program: vllm, model: m",
                "`backend` has both `program` and `model`: leave one of them out; the stage chooses address, name and key of its program"
            ),
            (
                "program: vllm, settings: { served-model-name: m }",
                "`backend.settings` has `served-model-name`, which the stage sets: leave it out"
            ),
            (
                "program: vllm, settings: { override_generation_config: { max_new_tokens: 9 } }",
                "`backend.settings` has `override_generation_config`, which the stage sets: leave it out"
            ),
            (
                "program: vllm, variables: { VLLM_API_KEY: a }",
                "`backend.variables` has `VLLM_API_KEY`, which the stage sets: leave it out"
            ),
            (
                "program: vllm, variables: { VIREO_STAGE_ATTEMPT: a }",
                "`backend.variables` has `VIREO_STAGE_ATTEMPT`, which the stage sets: leave it out"
            ),
            (
                "program: vllm, variables: { A: [1] }",
                "`backend.variables` has no usable value for `A`: write a text or a number"
            ),
            (
                "kind: llama-server, program: llama-server",
                "`backend.program` cannot start llama-server: start the server yourself, and write its address in `urls`"
            ),
        ])
    func servers(_ fields: String, _ message: String) {
        let own =
            (fields.contains("kind:") ? "" : "kind: vllm, ")
            + (fields.contains("version:") ? "" : "version: 1.0, ")
        let text = """
            name: p
            stages:
              questions: { uses: ingest.countdown }
              base: { uses: train.pretrain, with: { steps: 10 } }
              traces:
                uses: sample.traces
                in: { model: base, questions: questions.train }
                with: { backend: { \(own)\(fields) } }
            """
        let found = Pipeline.parse(
            SourceFile(path: "p.yaml", text: text), kinds: StageRegistry.kinds
        ) { _ in throw POSIXError(.ENOENT) }.diagnostics
        #expect(found.map { "\($0.message): \($0.remedy ?? "")" } == [message])
    }
}
