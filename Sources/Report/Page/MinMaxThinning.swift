import Store

/// Leaves points of a series out without hiding a spike: of the points in each column of pixels it keeps the first, the
/// least, the greatest and the last.
package enum MinMaxThinning {
    /// `points` in ascending order of `x`, at most four for each of `columns` columns of equal width. Points without
    /// finite coordinates are left out.
    package static func points(_ points: [ChartPoint], columns: Int) -> [ChartPoint] {
        let points = points.filter { $0.x?.isFinite == true && $0.y?.isFinite == true }
        guard points.count > 4 * columns, let least = points.first?.x, let most = points.last?.x,
            most > least
        else { return points }
        let scale = Double(columns) / (most - least)
        // A range that is too wide or too narrow for a number has no columns.
        guard scale.isNormal else { return points }
        func column(_ point: ChartPoint) -> Int {
            min(columns - 1, Int(((point.x ?? least) - least) * scale))
        }
        var kept: [ChartPoint] = []
        var start = 0
        while start < points.count {
            let number = column(points[start])
            var (low, high, last) = (start, start, start)
            while last + 1 < points.count, column(points[last + 1]) == number {
                last += 1
                if (points[last].y ?? 0) < (points[low].y ?? 0) { low = last }
                if (points[last].y ?? 0) > (points[high].y ?? 0) { high = last }
            }
            kept += Set([start, low, high, last]).sorted().map { points[$0] }
            start = last + 1
        }
        return kept
    }
}
