import Store

/// Queries for charts: every row is a point (`ChartPoint`).
extension ReportQuery {
    package static let accuracyChart = ReportQuery(
        template: """
            SELECT
                measure || ifnull(', level ' || level, '') AS panel,
                label || iif(replicates IS NULL AND count(*) OVER same > 1, ' (' || stage || ')', '')
                    AS series,
                NULL AS x,
                100 * value AS y,
                100 * low AS low,
                100 * high AS high
            FROM accuracy_by_arm
            WHERE run = :run AND measure LIKE 'avg@%'
                AND stage NOT IN (SELECT stage FROM candidate_evaluation WHERE run = :run)
            WINDOW same AS (PARTITION BY label, level, measure)
            ORDER BY measure, level IS NOT NULL, level, ordinal, position
            """)

    package static let passChart = ReportQuery(
        template: """
            SELECT
                '' AS panel,
                label || iif(replicates IS NULL AND count(*) OVER same > 1, ' (' || stage || ')', '')
                    AS series,
                k AS x,
                100 * value AS y,
                100 * low AS low,
                100 * high AS high
            FROM pass_at_k
            WHERE run = :run AND level IS NULL
                AND stage NOT IN (SELECT stage FROM candidate_evaluation WHERE run = :run)
                AND label IN (SELECT label FROM pass_at_k WHERE run = :run AND k > 1)
            WINDOW same AS (PARTITION BY label, k)
            ORDER BY ordinal, position
            """)

    package static let boundChart = ReportQuery(
        template: """
            SELECT
                ifnull('level ' || level, 'all levels') AS panel,
                stage AS series,
                k AS x,
                value AS y,
                low,
                high
            FROM bound_by_traces
            WHERE run = :run
            ORDER BY level IS NOT NULL, level, ordinal, k
            """)

    package static let weightChart = ReportQuery(
        template: """
            SELECT
                name || ': ' || estimator || ', ' || ratio || ', K = ' || k AS panel,
                printf('%.1f to %.1f', low, high) AS series,
                NULL AS x,
                100 * share AS y,
                NULL AS low,
                NULL AS high
            FROM weight_histogram
            WHERE run = :run
            ORDER BY name, estimator, ratio, k, weight_histogram.low
            """)

    package static let effectiveSizeChart = ReportQuery(
        template: """
            SELECT
                '' AS panel,
                name || ': ' || estimator || ', ' || ratio || ', K = ' || k AS series,
                tokens AS x,
                share AS y,
                NULL AS low,
                NULL AS high
            FROM effective_size_by_length
            WHERE run = :run
            ORDER BY name, estimator, ratio, k, bin
            """)

    package static let gradientChart = ReportQuery(
        template: """
            WITH mass AS (
                SELECT *, name || ': ' || method || ', group of ' || group_size AS panel
                FROM gradient_mass_by_accuracy
                WHERE run = :run
            ), line AS (
                SELECT
                    *,
                    'measured' AS series,
                    weight AS y,
                    weight - 1.96 * weight_error AS low_end,
                    weight + 1.96 * weight_error AS high_end
                FROM mass
                UNION ALL
                SELECT *, 'exact', exact, NULL, NULL FROM mass WHERE exact IS NOT NULL
            )
            SELECT panel, series, accuracy AS x, y, low_end AS low, high_end AS high
            FROM line
            ORDER BY name, method, group_size, series DESC, accuracy
            """)

    package static let posteriorChart = ReportQuery(
        template: """
            WITH training AS MATERIALIZED (SELECT * FROM posterior_training WHERE run = :run)
            SELECT
                'tokens a trace' AS panel,
                label AS series,
                step AS x,
                tokens AS y,
                tokens_least AS low,
                tokens_most AS high
            FROM training
            UNION ALL
            SELECT 'steps a trace', label, step, steps, NULL, NULL
            FROM training
            UNION ALL
            SELECT
                'leaked answers, %', label, step, 100 * leak_rate, 100 * leak_rate_least,
                100 * leak_rate_most
            FROM training
            UNION ALL
            SELECT
                'truly right, %', label, step, 100 * truly_right, 100 * truly_right_least,
                100 * truly_right_most
            FROM training
            """)

    package static let learningChart = ReportQuery(
        template: """
            WITH progress AS MATERIALIZED (
                SELECT * FROM rl_progress WHERE run = :run ORDER BY ordinal, step
            )
            SELECT 'reward' AS panel, stage AS series, step AS x, reward AS y, NULL AS low, NULL AS high
            FROM progress
            UNION ALL
            SELECT 'KL to the reference, nats a token', stage, step, kl, NULL, NULL FROM progress
            UNION ALL
            SELECT 'entropy, nats a token', stage, step, entropy, NULL, NULL FROM progress
            UNION ALL
            SELECT 'tokens a rollout', stage, step, tokens, NULL, NULL FROM progress
            UNION ALL
            SELECT 'groups without difference, %', stage, step, 100 * degenerate_groups, NULL, NULL
            FROM progress
            UNION ALL
            SELECT 'clipped tokens, %', stage, step, 100 * clip_fraction, NULL, NULL FROM progress
            """)
}

extension ReportQuery {
    /// The points that a query for a chart gives for a run.
    package func points(of run: RunID, in store: Store) throws -> [ChartPoint] {
        try store.snapshot { try $0.rows(self, of: run) }
    }
}
