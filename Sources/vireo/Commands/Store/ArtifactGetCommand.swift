import ArgumentParser
import Foundation
import Report
import Store

/// `vireo artifact get`
struct ArtifactGetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Extracts an artifact into a new directory.",
        discussion: "All files are verified before the directory is created.")

    @Argument(help: ArtifactReference.help)
    var artifact: ArtifactReference

    @Argument(help: "The directory to create.", completion: .directory)
    var directory: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let opened = try store.open()
        let digest = try artifact.artifact(in: opened)
        let contents = try opened.contents(digest)
        try opened.extract(digest, to: directory)
        let count = contents.files.count == 1 ? "1 file" : "\(contents.files.count) files"
        try StandardStream.print(
            "Artifact \(digest.short): \(count), \(ByteCount(Int64(contents.bytes)).text) in \(directory).\n"
        )
    }
}
