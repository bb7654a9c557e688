import Files
import Foundation
import JSON

/// Reads a profile and collects its mistakes.
struct ProfileReader {
    private var findings: Findings
    private var profile: Profile
    private let environment: [String: String]

    private init(_ profile: Profile, _ findings: Findings, _ environment: [String: String]) {
        self.profile = profile
        self.findings = findings
        self.environment = environment
    }

    /// The names of the keys, in the order of the documentation.
    private static let known = [
        "system", "shared", "environment", "worker", "partition", "account", "options", "modules",
        "setup", "jobs",
        "array",
        "concurrent", "batch", "poll", "visibility", "confirmation", "defaults", "gpus", "pools",
        "rates",
    ]

    static func read(
        _ source: SourceFile, environment: [String: String]
    ) -> Checked<Profile> {
        var findings = Findings(source: source)
        guard let root = SyntaxReader.read(source, into: &findings) else {
            return Checked(nil, findings)
        }
        let name = FilePath.name(source.path)
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        var reader = ProfileReader(
            Profile(name: stem, system: .local), findings, environment)
        reader.read(root)
        return Checked(reader.profile, reader.findings)
    }

    private mutating func read(_ root: SyntaxNode) {
        let entries = table(root, "a profile") ?? []
        for entry in entries { read(entry) }
        if !entries.contains(where: { $0.key == "system" }) {
            findings.add(.missingKey("system", place: "a profile"), at: root.position)
        }
        if profile.system == .slurm, profile.shared.isEmpty,
            !entries.contains(where: { $0.key == "shared" })
        {
            findings.add(.missingKey("shared", place: "a profile of Slurm"), at: root.position)
        }
    }

    private mutating func read(_ entry: SyntaxEntry) {
        switch entry.key {
        case "system":
            guard let text = text(entry) else { return }
            if let system = Profile.System(rawValue: text) {
                profile.system = system
            } else {
                findings.add(
                    .unknownChoice(
                        text, option: "system", known: Profile.System.allCases.map(\.rawValue)),
                    at: entry.node.position)
            }
        case "shared": readShared(entry)
        case "environment": readEnvironment(entry)
        case "worker": profile.worker = path(entry, "the absolute path of the program on the nodes")
        case "partition": profile.partition = text(entry)
        case "account": profile.account = text(entry)
        case "options": profile.options = arguments(entry)
        case "modules": profile.modules = texts(entry)
        case "setup": profile.setup = text(entry)
        case "jobs": set(\.jobs, count(entry))
        case "array": set(\.arraySize, count(entry))
        case "concurrent": profile.concurrentTasks = count(entry)
        case "batch": profile.batch = time(entry)
        case "poll": set(\.poll, time(entry))
        case "visibility": set(\.visibility, time(entry))
        case "confirmation": set(\.confirmation, time(entry))
        case "defaults": readDefaults(entry)
        case "gpus": set(\.gpus, template(entry))
        case "pools":
            for pool in table(entry.node, "`pools`") ?? [] {
                profile.pools[pool.key] = template(pool)
            }
        case "rates": readRates(entry)
        default:
            findings.add(
                .unknownKey(entry.key, place: "a profile", known: Self.known), at: entry.position)
        }
    }

    private mutating func set<Value>(_ path: WritableKeyPath<Profile, Value>, _ value: Value?) {
        if let value { profile[keyPath: path] = value }
    }

    private mutating func readShared(_ entry: SyntaxEntry) {
        let wanted = "an absolute path without blanks, such as `/scratch/$USER/vireo`"
        guard let path = path(entry, wanted) else { return }
        // Slurm replaces `%` in the name of the output of a job.
        if path.contains(where: { $0.isWhitespace || $0 == "%" }) { return wrong(entry, wanted) }
        profile.shared = FilePath.absolute(path)
    }

    private mutating func readEnvironment(_ entry: SyntaxEntry) {
        guard let entries = table(entry.node, "`environment`") else { return }
        var options: SyntaxEntry?
        var found: [ProgramEnvironment] = []
        for entry in entries {
            switch entry.key {
            case "conda":
                guard let path = path(entry, "an absolute path such as `/opt/envs/torch`") else {
                    return
                }
                found.append(.conda(FilePath.absolute(path)))
            case "apptainer":
                guard let path = path(entry, "an absolute path such as `/images/torch.sif`") else {
                    return
                }
                found.append(.apptainer(FilePath.absolute(path), options: []))
            case "options": options = entry
            default:
                return findings.add(
                    .unknownKey(
                        entry.key, place: "`environment`", known: ["conda", "apptainer", "options"]),
                    at: entry.position)
            }
        }
        guard found.count == 1 else {
            return findings.add(
                .wrongShape(
                    of: "`environment`", wanted: "`{ conda: PATH }` or `{ apptainer: IMAGE }`",
                    found: found.isEmpty ? "a table without either" : "both"),
                at: entry.position)
        }
        if let options {
            guard case .apptainer(let image, _) = found[0] else {
                return findings.add(
                    .unknownKey(
                        "options", place: "`environment` with `conda`", known: ["conda"]),
                    at: options.position)
            }
            found[0] = .apptainer(image, options: texts(options))
        }
        profile.environment = found[0]
    }

    private mutating func readDefaults(_ entry: SyntaxEntry) {
        for entry in table(entry.node, "`defaults`") ?? [] {
            switch entry.key {
            case "cpus": set(\.defaults.cpus, count(entry))
            case "gpus": profile.defaults.gpus = count(entry)
            case "nodes": profile.defaults.nodes = count(entry)
            case "time": profile.defaults.time = time(entry)
            case "memory":
                profile.defaults.memory = Resources.bytes(entry.node.spelling)
                if profile.defaults.memory == nil {
                    wrong(entry, "a size such as `2GB` or `512MiB`")
                }
            default:
                findings.add(
                    .unknownKey(
                        entry.key, place: "`defaults`",
                        known: ["cpus", "gpus", "memory", "nodes", "time"]), at: entry.position)
            }
        }
    }

    private mutating func readRates(_ entry: SyntaxEntry) {
        var rates = Profile.Rates()
        for entry in table(entry.node, "`rates`") ?? [] {
            switch entry.key {
            case "cpu": rates.cpu = price(entry) ?? 0
            case "gpu": rates.gpu = price(entry) ?? 0
            case "node": rates.node = price(entry) ?? 0
            case "currency": rates.currency = text(entry) ?? ""
            default:
                findings.add(
                    .unknownKey(
                        entry.key, place: "`rates`", known: ["cpu", "gpu", "node", "currency"]),
                    at: entry.position)
            }
        }
        profile.rates = rates
    }

    // MARK: - Values

    private mutating func wrong(_ entry: SyntaxEntry, _ wanted: String) {
        findings.add(
            .wrongShape(of: "`\(entry.key)`", wanted: wanted, found: entry.node.summary),
            at: entry.node.position)
    }

    private mutating func text(_ entry: SyntaxEntry) -> String? {
        if let text = entry.node.text, !text.isEmpty { return text }
        wrong(entry, "a text")
        return nil
    }

    /// An absolute path, in which `$NAME` at the start of a component is the value of an environment variable.
    private mutating func path(_ entry: SyntaxEntry, _ wanted: String) -> String? {
        guard let text = text(entry) else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { part in
            part.hasPrefix("$")
                ? environment[String(part.dropFirst())] ?? String(part) : String(part)
        }
        let path = parts.joined(separator: "/")
        if path.hasPrefix("/"), !path.contains("$") { return path }
        wrong(entry, wanted)
        return nil
    }

    /// A text, or a list of texts.
    private mutating func texts(_ entry: SyntaxEntry) -> [String] {
        guard case .list(let nodes) = entry.node.content else {
            return text(entry).map { [$0] } ?? []
        }
        let texts = nodes.compactMap(\.text)
        if texts.count != nodes.count { wrong(entry, "a list of texts") }
        return texts
    }

    /// Arguments of `sbatch`.
    private mutating func arguments(_ entry: SyntaxEntry) -> [String] {
        let nodes: [SyntaxNode]
        if case .list(let list) = entry.node.content { nodes = list } else { nodes = [entry.node] }
        for node in nodes { check(argument: node, of: entry) }
        return texts(entry)
    }

    /// Reports an argument of `sbatch` that Vireo sets itself.
    private mutating func check(argument node: SyntaxNode, of entry: SyntaxEntry) {
        guard let text = node.text, SubmissionOption.isOwn(text) else { return }
        findings.add(
            .wrongShape(
                of: "an argument in `\(entry.key)`", wanted: "one that Vireo does not set itself",
                found: node.summary),
            at: node.position)
    }

    private mutating func template(_ entry: SyntaxEntry) -> String? {
        guard let text = text(entry) else { return nil }
        check(argument: entry.node, of: entry)
        if text.hasPrefix("-") { return text }
        wrong(entry, "an argument of sbatch such as `--gres=gpu:{units}`")
        return nil
    }

    private mutating func count(_ entry: SyntaxEntry) -> Int? {
        if case .integer(let count) = entry.node.value, count >= 1, count < 1 << 24 {
            return count
        }
        wrong(entry, "a whole number from 1")
        return nil
    }

    private mutating func time(_ entry: SyntaxEntry) -> Duration? {
        if let time = Resources.duration(entry.node.spelling) { return time }
        wrong(entry, "a time such as `30s`, `10m` or `2h`")
        return nil
    }

    private mutating func price(_ entry: SyntaxEntry) -> Double? {
        switch entry.node.value {
        case .integer(let price) where price >= 0: return Double(price)
        case .number(let price) where price >= 0 && price.isFinite: return price
        default:
            wrong(entry, "a price of an hour, from 0")
            return nil
        }
    }

    private mutating func table(_ node: SyntaxNode, _ what: String) -> [SyntaxEntry]? {
        var reader = OutlineReader(findings: findings)
        let entries = reader.table(node, what)
        findings = reader.findings
        return entries
    }
}

extension Profile {
    /// Parses a profile. `environment` has the variables that the path of the shared directory may name.
    package static func parse(
        _ source: SourceFile, environment: [String: String]
    ) -> Checked<Profile> {
        ProfileReader.read(source, environment: environment)
    }
}
