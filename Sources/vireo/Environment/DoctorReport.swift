import Foundation
import JSON
import Pipeline
import Report
import Store

/// The findings of `vireo doctor`. A plain value, so that every problem can be tested.
package struct DoctorReport: Hashable, Sendable {
    /// One checked property.
    package struct Check: Hashable, Sendable {
        package let name: String
        package let value: String

        /// The problem and its remedy; `nil` if the check passed.
        package let problem: String?

        /// Additional information.
        package let note: String?

        package init(_ name: String, _ value: String, problem: String? = nil, note: String? = nil) {
            self.name = name
            self.value = value
            self.problem = problem
            self.note = note
        }
    }

    package let findings: [Check]

    package init(_ findings: [Check]) { self.findings = findings }

    package var isHealthy: Bool { findings.allSatisfy { $0.problem == nil } }

    package var text: String {
        let table = Table(
            columns: ["check", "result", ""],
            rows: findings.map { finding in
                [
                    .text(finding.name), .text(finding.value),
                    .text(finding.problem == nil ? finding.note ?? "" : "see below"),
                ]
            }
        ).aligned
        let problems = findings.compactMap { finding in
            finding.problem.map { "\(finding.name): \($0)\n" }
        }
        return table + "\n" + (problems.isEmpty ? "No problems found.\n" : problems.joined())
    }

    var json: JSONValue {
        .object([
            "well": .bool(isHealthy),
            "findings": .array(
                findings.map {
                    .object([
                        "name": .string($0.name), "value": .string($0.value),
                        "complaint": JSONText.optional($0.problem),
                        "note": JSONText.optional($0.note),
                    ])
                }),
        ])
    }
}

extension DoctorReport.Check {
    /// The SQLite version, and whether it has the WAL-reset bug.
    package static func sqlite(_ version: String, hasBug: Bool) -> Self {
        Self(
            "SQLite", version,
            note: hasBug
                ? "has the WAL-reset bug; a lock around all writes and checkpoints prevents it"
                : "without the WAL-reset bug")
    }

    /// The type of the file system that holds the store.
    package static func fileSystem(_ type: String, isShared: Bool) -> Self {
        Self(
            "file system", type,
            problem: isShared
                ? "\(type) may not support the locks and memory maps that SQLite needs: put the "
                    + "store on a local disk with --store"
                : nil)
    }

    package static func space(_ free: Int64) -> Self {
        Self(
            "free space", ByteCount(free).text,
            problem: free < 1_000_000_000
                ? "less than 1 GB is free: free some space, or put the store elsewhere with --store"
                : nil
        )
    }

    package static func openFiles(_ limit: UInt64) -> Self {
        Self(
            "open files", limit >= UInt64(Int64.max) ? "no limit" : "at most \(limit)",
            problem: limit < 256 ? "the limit is too low: raise it with `ulimit -n 1024`" : nil)
    }

    /// The Python with which the verifier code runs programs, or why it cannot, which matters only if it is used.
    package static func sandbox(_ interpreter: Result<String, any Error>) -> Self {
        switch interpreter {
        case .success(let version):
            Self("sandbox", version, note: "runs programs for the verifier code")
        case .failure(let error):
            Self("sandbox", "none", note: "the verifier code cannot be used: \(error)")
        }
    }

    /// The system clock, whose times are shown with runs. `latest` is the start time of the latest run.
    package static func clock(_ now: Date, latest: Date?) -> Self {
        let isEarly = now < Date(timeIntervalSince1970: 1_735_689_600)
        let isBehind = latest.map { $0.timeIntervalSince(now) > 60 } ?? false
        return Self(
            "clock", RunListing.when(Timestamp.text(now)) + " UTC",
            problem: isEarly
                ? "the clock is before 2025: set it"
                : isBehind
                    ? "the latest run started later than this time: set the clock, or wait" : nil)
    }

    /// The processes that work on the store, and those that died.
    package static func runners(living: [String], dead: [String]) -> Self {
        Self(
            "runners", living.isEmpty ? "none" : living.joined(separator: ", "),
            problem: dead.isEmpty
                ? nil
                : "\(dead.joined(separator: ", ")) terminated unexpectedly: run the pipeline "
                    + "again to resume"
        )
    }

    /// The number of executions that were imported from other stores.
    package static func imported(_ count: Int) -> Self {
        Self(
            "imported", count == 1 ? "1 execution" : "\(count) executions",
            note: count == 0 ? nil : "`vireo plan` lists them")
    }

    package static func leftovers(temporaries: Int, workDirectories: Int) -> Self {
        Self(
            "leftovers",
            (temporaries == 1 ? "1 unfinished file" : "\(temporaries) unfinished files")
                + (workDirectories == 1
                    ? ", 1 work directory" : ", \(workDirectories) work directories"),
            note: temporaries + workDirectories == 0 ? nil : "harmless")
    }
}
