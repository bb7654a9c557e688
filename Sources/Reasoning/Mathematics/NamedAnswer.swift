/// An answer that names its values: `x = 5`, `x = 1, x = 2`, `x = 5, y = 8`, `(x,y) = (5,8)`.
struct NamedAnswer {
    let names: [[UInt8]]

    /// Whether the names are in alphabetical order, so that unnamed values are listed in the same order.
    let isInOrder: Bool

    /// The values without names, as a number, a list or a tuple.
    let value: ArraySlice<UInt8>

    /// Longer answers are not parsed.
    private static let lengthLimit = 1000
    private static let countLimit = 32

    /// `nil` if cleaned LaTeX is not such an answer.
    init?(_ text: ArraySlice<UInt8>) {
        guard text.count <= Self.lengthLimit, text.contains(where: { $0 == UInt8(ascii: "=") })
        else { return nil }
        if let value = Assignment.value(of: text) {
            let name = text.prefix { $0 != UInt8(ascii: "=") }
            self.value = value
            isInOrder = true
            let isNamed = QuantityName.isName(name)
            names =
                isNamed ? QuantityName.variables(of: name) ?? [name.filter { !$0.isBlank }] : []
        } else if let several = Self(several: text) {
            self = several
        } else {
            return nil
        }
    }

    /// Parses `x = 1`, `x = 2`, or `x = 1`, `y = 2`, repeatedly.
    private init?(several text: ArraySlice<UInt8>) {
        let parts = Separators.split(text)
        guard (2...Self.countLimit).contains(parts.count) else { return nil }
        var names: [[UInt8]] = []
        var values: [ArraySlice<UInt8>] = []
        for part in parts {
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            guard name.count < part.count, let value = Assignment.value(of: part),
                QuantityName.isName(name)
            else { return nil }
            names.append(name.filter { !$0.isBlank })
            values.append(value)
        }
        let count = names.dropFirst().firstIndex(of: names[0]) ?? names.count
        let cycle = Array(names[..<count])
        guard names.count.isMultiple(of: count),
            names.indices.allSatisfy({ names[$0] == cycle[$0 % count] }),
            Set(cycle).count == count,
            // `x = 1 or y = 2` is not a pair.
            Separators.alternatives(of: text).allSatisfy({
                Separators.split($0).count.isMultiple(of: count)
            })
        else { return nil }
        self.names = cycle
        isInOrder = QuantityName.isInOrder(cycle)
        // The roots x_1 and x_2 form a list, as do several values of one variable.
        if count == 1 || count == names.count && Self.isIndexed(cycle) {
            value = Array(values.joined(separator: " or ".utf8))[...]
            return
        }
        let tuples = stride(from: 0, to: values.count, by: count).map { start in
            Array("(".utf8) + values[start..<(start + count)].joined(separator: ", ".utf8)
                + Array(")".utf8)
        }
        value = Array(tuples.joined(separator: ", ".utf8))[...]
    }

    private static func isIndexed(_ names: [[UInt8]]) -> Bool {
        names.allSatisfy { $0.count > 1 && $0[1] == UInt8(ascii: "_") && $0[0] == names[0][0] }
    }
}
