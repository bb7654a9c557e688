import Files
import GRDB
import Pipeline

extension ArtifactContents {
    /// Reads the contents from the rows of an artifact.
    init(of artifact: Digest, in database: Database) throws {
        let files = try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT path, bytes, sha256, executable FROM artifact_file WHERE artifact = ?"),
            arguments: [artifact.hex])
        let directories = try String.fetchAll(
            database.cachedStatement(
                sql: "SELECT path FROM artifact_directory WHERE artifact = ?"),
            arguments: [artifact.hex])
        self.init(
            try files.map {
                try .init(
                    path: $0["path"], bytes: $0["bytes"], sha256: Store.digest($0["sha256"]),
                    isExecutable: $0["executable"])
            }, emptyDirectories: directories)
    }

    /// Inserts the rows of the files and empty directories of an artifact, unless they exist.
    func insert(of artifact: Digest, into database: Database) throws {
        let insertFile = try database.cachedStatement(
            sql: """
                INSERT INTO artifact_file (artifact, path, bytes, sha256, executable)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (artifact, path) DO NOTHING
                """)
        for file in files {
            try insertFile.execute(arguments: [
                artifact.hex, file.path, file.bytes, file.sha256.hex, file.isExecutable,
            ])
        }
        for path in emptyDirectories {
            try database.executeCached(
                sql: """
                    INSERT INTO artifact_directory (artifact, path) VALUES (?, ?)
                    ON CONFLICT (artifact, path) DO NOTHING
                    """, arguments: [artifact.hex, path])
        }
    }
}
