import JSON
import Pipeline
import Store

/// The result of a verification, as text and as JSON.
package struct VerificationReport {
    package let verification: Verification
    private let seconds: Double

    package init(_ verification: Verification, seconds: Double) {
        self.verification = verification
        self.seconds = seconds
    }

    /// One line per problem, and a summary in the last line.
    package var text: String {
        let lines =
            verification.findings.map { "\($0.damage.kind): \($0)" }
            + verification.leftovers.map {
                "note: \($0): left by an interrupted process; `vireo gc`"
            }
            + verification.remarks.map { "note: \($0)" }
        return (lines + [summary]).map { $0 + "\n" }.joined()
    }

    private var summary: String {
        let count = verification.findings.count
        let verdict =
            switch count {
            case 0: "Nothing is wrong"
            case 1: "1 thing is wrong"
            default: "\(count) things are wrong"
            }
        let bytes = ByteCount(Int64(verification.bytes)).text
        let archived = ByteCount(Int64(verification.archiveBytes)).text
        return
            "\(verdict): \(verification.artifacts) artifacts, \(verification.files) files of \(bytes)"
            + " in archives of \(archived), \(verification.records) records,"
            + " \(Elapsed(seconds: seconds).text)."
    }

    package var json: String {
        let findings = verification.findings.map { finding in
            JSONValue.object([
                "kind": .string(finding.damage.kind), "where": .string(finding.damage.place),
                "problem": .string(finding.damage.problem),
                "remedy": .string(finding.damage.remedy),
                "repairable": .bool(finding.damage.isRepairable),
                "stages": .array(
                    finding.stages.map {
                        .object(["pipeline": .string($0.pipeline), "stage": .string($0.id)])
                    }),
            ])
        }
        return JSONValue.object([
            "sound": .bool(verification.findings.isEmpty), "findings": .array(findings),
            "leftovers": .array(verification.leftovers.map { .string($0) }),
            "remarks": .array(verification.remarks.map { .string($0) }),
            "artifacts": .integer(verification.artifacts), "files": .integer(verification.files),
            "bytes": .integer(verification.bytes),
            "archive_bytes": .integer(verification.archiveBytes),
            "records": .integer(verification.records), "seconds": .number(seconds),
        ]).indented + "\n"
    }
}
