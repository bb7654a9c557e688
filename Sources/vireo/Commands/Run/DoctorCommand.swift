import ArgumentParser
import Foundation
import Glibc
import LanguageModel
import Processes
import Report
import Stages
import Store

/// `vireo doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Checks the machine, the libraries, the store and the cluster of a profile; the exit "
            + "status is 1 if there is a problem."
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var output: OutputOptions

    @Flag(
        name: .long,
        help: "Also run a small job, which proves that a node sees the shared directory.")
    var job = false

    func run() async throws {
        let examination = DoctorReport(
            try machine() + storeFindings() + (await clusterFindings()))
        try StandardStream.print(
            output.json ? JSONText.text(examination.json) : examination.text)
        if !examination.isHealthy { throw ExitCode(1) }
    }

    private func machine() throws -> [DoctorReport.Check] {
        let processor = Processor.current(with: try .chosen())
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return [
            .init("vireo", Vireo.version, note: "built with Swift \(ProgramVersions.swift)"),
            .sqlite(StoreLibraries.sqlite, hasBug: StoreLibraries.hasWriteAheadBug),
            .init("libarchive", StoreLibraries.archive),
            .init("OpenSSL", ProgramVersions.all["openssl"] ?? ""),
            .init("libc", ProgramVersions.libc),
            .init("system", "\(ProgramVersions.system), Linux \(ProgramVersions.kernel)"),
            .init("processor", processor.name, note: "kernels: \(processor.kernelSet)"),
            .init("cores", "\(Machine.cores)"),
            .init(
                "memory",
                ByteCount(Int64(clamping: ProcessInfo.processInfo.physicalMemory)).text),
            .sandbox(Self.interpreter()),
        ] + (isKnown ? [.openFiles(UInt64(limit.rlim_cur))] : [])
    }

    /// The Python that runs programs in sandboxes.
    private static func interpreter() -> Result<String, any Error> {
        Result {
            try ProgramVerifier(
                limits: Sandbox.Limits(seconds: 10, mebibytes: 1024),
                searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "", threads: 1
            ).interpreter
        }
    }

    /// The findings on the store that commands use in this directory, or on the directory itself if there is no store.
    private func storeFindings() throws -> [DoctorReport.Check] {
        let directory = try location()
        let place = directory ?? FileManager.default.currentDirectoryPath
        let facts = FileSystemFacts(path: place).map { facts in
            [
                DoctorReport.Check.fileSystem(facts.type, isShared: facts.isShared),
                .space(facts.free),
            ]
        }
        guard let directory, let opened = try Store.openIfPresent(directory) else {
            return [.init("store", "not found")] + (facts ?? []) + [
                .clock(Date(), latest: nil)
            ]
        }
        let condition = try opened.condition()
        return [.init("store", directory)] + (facts ?? []) + [
            .clock(Date(), latest: condition.latestRun.flatMap(Self.date)),
            .runners(living: condition.livingRunners, dead: condition.deadRunners),
            .leftovers(
                temporaries: condition.temporaries, workDirectories: condition.workDirectories),
            .imported(condition.imported),
        ]
    }

    /// The findings on the cluster of the profile; none without a profile.
    private func clusterFindings() async throws -> [DoctorReport.Check] {
        let directory = FileManager.default.currentDirectoryPath
        guard let profile = try placement.read(pipelineDirectory: directory) else { return [] }
        return try await ClusterExamination(
            profile: profile, store: try location() ?? directory,
            environment: ProcessInfo.processInfo.environment, runsJob: job
        ).checks()
    }

    /// The directory of the store; `nil` if none is found.
    private func location() throws -> String? {
        do {
            return try store.location.directory()
        } catch CommandError.noStore {
            return nil
        }
    }

    private static func date(_ text: String) -> Date? {
        do {
            return try Date(
                text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        } catch {
            return nil
        }
    }
}
