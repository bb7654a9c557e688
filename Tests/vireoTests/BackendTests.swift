import Foundation
import Testing

/// Stages whose model runs on inference servers, which a stand-in for vireo-http plays: it stands beside a copy of the
/// program. Tests/Scripts/inference_faults.sh runs the same stages on real servers.
@Suite("Inference servers as the backend of stages", .timeLimit(.minutes(10)))
struct BackendTests {
    private let tool: Tool

    private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Fixtures/inference/vireo-http").standardizedFileURL.path

    /// Answers as vLLM does: tokens are random numbers of the prompt and the seed, and end with a stop token, if there
    /// is one; the log-probability of a token is a function of it.
    private static let server = """
        import random
        url = request["url"]
        if url.endswith("/version"):
            answer = {"version": "0.32.0"}
        elif url.endswith("/models"):
            answer = {"data": [{"id": "tiny", "max_model_len": 4096}]}
        else:
            body = json.loads(request["body"])
            prompt, stops = body["prompt"], body.get("stop_token_ids", [])
            dice = random.Random(str([body["seed"], prompt]))
            tokens = [t for t in (dice.randrange(7, 60) for _ in range(body["max_tokens"])) if t not in stops]
            if stops and body["max_tokens"] > 9:
                tokens = tokens[:9] + stops[:1]
            while len(tokens) < body["max_tokens"] and not stops:
                tokens.append(7)
            value = lambda token: -0.5 - token % 7
            scores = [None] + [{str(t): {"logprob": value(t)}} for t in prompt[1:]]
            answer = {
                "model": "tiny", "system_fingerprint": "stand-in",
                "choices": [{
                    "finish_reason": "stop" if stops else "length", "token_ids": tokens,
                    "prompt_token_ids": prompt, "prompt_logprobs": scores,
                    "logprobs": {"token_logprobs": [value(t) for t in tokens]}}],
                "usage": {"prompt_tokens": len(prompt), "completion_tokens": len(tokens)}}
        say(id=request["id"], status=200, body=json.dumps(answer))
        """

    init() throws {
        tool = try Tool()
        try FileManager.default.copyItem(atPath: Tool.path, toPath: tool.directory + "/vireo")
        try tool.write(
            """
            name: served
            params: { url: "http://127.0.0.1:1" }
            defaults:
              with:
                backend: { kind: vllm, version: 0.32.0, model: tiny, urls: ["${params.url}"] }
            stages:
              questions: { uses: ingest.countdown, with: { train: 6, demonstrations: 4, test: 4 } }
              base:
                uses: train.pretrain
                with: { hidden_size: 16, layers: 1, heads: 2, key_value_heads: 1, head_size: 8,
                    intermediate_size: 24, batch: 4, warmup: 2, steps: 4 }
              traces:
                uses: sample.traces
                in: { model: base, questions: questions.train }
                with: { per_question: 4 }
              answers: { uses: sample.answers, in: { model: base, traces: traces, questions: questions.train } }
              scores:
                uses: score
                in: { model: base, traces: traces, questions: questions.train }
                with: { answers: none }
              rollouts: { uses: sample.rollouts, in: { model: base, questions: questions.train } }
              result: { uses: evaluate, in: { model: base, questions: questions.test } }
            """, to: "p.yaml")
    }

    private func run(_ arguments: String...) throws -> Tool.Result {
        try tool.run(
            ["STAND_IN=\(Self.server)", tool.directory + "/vireo"] + arguments, of: "/usr/bin/env")
    }

    private func column(_ query: String) throws -> [String] {
        try run("sql", query, "--store", "s", "--format", "csv").output.split(separator: "\n")
            .dropFirst().map(String.init)
    }

    @Test(
        "All stages that sample and score run on servers, and cached results do not depend on addresses"
    )
    func stages() throws {
        try FileManager.default.createSymbolicLink(
            atPath: tool.directory + "/vireo-http", withDestinationPath: Self.fixture)
        let first = try run("run", "p.yaml", "--store", "s")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try column("SELECT count(*), min(finish) FROM trace") == ["24,stop"])
        #expect(
            try column(
                """
                SELECT count(*) FROM trace JOIN trace_score AS score USING (question, sample)
                WHERE abs(trace.log_prob - score.log_prob) < 1e-6
                    AND abs(trace.log_prob - trace.sampled_log_prob) < 1e-6
                """) == ["24"])
        #expect(
            try column(
                """
                SELECT count(*) FROM token_score JOIN trace_score USING (execution, question, sample)
                WHERE ends IS NOT NULL AND json_array_length(log_probs) = tokens
                    AND abs((SELECT sum(value) FROM json_each(log_probs)) - log_prob) <= 0.0005 * tokens
                """) == ["24"])
        #expect(
            try run("log", "traces", "--store", "s").output.hasPrefix(
                "the model runs on vllm 0.32.0 (stand-in): another server, or the same one under another load, may give other bits"
            ))
        #expect(
            try column(
                """
                SELECT DISTINCT kind, engine, engine_version, engine_fingerprint FROM execution
                WHERE engine IS NOT NULL ORDER BY kind
                """)
                == ["evaluate", "sample.answers", "sample.rollouts", "sample.traces", "score"].map {
                    "\($0),vllm,0.32.0,stand-in"
                })
        #expect(
            try run("show", "traces", "--store", "s").output.contains(
                "\n  engine    vllm 0.32.0 (stand-in)\n"))
        let second = try run("run", "p.yaml", "--store", "s", "--set", "url=http://other:2")
        let text = second.output + second.errors
        #expect(text.contains("Everything was cached: 7 stages"), "\(text)")
    }

    @Test(
        "Without the log-probability of the sampled distribution, the weights that need it are refused"
    )
    func tempered() throws {
        try FileManager.default.createSymbolicLink(
            atPath: tool.directory + "/vireo-http", withDestinationPath: Self.fixture)
        let pipeline = try tool.read("p.yaml")
        try tool.write(
            pipeline.replacingOccurrences(of: "per_question: 4", with: "per_question: 4, top_k: 5")
                + """

                  weights:
                    uses: weigh
                    in: { prior: scores, questions: questions.train }
                    with: { proposal: sampled, answer_likelihood: none }
                """, to: "p.yaml")
        let result = try run("run", "p.yaml", "--store", "s")
        #expect(result.status == 2)
        #expect(try column("SELECT count(sampled_log_prob) FROM trace") == ["0"])
        #expect(
            result.errors.contains(
                "has no log-probability under the distribution it was drawn from: set `proposal: untempered` and give `posterior`"
            ), "\(result.errors)")
    }

    @Test(
        "Each stage starts the program for itself, with the model of its input and a key, and ends it"
    )
    func program() throws {
        try FileManager.default.createSymbolicLink(
            atPath: tool.directory + "/vireo-http", withDestinationPath: Self.fixture)
        try tool.write(
            """
            #!/bin/sh
            echo "$$" > "$(mktemp starts.XXXXXX)"
            test -f "$2/config.json" && test "$VLLM_API_KEY" && echo "serving $* with LIMIT=$LIMIT"
            exec sleep 600
            """, to: "vllm")
        chmod(tool.directory + "/vllm", 0o755)
        let pipeline = try tool.read("p.yaml")
            .replacing(
                #"model: tiny, urls: ["${params.url}"]"#,
                with: "program: ./vllm, settings: { dtype: float32 }, variables: { LIMIT: 4 }")
        try tool.write(pipeline, to: "p.yaml")
        let answers = Self.server.replacing("tiny", with: "model").split(separator: "\n")
            .map { "    " + $0 }.joined(separator: "\n")
        let server = """
            if request["url"].endswith("/health"):
                say(id=request["id"], status=200, body="")
            else:
                assert request["headers"]["Authorization"].startswith("Bearer ")
            \(answers)
            """
        let result = try tool.run(
            ["STAND_IN=\(server)", tool.directory + "/vireo", "run", "p.yaml", "--store", "s"],
            of: "/usr/bin/env")
        #expect(result.status == 0, "\(result.errors)")
        let starts = try FileManager.default.contentsOfDirectory(atPath: tool.directory)
            .filter { $0.hasPrefix("starts.") }
        // traces, answers, scores, rollouts and result.
        #expect(starts.count == 5)
        for name in starts {
            let pid = try #require(pid_t(try tool.read(name).trimmingCharacters(in: .newlines)))
            #expect(kill(pid, 0) != 0 || Self.isZombie(pid))
        }
        let log = try run("log", "traces", "--store", "s").output
        #expect(log.contains("--served-model-name=model --host=127.0.0.1 --port="), "\(log)")
        #expect(log.contains("--disable-uvicorn-access-log --dtype=float32 with LIMIT=4"), "\(log)")
        #expect(log.contains("vllm is ready at http://127.0.0.1:"), "\(log)")
    }

    private static func isZombie(_ pid: pid_t) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        return status?.contains("State:\tZ") ?? true
    }

    @Test("Without vireo-http, the remedy is named")
    func missing() throws {
        let result = try run("run", "p.yaml", "traces", "--store", "s")
        #expect(result.status == 2)
        #expect(
            result.errors.contains(
                "traces: failed: the program vireo-http, which connects to inference servers, is missing: run `make all`, or put it in PATH"
            ), "\(result.errors)")
    }
}
