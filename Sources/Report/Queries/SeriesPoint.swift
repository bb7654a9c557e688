import Store

/// A point of a metric of a stage.
package struct SeriesPoint: Hashable, Sendable, Decodable {
    package let stage: String
    package let name: String
    package let step: Double

    /// `nil` where it was not a finite number.
    package let value: Double?

    /// The points of all metrics of a stage, or of all instances of a matrix.
    package static func query(_ run: RunID, stage: String) -> Query {
        """
        SELECT stage.id AS stage, series.name, metric_point.step, metric_point.value
        FROM stage
        JOIN series ON series.execution = stage.execution
        JOIN metric_point ON metric_point.series = series.id
        WHERE stage.run = \(run) AND (stage.id = \(stage) OR stage.name = \(stage))
        ORDER BY series.name, stage.ordinal, metric_point.step
        """
    }
}
