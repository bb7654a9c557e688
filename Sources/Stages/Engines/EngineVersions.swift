import JSON

/// The versions of Python packages, which are read without importing them.
package struct EngineVersions {
    private static let script = """
        import importlib.metadata, json, sys
        versions = {}
        for name in sys.argv[1:]:
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                versions[name] = None
        print(json.dumps(versions))
        """

    let values: [String: String]

    /// Asks the Python of `python`. Throws `EngineError` if a package of the engine is missing, or has another version
    /// than `declared`.
    init(of engine: TrainingEngine, in python: EnginePython, declared: String?) throws {
        let run = try python.run(["-c", Self.script] + engine.packages, limit: .seconds(120))
        let answer = run.output.last.flatMap { JSONValue(json: $0) }
        guard run.isSuccess, case .object(let versions)? = answer else {
            throw EngineError.noVersions(
                python: python.name, status: run.status, lastLine: run.lastLine)
        }
        values = versions.compactMapValues(\.inText)
        for package in engine.packages where values[package] == nil {
            throw EngineError.missingPackage(
                package, engine: engine.rawValue, python: python.name)
        }
        if let declared, let found = values[engine.package], !Self.matches(found, declared) {
            throw EngineError.otherVersion(engine.package, declared: declared, found: found)
        }
    }

    init(_ values: [String: String]) { self.values = values }

    /// Whether a version is the declared one. A local part, such as `+cpu`, may be left out.
    package static func matches(_ version: String, _ declared: String) -> Bool {
        version == declared || version.split(separator: "+").first.map(String.init) == declared
    }

    /// The first number of the version of a package; 0 if it is unknown.
    func major(of package: String) -> Int {
        values[package].flatMap { Int($0.prefix { $0 != "." }) } ?? 0
    }

    var text: String {
        values.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")
    }
}
