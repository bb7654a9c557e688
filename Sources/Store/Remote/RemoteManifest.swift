import Files
import Foundation
import JSON
import Pipeline

/// The description of a finished execution in a shared cache, under the name of its cache key. It is written after the
/// objects that it names, so that an interrupted push leaves no result that cannot be fetched. It contains neither
/// logs, events, runs nor names of machines.
struct RemoteManifest: Codable, Hashable {
    /// An output and its archive, which is an object of the cache.
    struct Output: Codable, Hashable {
        let name: String
        let type: String
        let artifact: String
        /// The digest of the bytes of the archive, which is the name of the object.
        let archive: String
        let archiveBytes: Int
        /// The total size of the files of the artifact, and their number.
        let bytes: Int
        let files: Int
        let directories: Int

        var object: String { RemoteManifest.object(archive) }
    }

    /// The values of a metric; null for a value that was not finite.
    struct Metric: Codable, Hashable {
        let name: String
        let steps: [Int]
        let values: [Double?]
    }

    var format = Self.format
    let key: String
    let document: String
    let started: String
    let finished: String
    let cpuSeconds: Double?
    let peakMemory: Int?
    let outputs: [Output]
    /// Omitted for executions by this program.
    let engine: EngineIdentity?
    var metrics: [Metric] = []

    /// The digest of the manifest with an empty text in this place, which detects damage.
    private var sha256 = ""

    static let format = 1

    /// The maximum size of a manifest in bytes.
    static let limit = 64 << 20

    static let folder = "manifests"

    static func name(_ key: Digest) -> String { "\(folder)/\(key.hex).json" }

    /// The name of its file.
    var name: String { "\(Self.folder)/\(key).json" }

    static func object(_ archive: String) -> String { "objects/\(archive).tar.zst" }

    /// The key in the name of a file of the folder.
    static func key(ofFile name: String) -> Digest? {
        guard name.hasSuffix(".json") else { return nil }
        return Digest(hex: String(name.dropLast(".json".count)))
    }

    init(
        key: String, document: String, started: String, finished: String, cpuSeconds: Double?,
        peakMemory: Int?, outputs: [Output], engine: EngineIdentity?
    ) {
        self.key = key
        self.document = document
        self.started = started
        self.finished = finished
        self.cpuSeconds = cpuSeconds
        self.peakMemory = peakMemory
        self.outputs = outputs
        self.engine = engine
    }

    /// The bytes of the file: one line. Equal manifests give equal bytes.
    var encoded: [UInt8] {
        var sealed = self
        sealed.sha256 = Digest(of: JSONLine.encode(self)).hex
        return JSONLine.encode(sealed) + [10]
    }

    /// Whether `line` has the digest that it contains. Its bytes are compared, not its values.
    private func isSealed(_ line: Data) -> Bool {
        guard let place = line.range(of: Data(Self.seal(sha256).utf8)) else { return false }
        var open = line
        open.replaceSubrange(place, with: Data(Self.seal("").utf8))
        return Digest(of: open).hex == sha256
    }

    /// The member with the digest. The quotes of the same text within a value would be escaped.
    private static func seal(_ sha256: String) -> String { "\"sha256\":\"\(sha256)\"" }

    /// Reads the manifest of `key` at `path`; `nil` if there is no such file. Throws a `RemoteDamage`.
    static func read(_ path: String, of key: Digest) throws -> RemoteManifest? {
        func damage(_ problem: String) -> RemoteDamage {
            RemoteDamage(file: name(key), problem: problem)
        }
        guard let stamp = FileStamp(of: path) else { return nil }
        guard stamp.isRegular, stamp.bytes <= limit else {
            throw damage("it is larger than \(limit) bytes")
        }
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw damage("it is not a complete manifest")
        }
        var decoder = JSONRecordDecoder(values: .max, readsNonFinite: true)
        struct Start: Decodable { let format: Int }
        let manifest: RemoteManifest
        do {
            let format = try decoder.decode(Start.self, from: text).format
            guard format == self.format else {
                throw damage("it has format \(format), which this program does not know")
            }
            manifest = try decoder.decode(RemoteManifest.self, from: text)
        } catch let damage as RemoteDamage {
            throw damage
        } catch {
            throw damage("it is not a complete manifest")
        }
        guard data.last == 10, manifest.isSealed(data.dropLast()) else {
            throw damage("its contents do not match its digest")
        }
        guard manifest.key == key.hex, Digest(of: manifest.document) == key else {
            throw damage("it belongs to another key")
        }
        if let problem = manifest.problem { throw damage(problem) }
        return manifest
    }

    /// The problem of its values; `nil` if there is none.
    private var problem: String? {
        for output in outputs {
            guard Digest(hex: output.artifact) != nil, Digest(hex: output.archive) != nil,
                [output.archiveBytes, output.bytes, output.files, output.directories].allSatisfy(
                    ExchangeLimits.contains)
            else { return "its output \(output.name.shown) is invalid" }
            var limits = ExchangeLimits(fileOf: output.archiveBytes)
            guard limits.takeUnpacked(output.bytes) else {
                return "its output \(output.name.shown) would be too large"
            }
        }
        guard Set(outputs.map(\.name)).count == outputs.count else {
            return "it names an output twice"
        }
        for metric in metrics where metric.steps.count != metric.values.count {
            return "the metric \(metric.name.shown) has more steps than values, or fewer"
        }
        return execution(kind: "", inputs: []).problem
    }

    /// The problem of the manifest as the result of a stage with these outputs; `nil` if there is none.
    func problem(for declared: [StageKind.Output]) -> String? {
        let told = Dictionary(
            outputs.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        let wanted = Dictionary(
            declared.map { ($0.name, $0.type.rawValue) }, uniquingKeysWith: { first, _ in first })
        return told == wanted ? nil : "its outputs are not those of the stage"
    }

    /// The digests of the artifacts, by output.
    var digests: [String: Digest] {
        Dictionary(
            outputs.compactMap { output in
                Digest(hex: output.artifact).map { (output.name, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The first output that differs from that of another manifest of the key, by name.
    func difference(from other: RemoteManifest) -> String? {
        let (mine, theirs) = (digests, other.digests)
        return Set(mine.keys).union(theirs.keys).sorted().first { mine[$0] != theirs[$0] }
    }

    /// The execution as an import inserts it. The producers of its inputs have the positions of `inputs`.
    func execution(kind: String, inputs: [InputEdge]) -> ExchangedExecution {
        ExchangedExecution(
            key: key, kind: kind, document: document, state: "done", attempt: 1, started: started,
            finished: finished, checkpoint: nil, error: nil, cpuSeconds: cpuSeconds,
            peakMemory: peakMemory,
            inputs: inputs.enumerated().map { place, edge in
                .init(
                    name: edge.name, position: edge.position, artifact: edge.artifact.hex,
                    producer: place, output: edge.output)
            },
            outputs: outputs.map { .init(name: $0.name, type: $0.type, artifact: $0.artifact) },
            engine: engine)
    }
}
