/// A record that artifacts have as the lines of a file of this name.
package protocol ArtifactRecord: Sendable {
    static var fileName: String { get }
}

extension JSONLines {
    /// All records of this type in an artifact.
    package static func read<Record: ArtifactRecord & Decodable>(
        _ type: Record.Type, in directory: String
    ) throws(ReasoningError) -> [Record] {
        try read(type, from: directory + "/" + Record.fileName)
    }

    /// All records of this type in artifacts, in order.
    package static func read<Record: ArtifactRecord & Decodable>(
        _ type: Record.Type, in directories: [String]
    ) throws(ReasoningError) -> [Record] {
        var records: [Record] = []
        for directory in directories { records += try read(type, in: directory) }
        return records
    }

    /// Writes the records of this type of an artifact.
    package static func write<Record: ArtifactRecord & Encodable>(
        _ records: some Sequence<Record>, in directory: String
    ) throws(ReasoningError) {
        try write(records, to: directory + "/" + Record.fileName)
    }
}
