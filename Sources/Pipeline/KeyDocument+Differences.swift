extension KeyDocument {
    /// What is not as in `old`, one line each, such as `with.learning_rate 0.001 -> 0.0003`; empty for
    /// equal documents.
    package func differences(from old: KeyDocument) -> [String] {
        definitionDifferences(from: old) + inputDifferences(from: old)
    }

    /// Differences that do not depend on what is above the stage.
    func definitionDifferences(from old: KeyDocument) -> [String] {
        var lines = [String]()
        if kind != old.kind {
            lines.append("kind \(old.kind) -> \(kind)")
        } else if version != old.version {
            lines.append("kind version \(old.version) -> \(version)")
        }
        lines += Self.lines("with", old.options, options) { old, new in
            guard old.canonical != new.canonical else { return nil }
            return " \(Self.short(old)) -> \(Self.short(new))"
        }
        lines += Self.lines("with", old.files, files) { old, new in
            old == new ? nil : " changed: \(Self.short(old)) -> \(Self.short(new))"
        }
        return lines
    }

    private func inputDifferences(from old: KeyDocument) -> [String] {
        Self.lines("in", old.inputs, inputs) { old, new in
            guard old != new else { return nil }
            guard old.count == new.count else {
                return " changed: \(old.count) artifacts -> \(new.count)"
            }
            let changed = zip(old, new).filter { $0 != $1 }
            guard old.count > 1, let first = changed.first else {
                return " changed: "
                    + zip(old, new).map {
                        "\(Self.short($0)) -> \(Self.short($1))"
                    }.joined()
            }
            return " changed: \(changed.count) of \(new.count) artifacts, first "
                + "\(Self.short(first.0)) -> \(Self.short(first.1))"
        }
    }

    private static func lines<Part>(
        _ place: String, _ old: [String: Part], _ new: [String: Part],
        change: (Part, Part) -> String?
    ) -> [String] {
        Set(old.keys).union(new.keys).sorted().compactMap { name in
            switch (old[name], new[name]) {
            case (let old?, let new?): change(old, new).map { "\(place).\(name)\($0)" }
            case (nil, _): "\(place).\(name) added"
            case (_, nil): "\(place).\(name) removed"
            }
        }
    }

    private static func short(_ digest: Digest) -> String { digest.hex.prefix(6) + "..." }

    private static func short(_ value: Value) -> String {
        let text = value.canonical
        return text.count <= 60 ? text : text.prefix(57) + "..."
    }
}
