import ArgumentParser
import Report
import Store

/// `vireo verify`
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verifies the contents of the store and reports damage.",
        discussion: """
            Archives are compared with their digests and with their record rows, and the rows of runs and \
            executions with their seals. The exit status is 1 if anything is damaged.
            """)

    @Flag(
        name: .long,
        help:
            "Move damaged files to quarantine, so that the next run recreates them, and restore damaged records from their archives."
    )
    var repair = false

    @Flag(name: .long, help: "Compare only sizes and rows, not the contents of files.")
    var quick = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var store: StoreOptions

    func run() async throws {
        let directory = try store.location.directory()
        let options = Verification.Options(
            isQuick: quick, threads: Machine.cores, promises: ExpectedOutputs.names)
        var report = try await Self.report(directory, options)
        try StandardStream.print(json ? report.json : report.text)
        guard !report.verification.findings.isEmpty else { return }
        guard repair else { throw ExitCode(1) }
        let repairable = report.verification.findings.filter(\.damage.isRepairable)
        guard !repairable.isEmpty else { throw ExitCode(1) }
        let opened = try Store.openForWriting(directory)
        let done = try opened.repair(repairable)
        try opened.close()
        StandardStream.complain(done.map { "vireo: \($0)\n" }.joined())
        report = try await Self.report(directory, options)
        let quarantined = Set(repairable.map(\.damage.place))
        let left = report.verification.findings.filter {
            guard case .missing(_, let path) = $0.damage else { return true }
            return !quarantined.contains(path)
        }
        guard left.isEmpty else {
            StandardStream.complain(
                left.map { "vireo: not repaired: \($0.damage.kind): \($0)\n" }.joined())
            throw ExitCode(1)
        }
    }

    private static func report(
        _ directory: String, _ options: Verification.Options
    ) async throws -> VerificationReport {
        let start = ContinuousClock.now
        let verification = try await Store.verify(directory: directory, options)
        return VerificationReport(
            verification, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
}
