extension SchemaReference {
    /// Whole sentences in the place of comments that are notes for the reader of a migration. A released migration
    /// never changes, so neither does its comment. By table, view, or "table.column".
    static let sentences = [
        "run.path": "The path of the pipeline file, as it was given.",
        "run.pipeline": "The name of the pipeline.",
        "run.runner":
            "The process that runs it; if `runner` has no such row, the process has ended.",
        "run.fingerprint":
            "A digest of file, parameters and executions; a run with an equal one is not recorded again.",
        "run.last_use": "Orders runs by when they started or were last reused.",
        "run.used": "When it was last reused for an identical run; null if never.",
        "execution":
            "One attempt at the work of a cache key. The key is a digest of kind, version, options, input digests and declared files, which `document` lists. Runs share executions: a cached stage points to the execution that did the work.",
        "execution.attempt": "The number of the execution among those with the same key, from 1.",
        "execution.checkpoint": "The step of the last checkpoint.",
        "execution.cpu_seconds":
            "Processor time of the worker and the processes that it waited for.",
        "execution.peak_memory": "The largest resident set of the worker, in bytes.",
        "execution.runner":
            "The process that does or did the work; null for older and for imported executions.",
        "stage": "A stage of a run (each instance of a matrix is a stage), with its execution.",
        "stage.id": "The name of the instance, such as `traces[shard=0]`.",
        "stage.name": "The name of the stage, such as `traces`.",
        "event": "Events of a run, as text.",
        "event.kind": "One of `started`, `finished`, `failed`, `cancelled`.",
        "artifact": "A directory tree, stored as `objects/ab/DIGEST.tar.zst`.",
        "artifact.bytes": "The total size of its files in bytes.",
        "artifact.archive_sha256":
            "The SHA-256 digest of the archive file; null for archives from before this column.",
        "artifact_file": "A file of an artifact.",
        "artifact_directory":
            "The empty directories of an artifact. All other directories follow from the paths of its files.",
        "execution_output": "An output of an execution.",
        "execution_output.type": "The artifact type, such as model, questions, dataset or traces.",
        "execution_input":
            "The edges of lineage: which output of which execution was read. Gathered inputs have positions 0, 1, ...",
        "question.level": "The difficulty level.",
        "question_use": "Which output contains which question, and for which split.",
        "question_use.hint": "The hint y' of the question, if it is not the answer.",
        "trace.hint":
            "The hint y' that the trace was drawn with, if it is not that of its question.",
        "example.hint": "The hint y' of the example, if it is not the answer.",
        "example": "An example of a training set, in the order of the set.",
        "example.weight": "The factor of its loss.",
        "example.source": "Either demonstration or trace.",
        "example.sample": "The sample number of the trace that the example was made from.",
        "trace": "A thinking trace z drawn for a question. Its token ids are in the archive.",
        "trace.text": "The text without its end mark.",
        "trace.log_prob": "The log-probability under the model that drew the trace.",
        "trace.sampled_log_prob":
            "The log-probability under the distribution that was sampled, at the sampling temperature and after top-k, top-p and min-p: the density of the proposal. Null for traces from before this column, and for those of other programs that do not report it.",
        "trace_score.mean_log_prob": "The log-probability per token.",
        "trace_score.answer_log_prob": "The log-probability of the answer after the trace.",
        "verdict": "Whether an answer is correct, and if not, the reason.",
        "verdict.extracted": "The answer as the verifier read it.",
        "verdict.judged":
            "1 if the verifier could judge the answer, otherwise 0; `correct` is then 0 too.",
        "rollout.judged":
            "1 if the verifier could judge the answer, otherwise 0; `correct` is then 0 too.",
        "trace_weight.estimator":
            "The estimator of the answer's likelihood: accuracy, geometric-mean or likelihood.",
        "trace_weight.ratio": "The ratio of prior to posterior: geometric-mean or exact.",
        "trace_weight.answer": "The answer to train on after the trace.",
        "trace_weight.reason": "Why the trace is not a candidate.",
        "trace_weight.tokens":
            "The number of tokens of the trace with its end mark; null for weights from before this column.",
        "bound":
            "The multi-trace bound L^K, averaged over questions, in total (null level) and by level.",
        "exclusion":
            "A row that a stage left out, with the reason. A null sample means the whole question.",
        "rollout":
            "A judged completion of a question, from an evaluation, a sampling stage or a training.",
        "rollout.log_prob": "The log-probability at temperature 1, in reinforcement learning.",
        "rollout.step": "The first optimizer step that learns from it, in reinforcement learning.",
        "rollout.reward": "The reward, in reinforcement learning; otherwise null.",
        "rollout.advantage":
            "The advantage, in reinforcement learning; null if dynamic sampling did not use its group.",
        "evaluation": "A measured figure with its interval, in total (null level) and by level.",
        "evaluation.label": "The label of the model in tables.",
        "evaluation.samples": "Completions per question.",
        "evaluation.replicate":
            "The replicate of the experiment, such as the number of its seed; null if there is one.",
        "runner":
            "A process that writes to the store. It removes its row when it ends; the row of a process that died is removed by the next process that opens the store.",
        "runner.id": "The number of the process in the store; never reused.",
        "runner.boot": "The boot of the machine, which process numbers and times refer to.",
        "runner.namespace": "The namespace of process numbers; each container has its own.",
        "runner.process_start":
            "The start of the process in clock ticks, which tells reused numbers apart.",
        "runner.beat": "The last heartbeat, in milliseconds of the monotonic clock.",
        "file_digest": "Cached digests of files that pipelines name.",
        "file_digest.modified": "The modification time of the file, in nanoseconds since 1970.",
        "shortcut":
            "Results of unchanged runs: a command whose files did not change gets the recorded result.",
        "shortcut.question": "A digest of the program and its arguments.",
        "shortcut.evidence": "A digest of the names, sizes and times of all these files.",
        "shortcut.environment":
            "A JSON object with a digest of the value of each variable that a stage declares, or null if it was not set.",
        "shortcut.sha256": "A digest of the other columns of the row; a damaged row is not used.",
        "metric_point.value": "The value; null for NaN.",
        "seal":
            "A digest of the rows of an execution or run that has ended: its inputs, outputs and metrics, or its parameters, stages and events. Records need no seal, because they are compared with the archives.",
        "seal.id": "The number of the execution or run.",
        "trace_summary": "The analysis of a trace, with the model that wrote it.",
        "trace_summary.label": "The label of the model in tables, such as forward-kl.",
        "trace_summary.replicate": "The replicate, as in `evaluation`.",
        "trace_summary.step": "The number of training steps of the model.",
        "trace_summary.steps": "The number of trials, or of worked steps in a task without trials.",
        "trace_summary.truly_right":
            "1 if the trace ends with work that gives a correct answer, otherwise 0.",
        "trace_summary.leaks": "1 if the trace states the answer without that work, otherwise 0.",
        "gradient_mass":
            "How much each method learns from questions of an accuracy: its weight on g = grad log P(Y_x|x), measured and exact.",
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
        "claim": "A measurement of a claim. A claim has one row per measurement.",
        "claim.position": "The position in the table, from 0.",
        "claim.id": "The number of the claim, T1 to T16.",
        "claim.claim": "The claim as a sentence.",
        "claim.measured": "What was compared or computed.",
        "claim.unit": "The unit of the value, such as points or nats.",
        "claim.yardstick": "What the value and its interval are.",
        "imported":
            "Executions that `vireo import` brought. Their results are those of another store.",
        "imported.bundle": "The name of the imported file.",
        "imported.time": "When it was imported.",
        "run_summary": "One row per run.",
        "stage_timing":
            "How long each stage of a run took; for a cached stage, the execution that did the work.",
        "lineage":
            "Every execution with every execution that it depends on. Distance 1 means that it read one of its outputs.",
        "trace_overview":
            "Every trace with its question, scores, accuracy and weight, joined along the recorded lineage. A trace that was weighed twice, such as by two estimators, has two rows; `weighing` is the execution that weighed it, or null.",
        "effective_sample_size":
            "The effective sample size (sum of w)^2 / sum of w^2 of the traces of each question; null if no weight is positive.",
        "metric": "The points of all series with their names. They are stored in `metric_point`.",
        "accuracy_by_arm":
            "The accuracy of each arm, in total (null level) and by level: the figures over replicates that a stage compared, and single evaluations (null replicates) for measures of labels that no stage compared. Sort by `ordinal` and `position`.",
        "bound_by_traces":
            "The multi-trace bound L^K by the number of traces, in total (null level) and by level.",
        "weight_histogram":
            "The distribution of normalised weights: for each estimator and ratio, how many traces have a weight from `low` to `high` (excluding `high`, except 1), and their share. A bin without traces has no row. K is the largest sample number plus 1, because traces may have been left out.",
        "effective_size_by_length":
            "Whether weights degenerate as traces grow: questions sorted by the mean length of their traces, in ten equal bins, with the mean length and the mean effective sample size as a share of the traces. Questions without a positive weight and weights without a length are left out.",
        "gradient_mass_by_accuracy":
            "How much each method learns from questions with an accuracy above `low` and at most `high` (0 is in the first bin). The values are means over the questions of all instances of a stage; only measured questions count, unless none of a bin can be measured. The standard error assumes independent questions. `example_share` counts all questions.",
        "pass_at_k":
            "The probability of a correct answer among k completions. The mean of single completions is pass@1.",
        "posterior_training":
            "The traces of a posterior over its training: means over replicates, with the least and the greatest replicate.",
        "rl_progress":
            "The progress of reinforcement learning, for every stage with a reward. Values that describe a batch of rollouts are null for steps that learn from a batch again; `kl` is null without a penalty.",
        "claim_table": "The claims with their findings. Sort by `ordinal` and `position`.",
    ]
}
