import JSON
import Pipeline
import Store

/// Tables of artifacts and of the differences of two artifacts.
package enum ArtifactListing {
    package static func table(_ artifacts: [ArtifactRecord]) -> Table {
        Table(
            columns: [
                "artifact", "type", "files", "size", "archived", "made by", "kind", "made (UTC)",
            ],
            rows: artifacts.map { artifact in
                [
                    .text(artifact.digest.short), .text(artifact.type),
                    .integer(Int64(artifact.files)),
                    .text(ByteCount(Int64(artifact.bytes)).text),
                    .text(ByteCount(Int64(artifact.archiveBytes)).text), .text(maker(of: artifact)),
                    .text(artifact.kind), .text(RunListing.when(artifact.made)),
                ]
            })
    }

    /// `final.model@3`, as it is typed in commands.
    private static func maker(of artifact: ArtifactRecord) -> String {
        guard let stage = artifact.stage, let run = artifact.run else {
            return "execution \(artifact.execution.rawValue)"
        }
        return "\(stage).\(artifact.output)@\(run.rawValue)"
    }

    package static func json(_ artifacts: [ArtifactRecord]) -> String {
        JSONValue.array(
            artifacts.map { artifact in
                .object([
                    "digest": .string(artifact.digest.hex), "type": .string(artifact.type),
                    "files": .integer(artifact.files), "bytes": .integer(artifact.bytes),
                    "archive_bytes": .integer(artifact.archiveBytes),
                    "output": .string(artifact.output), "kind": .string(artifact.kind),
                    "execution": .integer(Int(artifact.execution.rawValue)),
                    "made": .string(artifact.made),
                    "run": artifact.run.map { .integer(Int($0.rawValue)) } ?? .null,
                    "pipeline": artifact.pipeline.map { .string($0) } ?? .null,
                    "stage": artifact.stage.map { .string($0) } ?? .null,
                ])
            }
        ).indented + "\n"
    }

    /// One line per file. `lines` returns the number of lines of a file; `nil` if only its size is shown.
    package static func text(
        _ difference: ArtifactDifference, lines: (String, _ isNew: Bool) throws -> Int?
    ) throws -> String {
        func size(_ file: ArtifactContents.File, isNew: Bool) throws -> String {
            let bytes = ByteCount(Int64(file.bytes)).text
            guard let count = try lines(file.path, isNew) else { return bytes }
            return "\(bytes), \(count) lines"
        }
        let texts = try difference.files.map { file in
            switch (file.old, file.new) {
            case (let old?, let new?):
                "changed  \(file.path)  \(try size(old, isNew: false)) -> \(try size(new, isNew: true))"
                    + "\(mode(old, new))\n"
            case (let old?, nil): "removed  \(file.path)  \(try size(old, isNew: false))\n"
            case (nil, let new?): "added    \(file.path)  \(try size(new, isNew: true))\n"
            case (nil, nil): ""
            }
        }
        let directories =
            difference.removedDirectories.map { "removed  \($0)/  empty\n" }
            + difference.addedDirectories.map { "added    \($0)/  empty\n" }
        let equal = difference.equal == 1 ? "1 file is" : "\(difference.equal) files are"
        return (texts + directories).joined() + "\(equal) the same.\n"
    }

    private static func mode(_ old: ArtifactContents.File, _ new: ArtifactContents.File) -> String {
        guard old.isExecutable != new.isExecutable else { return "" }
        return new.isExecutable ? ", executable now" : ", executable no more"
    }
}
