/// An axis of a matrix with its values in declared order.
struct Axis: Sendable {
    let name: String
    let values: [Value]
}

/// One value for each axis of a stage, in the order of the axes.
struct Point: Hashable, Sendable {
    let coordinates: [Coordinate]

    struct Coordinate: Hashable, Sendable {
        let axis: String
        let value: Value
    }

    subscript(axis: String) -> Value? { coordinates.first { $0.axis == axis }?.value }

    var values: [String: Value] {
        Dictionary(coordinates.map { ($0.axis, $0.value) }) { first, _ in first }
    }

    /// `name`, or `name[axis=value,...]`.
    func id(of name: String) -> String {
        guard !coordinates.isEmpty else { return name }
        return name + "["
            + coordinates.map { "\($0.axis)=\($0.value.inText ?? "")" }.joined(separator: ",") + "]"
    }
}

/// The axes of one stage and every combination of their values, the first axis slowest.
struct Matrix: Sendable {
    let axes: [Axis]
    let points: [Point]

    static let limit = 10_000

    /// `nil` for more than `limit` points.
    init?(axes: [Axis]) {
        self.axes = axes
        var points = [Point(coordinates: [])]
        for axis in axes {
            guard points.count * axis.values.count <= Self.limit else { return nil }
            points = points.flatMap { point in
                axis.values.map {
                    Point(
                        coordinates: point.coordinates
                            + [Point.Coordinate(axis: axis.name, value: $0)])
                }
            }
        }
        self.points = points
    }

    /// The points that agree with `point` on every axis both have: one when all axes are shared, several
    /// to gather when this matrix has axes that `point` has not.
    func points(matching point: Point) -> [Point] {
        let shared = axes.compactMap { axis in point[axis.name].map { (axis.name, $0) } }
        return points.filter { candidate in
            shared.allSatisfy { candidate[$0.0] == $0.1 }
        }
    }
}
