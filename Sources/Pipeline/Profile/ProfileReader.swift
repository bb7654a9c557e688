import Files

/// Reads a profile and collects its mistakes.
struct ProfileReader {
    var findings: Findings
    private let environment: [String: String]

    private init(_ findings: Findings, _ environment: [String: String]) {
        self.findings = findings
        self.environment = environment
    }

    /// The keys of a profile, in the order of the documentation.
    static var keys: [ProfileKey<Profile>] {
        [
            ProfileKey(
                "system", .system, \.system, "Where stages run: `slurm`, or `local`: this machine."),
            ProfileKey(
                "shared", .sharedPath, \.shared,
                "A directory that this machine and all nodes have under the same path. A component "
                    + "such as $USER stands for the value of an environment variable."),
            ProfileKey(
                "environment", .environment, \.environment,
                "The conda environment or the image of the programs of `command` stages."),
            ProfileKey(
                "worker", .path("the absolute path of the program on the nodes"), \.worker,
                "The path of the program on the nodes, which must be the same build; by default "
                    + "a copy in `shared`."),
            ProfileKey("partition", .text, \.partition, "The partition of Slurm."),
            ProfileKey("account", .text, \.account, "The account of Slurm."),
            ProfileKey("options", .arguments, \.options, "Further arguments of sbatch."),
            ProfileKey("modules", .texts, \.modules, "The environment modules that a job loads."),
            ProfileKey("setup", .text, \.setup, "Lines of shell before the stage."),
            ProfileKey(
                "jobs", .count, \.jobs,
                "The maximum number of stages that are submitted at the same time (default 1000)."),
            ProfileKey(
                "array", .count, \.arraySize,
                "The maximum number of tasks of an array (default 1000)."),
            ProfileKey(
                "concurrent", .count, \.concurrentTasks,
                "The maximum number of tasks of an array that run at the same time."),
            ProfileKey(
                "batch", .time, \.batch,
                "Stages that usually take less time than this together share a task."),
            ProfileKey(
                "poll", .time, \.poll, "The time between two questions to Slurm (default 10s)."),
            ProfileKey(
                "visibility", .time, \.visibility,
                "How long a result may stay invisible after its job has ended (default 120s)."),
            ProfileKey(
                "confirmation", .time, \.confirmation,
                "The time between two looks into the queue that prove that a job was never "
                    + "submitted (default 60s)."),
            ProfileKey(
                "defaults", .table("`defaults`", defaults, Resources()), \.defaults,
                "The resources of stages that do not declare them."),
            ProfileKey(
                "gpus", .argument, \.gpus,
                "The argument of sbatch for `resources.gpus` (default --gres=gpu:{units})."),
            ProfileKey(
                "pools", .pools, \.pools,
                "The argument of sbatch for each pool, such as --licenses=solver:{units}."),
            ProfileKey(
                "rates", .table("`rates`", rates, Profile.Rates()), \.rates,
                "Prices of an hour, for `vireo plan`."),
        ]
    }

    private static var defaults: [ProfileKey<Resources>] {
        [
            ProfileKey("cpus", .count, \.cpus, "The processors of stages with one."),
            ProfileKey("gpus", .count, \.gpus, "The GPUs."),
            ProfileKey("memory", .size, \.memory, "Such as 2GB or 512MiB."),
            ProfileKey("nodes", .count, \.nodes, "The nodes."),
            ProfileKey("time", .time, \.time, "Such as 30m, 2h or 1d12h."),
        ]
    }

    private static var rates: [ProfileKey<Profile.Rates>] {
        [
            ProfileKey("cpu", .price, \.cpu, "An hour of a processor."),
            ProfileKey("gpu", .price, \.gpu, "An hour of a GPU."),
            ProfileKey("node", .price, \.node, "An hour of a node."),
            ProfileKey("currency", .text, \.currency, "The currency, such as EUR."),
        ]
    }

    /// What messages call the file.
    static let place = "a profile"

    /// The keys and values of the smallest profile of a cluster.
    static let smallest = "`system: slurm` and `shared: /scratch/$USER/vireo`"

    static func read(
        _ source: SourceFile, environment: [String: String]
    ) -> Checked<Profile> {
        var findings = Findings(source: source)
        guard
            let root = SyntaxReader.read(
                source, into: &findings,
                leastContent: "\(smallest), or only `system: local`")
        else { return Checked(nil, findings) }
        let name = FilePath.name(source.path)
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        var profile = Profile(name: stem, system: .local)
        var reader = ProfileReader(findings, environment)
        reader.read(root, into: &profile)
        return Checked(profile, reader.findings)
    }

    private mutating func read(_ root: SyntaxNode, into profile: inout Profile) {
        let entries = table(root, Self.place) ?? []
        _ = read(entries, Self.keys, place: Self.place, into: &profile)
        func isGiven(_ key: String) -> Bool { entries.contains { $0.key == key } }
        if !isGiven("system") {
            findings.add(.missingKey("system", place: Self.place), at: root.position)
        }
        if profile.system == .slurm, !isGiven("shared") {
            findings.add(.missingKey("shared", place: "a profile of Slurm"), at: root.position)
        }
    }

    /// Reads the entries of a table with `keys` into `target`. Returns whether there are no mistakes.
    mutating func read<Target>(
        _ entries: [SyntaxEntry], _ keys: [ProfileKey<Target>], place: String,
        into target: inout Target
    ) -> Bool {
        var isSound = true
        for entry in entries {
            if let key = keys.first(where: { $0.name == entry.key }) {
                isSound = key.read(entry, &target, &self) && isSound
            } else {
                findings.add(
                    .unknownKey(entry.key, place: place, known: keys.map(\.name)),
                    at: entry.position)
                isSound = false
            }
        }
        return isSound
    }

    /// The entries of a table; `nil` after a mistake.
    mutating func table(_ node: SyntaxNode, _ what: String) -> [SyntaxEntry]? {
        var reader = OutlineReader(findings: findings)
        let entries = reader.table(node, what)
        findings = reader.findings
        return entries
    }

    /// Adds the mistake that the value of an entry is not `wanted`.
    mutating func wrong<Value>(_ entry: SyntaxEntry, _ wanted: String) -> Value? {
        findings.add(
            .wrongShape(of: "`\(entry.key)`", wanted: wanted, found: entry.node.summary),
            at: entry.node.position)
        return nil
    }

    /// Whether an argument of `sbatch` is one that Vireo does not set itself; otherwise adds a mistake.
    mutating func isFree(argument node: SyntaxNode, of entry: SyntaxEntry) -> Bool {
        guard let text = node.text, SubmissionOption.isOwn(text) else { return true }
        findings.add(
            .wrongShape(
                of: "an argument in `\(entry.key)`", wanted: "one that Vireo does not set itself",
                found: node.summary),
            at: node.position)
        return false
    }

    /// A path with the values of the environment variables that its components name; `nil` after a mistake.
    mutating func expanded(_ path: String, of entry: SyntaxEntry) -> String? {
        var parts: [String] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            let name = part.dropFirst()
            guard part.hasPrefix("$"), Self.isVariable(name) else {
                parts.append(String(part))
                continue
            }
            guard let value = environment[String(name)], !value.isEmpty else {
                findings.add(
                    .unsetInPath(String(name), key: entry.key),
                    at: findings.position(of: String(part), from: entry.node.position))
                return nil
            }
            parts.append(value)
        }
        return parts.joined(separator: "/")
    }

    private static func isVariable(_ name: Substring) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
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
