import ArgumentParser
import Execution
import Files
import Foundation
import Inference
import Pipeline
import Processes
import Store

/// The arguments that say where the stages of a run are executed.
struct PlacementOptions: ParsableArguments {
    @Option(
        name: .customLong("on"),
        help: ArgumentHelp(
            "Where stages run: the name or the file of a profile, or `local` (default: the profile `default` of "
                + "the user, or this machine).",
            valueName: "profile"))
    var profile: String?

    /// The profile; `nil` if there is none, for workers of this machine. Prints the mistakes of its file and exits if
    /// there are any.
    func read(pipelineDirectory: String) throws -> Profile? {
        let environment = ProcessInfo.processInfo.environment
        guard let path = try path(pipelineDirectory, environment) else { return nil }
        let data: Data
        do {
            data = try SourceFile.contents(ofFile: path)
        } catch {
            throw CommandError.unreadable(path: path, reason: PipelineOptions.reason(of: error))
        }
        let source = try PipelineOptions.checked(SourceFile.decoding(data, path: path))
        return try PipelineOptions.checked(Profile.parse(source, environment: environment))
    }

    /// The file of the profile. A name stands for a file in the user's directory of profiles, or in `profiles` beside
    /// the pipeline.
    private func path(_ pipelineDirectory: String, _ environment: [String: String]) throws
        -> String?
    {
        let own = Self.directory(environment)
        guard let profile else {
            let usual = own + "/default.yaml"
            return FileManager.default.fileExists(atPath: usual) ? usual : nil
        }
        if profile == "local" { return nil }
        if profile.contains("/") || profile.hasSuffix(".yaml") || profile.hasSuffix(".yml") {
            return profile
        }
        let places = [own, FilePath.joined(pipelineDirectory, "profiles")]
        let found = places.map { "\($0)/\(profile).yaml" }
            .first { FileManager.default.fileExists(atPath: $0) }
        guard let found else {
            throw CommandError.noProfile(
                profile, places: places,
                suggestion: Suggestion.nearest(to: profile, among: Self.names(in: places)))
        }
        return found
    }

    /// The names of the profiles in the directories, and `local`.
    private static func names(in directories: [String]) -> [String] {
        let files = directories.flatMap { directory in
            // A directory that cannot be read offers no names.
            (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        }
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) } + ["local"]
    }

    /// The user's directory of profiles.
    private static func directory(_ environment: [String: String]) -> String {
        let configuration =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? (environment["HOME"] ?? "") + "/.config"
        return configuration + "/vireo/profiles"
    }
}

extension Profile {
    /// The queue of this profile for the store in `directory`: prepares its shared directory, with a copy of this
    /// program. `children` knows the processes that it starts. Throws if this machine cannot submit jobs.
    func queue(
        store directory: String, environment: [String: String], isDetached: Bool,
        children: ChildRegistry
    ) throws -> QueueSettings {
        if let program = Slurm.missingProgram(in: environment) {
            throw CommandError.noBatchProgram(program, profile: name)
        }
        let shared = sharedDirectory(store: directory)
        try shared.prepare()
        let executable = try Machine.executable()
        let neighbour = FilePath.joined(FilePath.parent(executable), HTTPProgram.name)
        let program = try worker ?? shared.install(executable, with: [neighbour])
        return QueueSettings(
            profile: self, shared: shared,
            system: Slurm(
                profile: self, program: program, logs: shared.arrays, environment: environment,
                children: children),
            programDigest: worker == nil ? nil : try Digest(ofFile: executable).hex,
            isDetached: isDetached)
    }

    /// The shared directory of this profile for the store in `directory`.
    func sharedDirectory(store directory: String) -> SharedDirectory {
        SharedDirectory(
            shared, store: FilePath.absolute(directory), host: HostClock.current.identity.host)
    }

    /// The command line in front of those of commands, which runs them in the environment of this profile; `nil` if it
    /// has none. `store` is the directory of the store, where workers of this machine read and write.
    func prefix(pipelineDirectory: String, store: String) throws -> [String]? {
        guard let environment else { return nil }
        let directories = [pipelineDirectory, hasBatchSystem ? shared : FilePath.absolute(store)]
        if let path = environment.unbindable(directories) { throw CommandError.unbindable(path) }
        return environment.prefix(directory: pipelineDirectory, shared: directories)
    }

    /// The resources that stages share: the batch system decides about all but the number of jobs and the pools that
    /// the user limits.
    func capacity(_ scheduling: SchedulingArguments) throws -> Capacity {
        let plenty = 1 << 40
        let limited = try scheduling.capacity(cpus: 1)
        var pools = Dictionary(
            self.pools.keys.map { ($0, plenty) }, uniquingKeysWith: { first, _ in first })
        pools["gpu"] = plenty
        return Capacity(
            cpus: plenty, memory: plenty << 20, pools: pools.merging(limited.pools) { $1 },
            jobs: scheduling.jobs ?? jobs)
    }
}
