import Pipeline

extension Sampling {
    /// The work of sampling `count` texts of at most `longest` tokens each, unless `max_tokens` says so.
    static func work(
        _ settings: WorkSettings, _ output: String, count: Amount, longest: Amount
    ) -> StageWork {
        let tokens = count * Amount(settings.options[maxTokens]).or(longest)
        return StageWork(
            outputs: [output: ArtifactSize(rows: count, tokens: tokens)],
            parameters: settings["model"].parameters, generated: tokens)
    }

    /// The work of sampling `samples` whole completions of each question.
    static func completions(
        _ settings: WorkSettings, _ output: String, samples: Int, shard: Shard? = nil
    ) -> StageWork {
        let questions = settings["questions"]
        return work(
            settings, output, count: questions.rows(in: shard) * Amount(samples),
            longest: questions.longestTrace + questions.longestAnswer)
    }
}

extension ArtifactSize {
    /// The rows of a part.
    func rows(in shard: Shard?) -> Amount {
        guard let shard, let count = rows.value.flatMap({ Int(exactly: $0) }) else { return rows }
        return Amount(shard.range(of: count).count)
    }

    /// The size after rows may have been left out.
    static func kept(of size: ArtifactSize, rows: Amount) -> ArtifactSize {
        var kept = size
        kept.rows = size.rows.atMost(rows)
        kept.tokens = kept.rows * (size.tokens / size.rows)
        return kept
    }
}
