import Files
import JSON

/// A key of a profile, or of a table in one, which sets a property of `Target`. The reader and the schema are made of
/// the same keys, so that they cannot disagree.
struct ProfileKey<Target> {
    let name: String
    let summary: String

    /// The JSON Schema of its values.
    let schema: [String: JSONValue]

    /// Sets the property and returns true, or adds a mistake.
    let read: (SyntaxEntry, inout Target, inout ProfileReader) -> Bool

    init<Value>(
        _ name: String, _ value: ProfileValue<Value>, _ path: WritableKeyPath<Target, Value>,
        _ summary: String
    ) {
        self.name = name
        self.summary = summary
        schema = value.schema
        read = { entry, target, reader in
            guard let value = value.read(entry, &reader) else { return false }
            target[keyPath: path] = value
            return true
        }
    }

    init<Value>(
        _ name: String, _ value: ProfileValue<Value>, _ path: WritableKeyPath<Target, Value?>,
        _ summary: String
    ) {
        self.name = name
        self.summary = summary
        schema = value.schema
        read = { entry, target, reader in
            guard let value = value.read(entry, &reader) else { return false }
            target[keyPath: path] = value
            return true
        }
    }
}

/// The values that keys of profiles take: their JSON Schema, and how they are read.
struct ProfileValue<Value> {
    let schema: [String: JSONValue]

    /// `nil` after a mistake, which is added to the reader.
    let read: (SyntaxEntry, inout ProfileReader) -> Value?
}

extension ProfileValue {
    /// A table with the given keys, and further rules of its schema.
    static func table(
        _ place: String, _ keys: [ProfileKey<Value>], _ empty: Value,
        rules: [String: JSONValue] = [:]
    ) -> Self {
        ProfileValue(schema: ProfileSchema.table(keys, rules: rules)) { entry, reader in
            var value = empty
            guard let entries = reader.table(entry.node, place) else { return nil }
            return reader.read(entries, keys, place: place, into: &value) ? value : nil
        }
    }
}

extension ProfileValue where Value == String {
    static var text: Self {
        ProfileValue(schema: ["type": .string("string"), "minLength": .integer(1)]) {
            entry, reader in
            if let text = entry.node.text, !text.isEmpty { return text }
            return reader.wrong(entry, "a text")
        }
    }

    /// An absolute path, in which a component `$NAME` is the value of an environment variable.
    static func path(_ wanted: String) -> Self {
        ProfileValue(schema: ["type": .string("string"), "pattern": .string("^[/$]")]) {
            entry, reader in
            guard let text = text.read(entry, &reader) else { return nil }
            guard let path = reader.expanded(text, of: entry) else { return nil }
            if path.hasPrefix("/"), !path.contains("$") { return path }
            return reader.wrong(entry, wanted)
        }
    }

    /// The path of the shared directory.
    static var sharedPath: Self {
        let wanted = "an absolute path without blanks, `%` and `\\`, such as `/scratch/$USER/vireo`"
        return ProfileValue(
            schema: ["type": .string("string"), "pattern": .string("^[/$][^\\s%\\\\]*$")]
        ) { entry, reader in
            guard let path = path(wanted).read(entry, &reader) else { return nil }
            // Slurm replaces `%` and `\` in the name of the output of a job.
            guard !path.contains(where: { $0.isWhitespace || "%\\".contains($0) }) else {
                return reader.wrong(entry, wanted)
            }
            return FilePath.absolute(path)
        }
    }

    /// An argument of `sbatch`.
    static var argument: Self {
        ProfileValue(schema: ["type": .string("string"), "pattern": .string("^-")]) {
            entry, reader in
            guard let text = text.read(entry, &reader) else { return nil }
            guard reader.isFree(argument: entry.node, of: entry) else { return nil }
            if text.hasPrefix("-") { return text }
            return reader.wrong(entry, "an argument of sbatch such as `--gres=gpu:{units}`")
        }
    }
}

extension ProfileValue where Value == [String] {
    /// A text, or a list of texts.
    static var texts: Self {
        let text = ProfileValue<String>.text
        let either: [JSONValue] = [
            .object(text.schema),
            .object(["type": .string("array"), "items": .object(["type": .string("string")])]),
        ]
        return ProfileValue(schema: ["anyOf": .array(either)]) { entry, reader in
            guard case .list(let nodes) = entry.node.content else {
                return text.read(entry, &reader).map { [$0] }
            }
            let texts = nodes.compactMap(\.text)
            return texts.count == nodes.count ? texts : reader.wrong(entry, "a list of texts")
        }
    }
}

extension ProfileValue where Value == [String] {
    /// Arguments of `sbatch`.
    static var arguments: Self {
        let texts = ProfileValue<[String]>.texts
        return ProfileValue(schema: texts.schema) { entry, reader in
            var nodes = [entry.node]
            if case .list(let list) = entry.node.content { nodes = list }
            var areFree = true
            for node in nodes { areFree = reader.isFree(argument: node, of: entry) && areFree }
            return areFree ? texts.read(entry, &reader) : nil
        }
    }
}

extension ProfileValue where Value == [String: String] {
    /// The argument of `sbatch` for each pool.
    static var pools: Self {
        let argument = ProfileValue<String>.argument
        return ProfileValue(
            schema: [
                "type": .string("object"), "additionalProperties": .object(argument.schema),
            ]
        ) { entry, reader in
            let entries = reader.table(entry.node, "`pools`") ?? []
            return Dictionary(
                entries.compactMap { pool in argument.read(pool, &reader).map { (pool.key, $0) } },
                uniquingKeysWith: { first, _ in first })
        }
    }
}

extension ProfileValue where Value == Int {
    static var count: Self {
        ProfileValue(schema: ["type": .string("integer"), "minimum": .integer(1)]) {
            entry, reader in
            if case .integer(let count) = entry.node.value, count >= 1, count < 1 << 24 {
                return count
            }
            return reader.wrong(entry, "a whole number from 1")
        }
    }

    /// Bytes.
    static var size: Self {
        ProfileValue(schema: ["type": .string("string")]) { entry, reader in
            Resources.bytes(entry.node.spelling)
                ?? reader.wrong(entry, "a size such as `2GB` or `512MiB`")
        }
    }
}

extension ProfileValue where Value == Duration {
    static var time: Self {
        ProfileValue(
            schema: ["type": .string("string"), "pattern": .string("^([0-9]+[smhd])+$")]
        ) { entry, reader in
            Resources.duration(entry.node.spelling)
                ?? reader.wrong(entry, "a time such as `30s`, `10m` or `2h`")
        }
    }
}

extension ProfileValue where Value == Double {
    /// The price of an hour.
    static var price: Self {
        ProfileValue(schema: ["type": .string("number"), "minimum": .integer(0)]) { entry, reader in
            switch entry.node.value {
            case .integer(let price) where price >= 0: Double(price)
            case .number(let price) where price >= 0 && price.isFinite: price
            default: reader.wrong(entry, "a price of an hour, from 0")
            }
        }
    }
}

extension ProfileValue where Value == Profile.System {
    static var system: Self {
        let known = Profile.System.allCases.map(\.rawValue)
        return ProfileValue(schema: ["enum": .array(known.map { .string($0) })]) { entry, reader in
            guard let text = ProfileValue<String>.text.read(entry, &reader) else { return nil }
            if let system = Profile.System(rawValue: text) { return system }
            reader.findings.add(
                .unknownChoice(text, option: "system", known: known), at: entry.node.position)
            return nil
        }
    }
}

extension ProfileValue where Value == ProgramEnvironment {
    /// What a profile gives of an environment.
    private struct Parts {
        var conda: String?
        var image: String?
        var options: [String]?
    }

    static var environment: Self {
        let keys: [ProfileKey<Parts>] = [
            ProfileKey(
                "conda", .path("an absolute path such as `/opt/envs/torch`"), \.conda,
                "The absolute path of the directory of a conda environment."),
            ProfileKey(
                "apptainer", .path("an absolute path such as `/images/torch.sif`"), \.image,
                "The absolute path of an image file."),
            ProfileKey("options", .texts, \.options, "Further options of `apptainer exec`."),
        ]
        let either = ["conda", "apptainer"].map { name in
            JSONValue.object(["required": .array([.string(name)])])
        }
        let table = ProfileValue<Parts>.table(
            "`environment`", keys, Parts(), rules: ["oneOf": .array(either)])
        return ProfileValue(schema: table.schema) { entry, reader in
            guard let parts = table.read(entry, &reader) else { return nil }
            switch (parts.conda, parts.image) {
            case (let path?, nil):
                guard parts.options != nil else { return .conda(FilePath.absolute(path)) }
                let options = reader.table(entry.node, "`environment`")?
                    .first { $0.key == "options" }
                reader.findings.add(
                    .unknownKey("options", place: "`environment` with `conda`", known: ["conda"]),
                    at: options?.position ?? entry.position)
                return nil
            case (nil, let image?):
                return .apptainer(FilePath.absolute(image), options: parts.options ?? [])
            case (let conda, _):
                reader.findings.add(
                    .wrongShape(
                        of: "`environment`", wanted: "`{ conda: PATH }` or `{ apptainer: IMAGE }`",
                        found: conda == nil ? "a table without either" : "both"),
                    at: entry.position)
                return nil
            }
        }
    }
}
