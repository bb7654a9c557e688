extension PlannedStage {
    /// What decides the result, given the content of the inputs. Paths, resources, the names of stages
    /// and options that do not affect the result are not in it.
    package func keyDocument(inputs: [String: [Digest]]) -> KeyDocument {
        let idle = Set(kind.options.filter { !$0.affectsResult }.map(\.name))
        let paths = Set(kind.options.filter { $0.type.isPath }.map(\.name))
        return KeyDocument(
            kind: kind.name, version: kind.version,
            options: options.values.filter { name, value in
                !idle.contains(name) && (!paths.contains(name) || value == .null)
            },
            inputs: inputs, files: fileDigests, environment: environment)
    }
}
