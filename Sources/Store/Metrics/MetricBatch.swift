import Foundation
import JSON
import Pipeline

/// Metric values of an execution that are not yet written, in the order of arrival.
package struct MetricBatch: Sendable {
    struct Point {
        /// The index of the metric in `series`.
        let series: Int
        let step: Int
        let value: Double
    }

    struct Series {
        let name: String
        let bytes: [UInt8]
        /// The id of its row; nil until it has one.
        var id: Int64?
    }

    private(set) var series: [Series] = []
    private(set) var points: [Point] = []
    private var places: [ExactText: Int] = [:]
    /// The series that is tried first for the next point: most programs report their metrics in a fixed order.
    private var expected = 0

    package init() {}

    package var count: Int { points.count }
    package var isEmpty: Bool { points.isEmpty }

    /// Adds a point; `name` is UTF-8.
    package mutating func append(name: UnsafeRawBufferPointer, step: Int, value: Double) {
        let place = place(of: name)
        expected = place + 1 == series.count ? 0 : place + 1
        points.append(Point(series: place, step: step, value: value))
    }

    package mutating func append(_ point: MetricPoint) {
        var name = point.name
        name.withUTF8 {
            append(name: UnsafeRawBufferPointer($0), step: point.step, value: point.value)
        }
    }

    /// The points with their names.
    package var all: [MetricPoint] {
        points.map {
            MetricPoint(name: series[$0.series].name, step: $0.step, value: $0.value)
        }
    }

    /// Adds the points of another batch after these.
    package mutating func append(contentsOf other: MetricBatch) {
        for point in other.points {
            other.series[point.series].bytes.withUnsafeBytes {
                append(name: $0, step: point.step, value: point.value)
            }
        }
    }

    /// Whether there is a point at `step` or later.
    package func reaches(_ step: Int) -> Bool { points.contains { $0.step >= step } }

    /// Removes the points after `step`.
    package mutating func cut(after step: Int) { points.removeAll { $0.step > step } }

    /// Removes the points, but keeps the ids of the rows of their series.
    package mutating func removePoints() { points.removeAll(keepingCapacity: true) }

    mutating func identify(_ place: Int, as id: Int64?) { series[place].id = id }

    private mutating func place(of name: UnsafeRawBufferPointer) -> Int {
        if expected < series.count, Self.isEqual(series[expected].bytes, name) { return expected }
        let text = String(decoding: name, as: UTF8.self)
        if let place = places[ExactText(text)] { return place }
        series.append(Series(name: text, bytes: Array(text.utf8), id: nil))
        places[ExactText(text)] = series.count - 1
        return series.count - 1
    }

    private static func isEqual(_ bytes: [UInt8], _ name: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == name.count, let start = name.baseAddress else { return false }
        return memcmp(bytes, start, bytes.count) == 0
    }
}

/// A value of a named metric.
package struct MetricPoint: Hashable, Sendable {
    package let name: String
    package let step: Int
    /// NaN if the value was not finite.
    package let value: Double

    package init(name: String, step: Int, value: Double) {
        self.name = name
        self.step = step
        self.value = value
    }
}
