import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RecordTests {
    private let temporary: TemporaryStore

    init() throws {
        temporary = try TemporaryStore()
        try temporary.publish([("q", .questions, ["questions.jsonl": Self.questions])])
    }

    private static let questions = """
        {"id":"q-1","task":"t","text":"1 2 : 3","answer":"1 + 2","level":1,"split":"train","source":"g"}
        {"id":"q-2","task":"t","text":"2 2 : 4","answer":null,"level":null,"split":"test","source":"g"}

        """

    @Test(
        "Every record file becomes rows",
        arguments: [
            (
                ArtifactType.dataset,
                [
                    "examples.jsonl": """
                    {"question":"q-1","task":"t","text":"x","level":1,"trace":"z","answer":"a","weight":1,"source":"trace","sample":3}
                    {"question":"q-1","task":"t","text":"x","level":1,"trace":"z","answer":"a","weight":0.5,"source":"demonstration","sample":null}
                    """
                ], "position, question, trace, answer, weight, source, sample FROM example",
                ["0|q-1|z|a|1.0|trace|3", "1|q-1|z|a|0.5|demonstration|"]
            ),
            (
                .traces,
                [
                    "traces.jsonl":
                        #"{"question":"q-1","sample":2,"trace":"1 + 2 \"é\"","ids":[1,2],"tokens":2,"finish":"length","log_prob":-1,"sampled_log_prob":-2.5}"#
                ], "question, sample, text, tokens, finish, log_prob, sampled_log_prob FROM trace",
                [#"q-1|2|1 + 2 "é"|2|length|-1.0|-2.5"#]
            ),
            (
                .scores,
                [
                    "scores.jsonl":
                        #"{"question":"q-1","sample":0,"conditioning":"posterior","tokens":4,"log_prob":-2.5,"mean_log_prob":-0.625,"answer_tokens":null,"answer_log_prob":null}"#
                ],
                "question, sample, conditioning, tokens, log_prob, mean_log_prob, answer_tokens, answer_log_prob FROM trace_score",
                ["q-1|0|posterior|4|-2.5|-0.625||"]
            ),
            (
                .scores,
                [
                    "scores.jsonl": "",
                    "tokens.jsonl": """
                    {"question":"q-1","sample":0,"log_probs":[-0.125, -2, 0.0],"ends":[1,4,4]}
                    {"question":"q-1","sample":1,"log_probs":[-1.5],"ends":null}
                    """,
                ], "question, sample, log_probs, ends FROM token_score",
                ["q-1|0|[-0.125,-2,0.0]|[1,4,4]", "q-1|1|[-1.5]|"]
            ),
            (
                .answers,
                [
                    "answers.jsonl":
                        #"{"question":"q-1","sample":0,"rollout":1,"answer":"1 + 2","tokens":3,"finish":"stop"}"#
                ], "question, sample, rollout, text, tokens, finish FROM answer",
                ["q-1|0|1|1 + 2|3|stop"]
            ),
            (
                .verdicts,
                [
                    "verdicts.jsonl": """
                    {"question":"q-1","sample":0,"rollout":0,"correct":true,"reason":null,"extracted":"1 + 2"}
                    {"question":"q-1","sample":0,"rollout":1,"correct":false,"reason":"no answer","extracted":null}
                    {"question":"q-1","sample":0,"rollout":2,"correct":false,"reason":"not judged: odd","extracted":null}
                    {"question":"q-1","sample":0,"rollout":3,"correct":false,"judged":true,"reason":"not judged: odd","extracted":null}
                    {"question":"q-1","sample":0,"rollout":4,"correct":false,"judged":false,"reason":null,"extracted":null}

                    """
                ], "question, sample, rollout, correct, judged, reason, extracted FROM verdict",
                [
                    "q-1|0|0|1|1||1 + 2", "q-1|0|1|0|1|no answer|", "q-1|0|2|0|0|not judged: odd|",
                    "q-1|0|3|0|1|not judged: odd|", "q-1|0|4|0|0||",
                ]
            ),
            (
                .weights,
                [
                    "weights.jsonl":
                        #"{"question":"q-1","sample":0,"estimator":"accuracy","ratio":"exact","log_ratio":-1.5,"log_likelihood":null,"log_rho":null,"weight":0,"selected":false,"answer":null,"reason":"no correct answer"}"#
                ],
                "question, sample, estimator, ratio, log_ratio, log_likelihood, log_rho, weight, selected, answer, reason FROM trace_weight",
                ["q-1|0|accuracy|exact|-1.5|||0.0|0||no correct answer"]
            ),
            (
                .weights,
                [
                    "weights.jsonl": "",
                    "bounds.jsonl": """
                    {"k":4,"level":null,"value":-1.5,"low":-2,"high":-1,"questions":7}
                    {"k":4,"level":1,"value":null,"low":null,"high":null,"questions":0}
                    """,
                ], "k, level, value, low, high, questions FROM bound",
                ["4||-1.5|-2.0|-1.0|7", "4|1||||0"]
            ),
            (
                .dataset,
                [
                    "examples.jsonl": "",
                    "exclusions.jsonl": """
                    {"question":"q-1","sample":null,"reason":"no candidate"}
                    {"question":"q-2","sample":4,"reason":"duplicate"}
                    """,
                ], "question, sample, reason FROM exclusion",
                ["q-1||no candidate", "q-2|4|duplicate"]
            ),
            (
                .evaluation,
                [
                    "evaluations.jsonl": "",
                    "rollouts.jsonl": """
                    {"question":"q-1","sample":0,"trace":"z","answer":"1 + 2","correct":true,"reason":null,"tokens":9,"finish":"stop"}
                    {"question":"q-1","sample":1,"trace":"z","answer":"a","correct":false,"judged":false,"reason":"not judged: odd","tokens":9,"finish":"stop"}
                    """,
                ],
                "question, sample, trace, answer, correct, judged, reason, tokens, finish FROM rollout",
                ["q-1|0|z|1 + 2|1|1||9|stop", "q-1|1|z|a|0|0|not judged: odd|9|stop"]
            ),
            (
                .evaluation,
                [
                    "evaluations.jsonl":
                        #"{"label":"final","level":null,"measure":"avg@4","value":0.5,"low":0.4,"high":0.6,"questions":100,"samples":4}"#
                ], "label, level, measure, value, low, high, questions, samples FROM evaluation",
                ["final||avg@4|0.5|0.4|0.6|100|4"]
            ),
            (
                .gradients,
                [
                    "gradients.jsonl": """
                    {"method":"grpo","group_size":8,"low":0,"high":0.5,"questions":9,"measured":4,"accuracy":0.25,"weight":1.5,"weight_error":0.5,"exact":1.25,"gap_error":0.125,"loss_share":0.75,"gradient_share":1}
                    {"method":"variational","group_size":8,"low":0,"high":0,"questions":9,"measured":0,"accuracy":0,"example_share":0.5}
                    """
                ],
                "method, group_size, low, high, questions, measured, accuracy, weight, weight_error, exact, gap_error, loss_share, gradient_share, example_share FROM gradient_mass",
                [
                    "grpo|8|0.0|0.5|9|4|0.25|1.5|0.5|1.25|0.125|0.75|1.0|",
                    "variational|8|0.0|0.0|9|0|0.0|||||||0.5",
                ]
            ),
            (
                .overlap,
                [
                    "overlap.jsonl": """
                    {"question":"q-1","searched":"documents","texts":40,"found":3}
                    {"question":"q-2","searched":"questions","texts":7,"found":0}
                    """
                ], "question, searched, texts, found FROM overlap",
                ["q-1|documents|40|3", "q-2|questions|7|0"]
            ),
            (
                .selection,
                [
                    "selection.jsonl": """
                    {"position":0,"label":"rate 1","measure":"avg@4","value":0.25,"low":0,"high":0.5,"chosen":false}
                    {"position":1,"label":"rate 2","measure":"avg@4","value":0.5,"low":0.25,"high":0.75,"chosen":true}
                    """
                ], "position, label, measure, value, low, high, chosen FROM selection",
                ["0|rate 1|avg@4|0.25|0.0|0.5|0", "1|rate 2|avg@4|0.5|0.25|0.75|1"]
            ),
        ])
    func records(
        type: ArtifactType, files: [String: String], columns: String, expected: [String]
    ) throws {
        let out = try temporary.publish([("out", type, files)])
        #expect(
            try temporary.query("SELECT \(columns) WHERE execution = \(out.id.rawValue)")
                == expected)
    }

    @Test("A question is one row, used by many executions")
    func questions() throws {
        try temporary.publish([("q", .questions, ["questions.jsonl": Self.questions])])
        #expect(
            try temporary.query("SELECT id, task, text, answer, level, source FROM question")
                == ["q-1|t|1 2 : 3|1 + 2|1|g", "q-2|t|2 2 : 4|||g"])
        #expect(
            try temporary.query("SELECT question, split FROM question_use")
                == ["q-1|train", "q-2|test", "q-1|train", "q-2|test"])
    }

    @Test("A question that is left out of all artifacts comes with its exclusion")
    func excludedQuestions() throws {
        let out = try temporary.publish([
            (
                "out", .questions,
                [
                    "questions.jsonl": "",
                    "exclusions.jsonl": """
                    {"question":"q-3","sample":null,"reason":"no answer","task":"t","text":"4 : 4","answer":null,"level":2,"source":"g"}
                    {"question":"q-1","sample":null,"reason":"a copy","task":"t","text":"1 2 : 3","answer":"1 + 2","level":1,"source":"g"}
                    """,
                ]
            )
        ])
        #expect(
            try temporary.query(
                """
                SELECT reason, question.text, level FROM exclusion
                JOIN question ON question.id = exclusion.question
                WHERE execution = \(out.id.rawValue) ORDER BY reason
                """) == ["a copy|1 2 : 3|1", "no answer|4 : 4|2"])
        #expect(
            try temporary.query("SELECT count(*) FROM question_use WHERE question = 'q-3'") == ["0"]
        )
    }

    @Test("Files of no type are left alone, whatever their names")
    func opaque() throws {
        try temporary.publish([
            ("out", .files, ["traces.jsonl": "not json", "exclusions.jsonl": "nor this"])
        ])
        #expect(try temporary.query("SELECT count(*) FROM trace") == ["0"])
    }

    @Test("Two outputs of one execution may hold the same questions")
    func outputs() throws {
        try temporary.publish([
            ("train", .questions, ["questions.jsonl": Self.questions]),
            ("test", .questions, ["questions.jsonl": Self.questions]),
        ])
        #expect(
            try temporary.query(
                "SELECT output, count(*) FROM question_use GROUP BY output ORDER BY 1")
                == ["q|2", "test|2", "train|2"])
    }
}
