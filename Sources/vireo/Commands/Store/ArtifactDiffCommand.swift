import ArgumentParser
import Report
import Store

/// `vireo artifact diff`
struct ArtifactDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Lists the files that differ between two artifacts.",
        discussion: "The exit status is 1 if the artifacts differ.")

    @Argument(help: ArtifactReference.help)
    var old: ArtifactReference

    @Argument(help: "The other artifact, in the same form.")
    var new: ArtifactReference

    @OptionGroup var store: StoreOptions

    func run() throws {
        let opened = try store.open()
        let (old, new) = (
            try self.old.artifact(in: opened), try self.new.artifact(in: opened)
        )
        let difference = ArtifactDifference(
            from: try opened.contents(old), to: try opened.contents(new))
        try StandardStream.print(
            try ArtifactListing.text(difference) { path, isNew in
                guard path.hasSuffix(".jsonl") else { return nil }
                return try opened.lines(of: path, in: isNew ? new : old)
            })
        if !difference.isEmpty { throw ExitCode(1) }
    }
}
