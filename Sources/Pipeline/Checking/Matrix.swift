import JSON

/// An axis of a matrix with its values in declared order.
struct Axis: Sendable {
    let name: String
    let values: [JSONValue]

    /// The nodes in which the values are written.
    var written: [JSONValue: SyntaxNode] = [:]

    /// Whether its values number replicates of the same work, each with an execution of its own.
    var isReplicate = false
}

/// A combination of axis values of a stage, in the order of the axes.
struct Point: Hashable, Sendable {
    let coordinates: [Coordinate]

    struct Coordinate: Hashable, Sendable {
        let axis: String
        let value: JSONValue
    }

    subscript(axis: String) -> JSONValue? { coordinates.first { $0.axis == axis }?.value }

    /// `name`, or `name[axis=value,...]`.
    func id(of name: String) -> String {
        guard !coordinates.isEmpty else { return name }
        return name + "["
            + coordinates.map { "\($0.axis)=\($0.value.inText ?? "")" }.joined(separator: ",") + "]"
    }
}

/// The axes of a stage and all combinations of their values. The first axis varies slowest.
struct Matrix: Sendable {
    let axes: [Axis]
    let points: [Point]

    static let limit = 10_000

    /// The maximum number of axes; each takes memory in every instance.
    static let axisLimit = 16

    /// `nil` for more than `limit` points, or too many axes.
    init?(axes: [Axis]) {
        guard axes.count <= Self.axisLimit else { return nil }
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

    /// The nodes of the values of `point`, by axis.
    func written(at point: Point) -> [String: SyntaxNode] {
        let nodes = axes.compactMap { axis -> (String, SyntaxNode)? in
            guard let value = point[axis.name] else { return nil }
            return (axis.name, axis.written[value] ?? SyntaxNode(value, at: .start))
        }
        return Dictionary(nodes) { first, _ in first }
    }
}

/// Matches the instances of a stage with those of a stage that reads it.
struct MatrixJoin: Sendable {
    private let shared: Set<String>
    private let groups: [Point: [Point]]

    init(of source: Matrix, with reader: Matrix) {
        let shared = Set(source.axes.map(\.name)).intersection(reader.axes.map(\.name))
        self.shared = shared
        groups = Dictionary(grouping: source.points) { $0.restricted(to: shared) }
    }

    /// The points of the source that agree with `point` on every common axis, in declared order: one if the source has
    /// no other axes, else several to gather.
    func points(for point: Point) -> [Point] {
        groups[point.restricted(to: shared)] ?? []
    }
}

extension Point {
    /// This point restricted to some axes, sorted by name, so that points of two matrices compare.
    fileprivate func restricted(to axes: Set<String>) -> Point {
        Point(
            coordinates: coordinates.filter { axes.contains($0.axis) }.sorted { $0.axis < $1.axis })
    }
}
