import Report
import Store

/// The named results of a benchmark, in order.
struct BenchmarkReport: Encodable {
    private(set) var figures: [(name: String, value: SQLValue)] = []

    mutating func add(_ name: String, _ text: String) { figures.append((name, .text(text))) }

    mutating func add(_ name: String, _ count: Int) {
        figures.append((name, .integer(Int64(count))))
    }

    /// Adds a number, rounded to `digits` decimals.
    mutating func add(_ name: String, _ number: Double, digits: Int) {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let rounded = (number * scale).rounded() / scale
        figures.append((name, digits == 0 ? .integer(Int64(rounded)) : .real(rounded)))
    }

    /// A table with a row per result.
    var table: Table {
        Table(columns: ["figure", "value"], rows: figures.map { [.text($0.name), $0.value] })
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        for figure in figures {
            let key = Key(stringValue: figure.name)
            switch figure.value {
            case .integer(let integer): try fields.encode(integer, forKey: key)
            case .real(let number): try fields.encode(number, forKey: key)
            case .text(let text): try fields.encode(text, forKey: key)
            case .null, .blob: try fields.encodeNil(forKey: key)
            }
        }
    }
}
