extension Pipeline {
    /// The diagnostics about `stages` at the place where they are about to run: environment variables that are not set
    /// or too short to be kept secret, programs that are not installed, and what the batch system of the profile cannot
    /// give.
    package func mistakes(
        of stages: some Sequence<PlannedStage>, at placement: Placement
    ) -> [Diagnostic] {
        var findings = files.withoutMistakes
        var missing: Set<String> = []
        for stage in stages {
            Self.checkVariables(of: stage, placement, into: &findings)
            guard let profile = placement.profile else {
                // Other machines have other programs, as have environments of a profile.
                guard !stage.kind.runsProgram || !placement.hasEnvironment else { continue }
                for (name, option) in stage.programs
                where !placement.isInstalled(name) && missing.insert(name).inserted {
                    findings.add(
                        .missingProgram(name, option: option, isNeeded: placement.isRun),
                        at: stage.position)
                }
                continue
            }
            let places = places[stage.id] ?? [:]
            for (mistake, key) in Self.mistakes(of: stage, on: profile, placement) {
                findings.add(mistake, at: places[key] ?? stage.position)
            }
        }
        return findings.diagnostics
    }

    /// Where the file gives the resources and the timeout of each stage, by the id of the stage.
    private var places: [String: [String: Position]] {
        Dictionary(
            self.stages.map { ($0.stage.id, $0.places) }, uniquingKeysWith: { first, _ in first })
    }

    private static func checkVariables(
        of stage: PlannedStage, _ placement: Placement, into findings: inout Findings
    ) {
        for name in stage.secrets {
            let value = placement.environment[name] ?? ""
            if value.isEmpty {
                findings.add(.unsetSecret(name, isNeeded: placement.isRun), at: stage.position)
            } else if SecretMask([value]).longestValue < SecretMask.leastBytes {
                findings.add(
                    .shortSecret(name, least: SecretMask.leastBytes, isNeeded: placement.isRun),
                    at: stage.position)
            }
        }
        for name in stage.declaredVariables where placement.environment[name] == nil {
            findings.add(.unsetVariable(name), at: stage.position)
        }
    }

    /// What Slurm cannot give a stage, with the key that asks for it.
    private static func mistakes(
        of stage: PlannedStage, on profile: Profile, _ placement: Placement
    ) -> [(Mistake, key: String)] {
        let resources = profile.resources(of: stage)
        var found: [(Mistake, key: String)] = []
        if let timeout = stage.timeout, let time = resources.time, timeout > time {
            let own = stage.resources.time == nil ? profile.name : nil
            found.append((.longTimeout(timeout, time: time, profile: own), "timeout"))
        }
        for (key, count) in [("cpus", resources.cpus), ("nodes", resources.nodes ?? 1)]
        where count > Profile.mostOfSlurm {
            found.append((.beyondSlurm(key, limit: "\(Profile.mostOfSlurm)"), key))
        }
        if let time = resources.time, time > Profile.longestOfSlurm {
            let limit = Resources.text(Profile.longestOfSlurm)
            found.append((.beyondSlurm("time", limit: limit), "time"))
        }
        if let gpus = resources.gpus, gpus > 1, !profile.gpus.contains("{units}") {
            found.append((.fixedUnits("gpus", units: gpus, argument: profile.gpus), "gpus"))
        }
        for (pool, units) in resources.pools.sorted(by: { $0.key < $1.key }) {
            if let argument = profile.pools[pool] {
                guard units > 1, !argument.contains("{units}") else { continue }
                found.append((.fixedUnits(pool, units: units, argument: argument), pool))
            } else if !placement.pools.contains(pool) {
                found.append(
                    (
                        .unmappedPool(pool, profile: profile.name, isNeeded: placement.isRun), pool
                    ))
            }
        }
        for (name, _) in stage.namedVariables
        where Profile.wordsOfSlurm.contains(name) || name.utf8.contains(UInt8(ascii: ",")) {
            found.append((.unpassableVariable(name), ""))
        }
        return found
    }
}

extension Profile {
    /// The maximum number of CPUs or of nodes that Slurm, which counts them in 16 bits, gives a task.
    fileprivate static let mostOfSlurm = 65_533

    /// The longest time that Slurm, which counts minutes in 31 bits, gives a task.
    fileprivate static let longestOfSlurm = Duration.seconds(1_000_000 * 86_400)

    /// The names of variables that `--export` of `sbatch` takes for something else.
    fileprivate static let wordsOfSlurm: Set = ["ALL", "NONE", "NIL"]
}
