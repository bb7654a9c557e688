import ArgumentParser
import Foundation
import Store

/// `vireo artifact cat`
struct ArtifactCatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat", abstract: "Prints a file of an artifact.")

    @Argument(help: ArtifactReference.help)
    var artifact: ArtifactReference

    @Argument(help: "The path of the file in the artifact.")
    var path: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let opened = try store.open()
        let digest = try artifact.artifact(in: opened)
        let isThere: Void? = try opened.withFile(path, of: digest) { copy in
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: copy))
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
                try StandardStream.print(piece)
            }
            try file.close()
        }
        guard isThere != nil else {
            throw CommandError.noFile(
                digest.short, path: path, known: try opened.contents(digest).files.map(\.path))
        }
    }
}
