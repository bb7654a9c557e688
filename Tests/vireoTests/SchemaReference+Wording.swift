extension SchemaReference {
    /// Whole sentences in place of comments that are notes for the reader of a migration. By table, view, or
    /// "table.column". SQLite stores the comments inside a CREATE statement with the schema, and `vireo verify` compares
    /// the stored schema, so these comments of a released migration never change.
    static let sentences = [
        "run.path": "The path of the pipeline file, as it was given.",
        "run.pipeline": "The name of the pipeline.",
        "run.runner":
            "The process that runs it; if `runner` has no such row, the process has ended.",
        "run.fingerprint":
            "A digest of file, parameters and executions; a run with an equal one is not recorded again.",
        "run.last_use": "Orders runs by when they started or were last reused.",
        "run.used": "When it was last reused for an identical run; null if never.",
        "execution.attempt": "The number of the execution among those with the same key, from 1.",
        "execution.checkpoint": "The step of the last checkpoint.",
        "execution.cpu_seconds":
            "Processor time of the worker and the processes that it waited for.",
        "execution.peak_memory": "The largest resident set of the worker, in bytes.",
        "execution.runner":
            "The process that does or did the work; null for older and for imported executions.",
        "execution.job":
            "The job of a batch system and the index of the task, such as `123_4`; null without one, and before it has answered.",
        "execution.node": "The node on which the task started last; null while it is queued.",
        "execution.engine":
            "The engine outside of this program that computed the result, such as `vllm`; null for the engine of this program.",
        "execution.engine_version": "The version of the engine.",
        "execution.engine_fingerprint":
            "What the engine says of its configuration: the fingerprints of servers, or the versions of packages.",
        "stage.id": "The name of the instance, such as `traces[shard=0]`.",
        "stage.name": "The name of the stage, such as `traces`.",
        "event.kind":
            "One of `started`, `finished`, `failed`, `cancelled`; from older versions also `ran`, with the job and the node.",
        "artifact.bytes": "The total size of its files in bytes.",
        "artifact.archive_sha256":
            "The SHA-256 digest of the archive file; null for archives from before this column.",
        "artifact_file": "A file of an artifact.",
        "execution_output": "An output of an execution.",
        "execution_output.type": "The artifact type, such as model, questions, dataset or traces.",
        "question.level": "The difficulty level.",
        "question_use.hint": "The hint y' of the question, if it is not the answer.",
        "trace.hint":
            "The hint y' that the trace was drawn with, if it is not that of its question.",
        "example.hint": "The hint y' of the example, if it is not the answer.",
        "example.weight": "The factor of its loss.",
        "example.source": "Either demonstration or trace.",
        "example.sample": "The sample number of the trace that the example was made from.",
        "trace.text": "The text without its end mark.",
        "trace.log_prob": "The log-probability under the model that drew the trace.",
        "trace_score.mean_log_prob": "The log-probability per token.",
        "trace_score.answer_log_prob": "The log-probability of the answer after the trace.",
        "token_score.log_probs":
            "A JSON array with the log-probability of each token, in nats, rounded to three decimals.",
        "token_score.ends":
            "A JSON array with the end of each token in the text of the trace, in bytes of UTF-8: a token without text ends where the previous one does, and one may end within a character. Null if the tokens do not spell the text.",
        "metric_clock.time": "When the first value of the step was recorded.",
        "verdict.extracted": "The answer as the verifier read it.",
        "trace_weight.estimator":
            "The estimator of the answer's likelihood: accuracy, geometric-mean or likelihood.",
        "trace_weight.ratio": "The ratio of prior to posterior: geometric-mean or exact.",
        "trace_weight.answer": "The answer to train on after the trace.",
        "trace_weight.reason": "Why the trace is not a candidate.",
        "rollout.log_prob": "The log-probability at temperature 1, in reinforcement learning.",
        "rollout.step": "The first optimizer step that learns from it, in reinforcement learning.",
        "rollout.reward": "The reward, in reinforcement learning; otherwise null.",
        "rollout.advantage":
            "The advantage, in reinforcement learning; null if dynamic sampling did not use its group.",
        "evaluation.label": "The label of the model in tables.",
        "evaluation.samples": "Completions per question.",
        "runner.id": "The number of the process in the store; never reused.",
        "runner.boot": "The boot of the machine, which process numbers and times refer to.",
        "runner.namespace": "The namespace of process numbers; each container has its own.",
        "runner.process_start":
            "The start of the process in clock ticks, which tells reused numbers apart.",
        "runner.beat": "The last heartbeat, in milliseconds of the monotonic clock.",
        "file_digest": "Cached digests of files that pipelines name.",
        "file_digest.modified": "The modification time of the file, in nanoseconds since 1970.",
        "shortcut.question": "A digest of the program and its arguments.",
        "shortcut.evidence": "A digest of the names, sizes and times of all these files.",
        "metric_point.value": "The value; null for NaN.",
        "seal.id": "The number of the execution or run.",
        "trace_summary.label": "The label of the model in tables, such as forward-kl.",
        "trace_summary.replicate": "The replicate, as in `evaluation`.",
        "trace_summary.step": "The number of training steps of the model.",
        "trace_summary.steps": "The number of trials, or of worked steps in a task without trials.",
        "trace_summary.truly_right":
            "1 if the trace ends with work that gives a correct answer, otherwise 0.",
        "trace_summary.leaks": "1 if the trace states the answer without that work, otherwise 0.",
        "gradient_mass.method": "The method, such as grpo, rft-all or variational.",
        "gradient_mass.group_size": "Rollouts or traces per question, G or K.",
        "gradient_mass.low": "The accuracy of the questions under the prior is above this value.",
        "gradient_mass.high": "It is at most this value; 0 for questions that no rollout solves.",
        "gradient_mass.measured":
            "The number of questions for which g can be measured: two correct rollouts, for dapo also a mixed group.",
        "gradient_mass.accuracy":
            "The mean accuracy of the questions, weighted by <g, g> as the weight is.",
        "gradient_mass.weight":
            "The measured weight: <update, g> divided by <g, g>, each summed over questions.",
        "gradient_mass.weight_error": "The standard error of the weight over questions.",
        "gradient_mass.exact":
            "The exact weight, averaged as the measured one; null for a method without an exact curve.",
        "gradient_mass.gap_error":
            "The standard error of the difference of weight and exact weight; null for dapo and without an exact weight.",
        "gradient_mass.loss_share":
            "The share of the sum of absolute loss weights of all questions.",
        "gradient_mass.gradient_share":
            "The share of the sum of the norms of the bins' updates, with one group per question.",
        "gradient_mass.example_share": "For variational: the share of questions with an example.",
        "arm.label": "The label, as in `evaluation`.",
        "arm.low":
            "The lower end of the 95 % interval over replicates (Student), or clustered by question if there is one replicate.",
        "claim.position": "The position in the table, from 0.",
        "claim.id": "The number of the claim, T1 to T18.",
        "claim.claim": "The claim as a sentence.",
        "claim.measured": "What was compared or computed.",
        "claim.unit": "The unit of the value, such as points or nats.",
        "claim.yardstick": "What the value and its interval are.",
        "imported":
            "Executions that `vireo import` added or that came from a shared cache. Their results were computed in another store.",
        "imported.bundle":
            "The name of the imported file, or `remote` and the name of the shared cache.",
        "imported.time": "When it was imported.",
    ]
}
