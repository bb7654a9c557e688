import Foundation
import GRDB
import Pipeline

/// The memory of all runs: one SQLite database and the archives of every artifact. The only place with
/// SQL. A store that is open for writing holds the store's lock, so there is one writer at a time; any
/// number of readers may look on. A class, for it stands for an open connection.
package final class Store: Sendable {
    package enum Mode: Hashable, Sendable {
        case readWrite
        case readOnly
    }

    package let layout: StoreLayout
    package let mode: Mode

    let queue: DatabaseQueue
    let files: any FileSystem
    let namedShards = NamedShards()
    let clock: @Sendable () -> Date

    /// Held while the store is open for writing.
    private let lock: StoreLock?

    /// Opens the store in `directory`, creating it if the mode allows writing.
    package static func open(
        directory: String, mode: Mode, files: any FileSystem = LocalFileSystem(),
        clock: @escaping @Sendable () -> Date = { Date() }
    ) throws -> Store {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path
        let layout = StoreLayout(path)
        switch mode {
        case .readWrite: return try Store(writing: layout, files: files, clock: clock)
        case .readOnly: return try Store(reading: layout, files: files, clock: clock)
        }
    }

    private init(
        writing layout: StoreLayout, files: any FileSystem, clock: @escaping @Sendable () -> Date
    ) throws {
        self.layout = layout
        self.files = files
        self.clock = clock
        mode = .readWrite
        for directory in [layout.directory, layout.objects, layout.cache, layout.work] {
            try files.makeDirectories(directory)
        }
        lock = try StoreLock(layout)
        queue = try Self.explained(layout) {
            try DatabaseQueue(path: layout.database, configuration: Self.configuration())
        }
        try Self.explained(layout) {
            // GRDB turns WAL mode on with synchronous = NORMAL, which may lose acknowledged rows when
            // the power fails.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try Schema.check(queue, layout)
            try Schema.migrator.migrate(queue)
        }
        try recover()
    }

    private init(
        reading layout: StoreLayout, files: any FileSystem, clock: @escaping @Sendable () -> Date
    ) throws {
        self.layout = layout
        self.files = files
        self.clock = clock
        mode = .readOnly
        lock = nil
        queue = try Self.reader(layout, configuration: Self.configuration())
        try Self.explained(layout) { try Schema.checkReadable(queue, layout) }
    }

    /// Brings the write-ahead log into the database, closes the connection and gives up the lock.
    package func close() throws {
        try Self.explained(layout) {
            if mode == .readWrite {
                try queue.writeWithoutTransaction { database in
                    _ = try database.checkpoint(.truncate)
                }
            }
            try queue.close()
        }
        lock?.release()
    }

    /// A connection that only reads. Where the directory cannot be written either, SQLite cannot share
    /// the log with a writer; then the database is read as it stands, if its log is empty.
    static func reader(
        _ layout: StoreLayout, configuration: Configuration
    ) throws -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: layout.database) else {
            throw StoreError.missing(directory: layout.directory)
        }
        var configuration = configuration
        configuration.readonly = true
        do {
            let queue = try DatabaseQueue(path: layout.database, configuration: configuration)
            try queue.read { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") }
            return queue
        } catch let error as DatabaseError
            where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
        {
            guard (LocalFileSystem().size(layout.database + "-wal") ?? 0) == 0,
                let path = layout.database.addingPercentEncoding(
                    withAllowedCharacters: .urlPathAllowed)
            else { throw StoreError.unreadable(path: layout.database) }
            return try explained(layout) {
                try DatabaseQueue(path: "file:\(path)?immutable=1", configuration: configuration)
            }
        } catch let error as DatabaseError {
            throw StoreError.database(path: layout.database, problem: error.description)
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA wal_autocheckpoint = 0;
                    """)
        }
        return configuration
    }

    /// What a process that died left behind: nobody works on it now, for this one holds the lock.
    private func recover() throws {
        let now = Timestamp.text(clock())
        try write { database in
            try database.execute(
                sql: """
                    UPDATE execution SET state = 'failed', error = 'interrupted', finished = ?
                    WHERE state = 'running'
                    """, arguments: [now])
            try database.execute(
                sql: """
                    UPDATE stage SET outcome = 'failed', reason = 'interrupted'
                    WHERE outcome = 'pending'
                        AND execution IN (SELECT id FROM execution WHERE error = 'interrupted')
                    """)
            try database.execute(
                sql:
                    "UPDATE run SET outcome = 'interrupted', finished = ? WHERE outcome = 'running'",
                arguments: [now])
        }
        sweep()
    }

    /// Runs `body` in one transaction.
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        precondition(mode == .readWrite, "the store is open for reading only")
        return try Self.explained(layout) { try queue.write(body) }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try Self.explained(layout) { try queue.read(body) }
    }

    /// Runs `body`; what SQLite reports gets the database's path.
    static func explained<Result>(
        _ layout: StoreLayout, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_FULL:
                throw StoreError.file(operation: "write", path: layout.database, code: ENOSPC)
            case .SQLITE_READONLY:
                throw StoreError.file(operation: "write", path: layout.database, code: EROFS)
            default:
                throw StoreError.database(
                    path: layout.database,
                    problem: error.message ?? "SQLite error \(error.resultCode.rawValue)")
            }
        }
    }
}
