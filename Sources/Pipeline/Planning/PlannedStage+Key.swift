extension PlannedStage {
    /// What decides the result, given the content of the inputs. Paths, resources, the names of stages
    /// and options that do not affect the result are not in it.
    package func keyDocument(inputs: [String: [Digest]]) -> KeyDocument {
        KeyDocument(
            kind: kind.name, version: kind.version, options: keyOptions, inputs: inputs,
            files: fileDigests, environment: environment)
    }

    /// The options that decide the result, but for those that name files.
    var keyOptions: [String: Value] {
        let idle = Set(kind.options.filter { !$0.affectsResult }.map(\.name))
        let paths = Set(kind.options.filter { $0.type.isPath }.map(\.name))
        return options.values.filter { name, value in
            !idle.contains(name) && (!paths.contains(name) || value == .null)
        }
    }
}
