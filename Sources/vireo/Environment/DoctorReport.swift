import Foundation
import JSON
import Pipeline
import Report
import Store

/// What `vireo doctor` looked at: a value, so that every problem can be tested.
package struct DoctorReport: Hashable, Sendable {
    /// One thing that was looked at.
    package struct Check: Hashable, Sendable {
        package let name: String
        package let value: String

        /// What is wrong and what to do about it; `nil` if it is well.
        package let problem: String?

        /// What there is to know about it.
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
            columns: ["looked at", "found", ""],
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
        return table + "\n" + (problems.isEmpty ? "All is well.\n" : problems.joined())
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
    /// SQLite, with what is known of the bug in its write-ahead log.
    package static func sqlite(_ version: String, hasBug: Bool) -> Self {
        Self(
            "SQLite", version,
            note: hasBug
                ? "has the WAL-reset bug, which one lock around all writes and checkpoints keeps from striking"
                : "without the WAL-reset bug")
    }

    /// Where the store is.
    package static func fileSystem(_ type: String, isShared: Bool) -> Self {
        Self(
            "file system", type,
            problem: isShared
                ? "locks and memory maps of \(type) are not those of a disk: keep the store on one with --store"
                : nil)
    }

    package static func space(_ free: Int64) -> Self {
        Self(
            "free space", ByteCount(free).text,
            problem: free < 1_000_000_000
                ? "less than 1 GB is left: make room, or keep the store elsewhere with --store"
                : nil
        )
    }

    package static func openFiles(_ limit: UInt64) -> Self {
        Self(
            "open files", limit >= UInt64(Int64.max) ? "no limit" : "at most \(limit)",
            problem: limit < 256 ? "too few: raise it with `ulimit -n 1024`" : nil)
    }

    /// The clock, which orders runs for people. `latest` is when the latest run began.
    package static func clock(_ now: Date, latest: Date?) -> Self {
        let isEarly = now < Date(timeIntervalSince1970: 1_735_689_600)
        let isBehind = latest.map { $0.timeIntervalSince(now) > 60 } ?? false
        return Self(
            "clock", RunListing.when(Timestamp.text(now)) + " UTC",
            problem: isEarly
                ? "it is before 2025: set it"
                : isBehind ? "the latest run began after this: set it, or wait" : nil)
    }

    /// Who works on the store.
    package static func runners(living: [String], dead: [String]) -> Self {
        Self(
            "runners", living.isEmpty ? "none" : living.joined(separator: ", "),
            problem: dead.isEmpty
                ? nil
                : "\(dead.joined(separator: ", ")) ended without a word: run the pipeline again, it goes on from there"
        )
    }

    /// Results that other stores vouch for.
    package static func imported(_ count: Int) -> Self {
        Self(
            "imported", count == 1 ? "1 execution" : "\(count) executions",
            note: count == 0 ? nil : "`vireo plan` names them")
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
