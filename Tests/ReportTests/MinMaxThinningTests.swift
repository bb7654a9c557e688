import Report
import Testing

@Suite("Thinned series", .timeLimit(.minutes(10)))
struct MinMaxThinningTests {
    private func points(_ values: [Double]) -> [ChartPoint] {
        values.enumerated().map { ChartPoint(series: "s", x: Double($0), y: $1) }
    }

    @Test("A spike of one point is kept, wherever it is")
    func spikes() {
        for place in [0, 1, 777, 5_000, 9_999] {
            var values = [Double](repeating: 1, count: 10_000)
            values[place] = 50
            values[(place + 3) % 10_000] = -50
            let kept = MinMaxThinning.points(points(values), columns: 100)
            #expect(kept.count <= 400)
            #expect(kept.contains { $0.y == 50 } && kept.contains { $0.y == -50 })
            #expect(kept.first?.x == 0 && kept.last?.x == 9_999)
            #expect(kept.map { $0.x ?? 0 } == kept.map { $0.x ?? 0 }.sorted())
        }
    }

    @Test("Few points stay as they are, without those that cannot be drawn")
    func few() {
        let few = points([1, .nan, 3])
        #expect(MinMaxThinning.points(few, columns: 100).map(\.y) == [1, 3])
        #expect(MinMaxThinning.points([], columns: 3).isEmpty)
    }

    @Test("A range that has no width in numbers is drawn as it is")
    func extremeRanges() {
        for (least, most) in [(-1.7e308, 1.7e308), (0, Double.leastNonzeroMagnitude)] {
            let points = (0..<20).map {
                ChartPoint(series: "s", x: $0 == 19 ? most : least, y: Double($0))
            }
            #expect(MinMaxThinning.points(points, columns: 4).count == 20)
        }
    }
}
