import Files
import Foundation
import GRDB
import Pipeline
import Synchronization

/// The store of all runs: an SQLite database and the archives of all artifacts. Many processes may have it open; one at
/// a time writes. A class, because it represents an open connection.
package final class Store: Sendable {
    package enum Mode: Hashable, Sendable {
        case readWrite
        case readOnly
    }

    package let layout: StoreLayout
    package let mode: Mode

    /// Whether imported results are used as cached results.
    package let usesImported: Bool

    let queue: DatabaseQueue
    let files: any FileSystem
    let namedDirectories = SyncedDirectories()
    let clock: @Sendable () -> Date
    let watch: LivenessMonitor

    /// `nil` if the store is open read-only.
    let lock: WriteLock?
    let databaseWait: DatabaseWait

    /// The size of the write-ahead log at the last attempt to shrink it.
    let checkpointedLog = Mutex(0)

    /// The size of the write-ahead log above which it is shrunk, in bytes.
    package static let longLog = 64 << 20

    /// The row of this process in `runner`, once it is registered.
    let runner = Mutex<Int64?>(nil)

    /// Opens the store in `directory`, and creates it if the mode allows writing. A runner counts as dead if it sends
    /// no heartbeat for the duration of a `lease`.
    package static func open(
        directory: String, mode: Mode, files: any FileSystem = LocalFileSystem(),
        lease: Duration = .seconds(60), usesImported: Bool = true, kernel: HostClock = .current,
        wait: LockWait = LockWait(),
        clock: @escaping @Sendable () -> Date = { Date() }
    ) throws -> Store {
        try Store(
            StoreLayout(FilePath.absolute(directory)), mode, files,
            LivenessMonitor(kernel: kernel, lease: lease), wait, usesImported, clock)
    }

    private init(
        _ layout: StoreLayout, _ mode: Mode, _ files: any FileSystem, _ watch: LivenessMonitor,
        _ wait: LockWait, _ usesImported: Bool, _ clock: @escaping @Sendable () -> Date
    ) throws {
        self.layout = layout
        self.mode = mode
        self.files = files
        self.watch = watch
        self.usesImported = usesImported
        self.clock = clock
        let databaseWait = DatabaseWait(wait, database: layout.database)
        self.databaseWait = databaseWait
        switch mode {
        case .readWrite:
            try Self.makeDirectories(layout, on: files)
            let lock = try WriteLock(layout, wait: wait)
            self.lock = lock
            queue = try lock.hold { try Self.writer(layout, Self.configuration(databaseWait)) }
            try recover()
        case .readOnly:
            try layout.check(mode)
            lock = nil
            queue = try Self.reader(layout, configuration: Self.configuration(databaseWait))
            try Self.explained(layout) {
                try Schema.checkOwner(queue, layout)
                try Schema.checkReadable(queue, layout)
            }
        }
    }

    /// Creates the directories of a store that do not exist yet.
    private static func makeDirectories(
        _ layout: StoreLayout, on files: any FileSystem
    ) throws {
        let isNew = try files.status(layout.directory) == nil
        // The directory itself may be a symbolic link of its owner; directories below it must not be.
        if isNew { try files.makeDirectories(layout.directory) }
        try layout.check(.readWrite)
        for directory in [layout.objects, layout.cache, layout.work] {
            try files.makeDirectories(directory)
        }
        if isNew { try files.synchronize(directory: FilePath.parent(layout.directory)) }
    }

    /// Opens a connection for writing, and creates the database or migrates it to the newest schema.
    private static func writer(
        _ layout: StoreLayout, _ configuration: Configuration
    ) throws -> DatabaseQueue {
        try explained(layout) {
            try Schema.checkOwner(layout)
            try layout.createDatabase()
            let queue = try DatabaseQueue(path: layout.database, configuration: configuration)
            if try Schema.isOutdated(queue, layout) {
                try Schema.migrator.migrate(queue)
                try queue.write { try RowChecksum.setMissing(in: $0) }
            }
            return queue
        }
    }

    /// Unregisters this process as a runner, checkpoints the write-ahead log as far as other processes allow, and
    /// closes the connection.
    package func close() throws {
        guard let lock else { return try Self.explained(layout) { try queue.close() } }
        try leave()
        try checkpoint()
        // The last connection removes the log, which includes a checkpoint.
        try lock.hold { try Self.explained(layout) { try queue.close() } }
    }

    /// Checkpoints the write-ahead log and truncates it, if no reader needs it.
    func checkpoint() throws {
        try exclusively { database in
            try databaseWait.withoutPatience {
                do {
                    try database.checkpoint(.truncate)
                } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                    // Readers prevented a complete checkpoint.
                }
            }
        }
    }

    /// Keeps the write-ahead log below about 64 MiB, because automatic checkpoints are disabled. If a reader prevents
    /// truncation, it is tried again when the log has grown by a quarter.
    func checkpointIfLong() throws {
        let bytes = FileStamp(of: layout.database + "-wal")?.bytes ?? 0
        let isLong = checkpointedLog.withLock { last in
            guard bytes > Self.longLog, bytes < last || bytes > last + Self.longLog / 4 else {
                return false
            }
            last = bytes
            return true
        }
        if isLong { try checkpoint() }
    }

    /// Opens a read-only connection. If the directory is not writable or its disk is full, SQLite cannot share the log
    /// with a writer; the database is then opened as immutable, if its log is empty.
    static func reader(
        _ layout: StoreLayout, configuration: Configuration
    ) throws -> DatabaseQueue {
        guard try Schema.isPresent(layout) else {
            throw StoreError.missing(directory: layout.directory)
        }
        var configuration = configuration
        configuration.readonly = true
        do {
            let queue = try DatabaseQueue(path: layout.database, configuration: configuration)
            try queue.read { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") }
            return queue
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw StoreError.foreign(path: layout.database, reason: Schema.formatReason)
        } catch let error as DatabaseError
            where [.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_IOERR].contains(error.resultCode)
        {
            guard (FileStamp(of: layout.database + "-wal")?.bytes ?? 0) == 0,
                let path = layout.database.addingPercentEncoding(
                    withAllowedCharacters: .urlPathAllowed)
            else {
                throw error.resultCode == .SQLITE_IOERR
                    ? StoreError.database(path: layout.database, problem: error.description)
                    : StoreError.unreadable(path: layout.database)
            }
            return try explained(layout) {
                try DatabaseQueue(path: "file:\(path)?immutable=1", configuration: configuration)
            }
        } catch let error as DatabaseError {
            throw StoreError.database(path: layout.database, problem: error.description)
        }
    }

    /// The configuration of a connection that waits for locks with `wait`.
    static func configuration(_ wait: DatabaseWait? = nil) -> Configuration {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = wait.map { wait in .callback { wait.again($0) } } ?? .timeout(10)
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

    /// Runs `body` in one transaction, while no other process writes. A transaction that is not `durably` written
    /// survives the end of all processes, but a power failure only after a later durable transaction.
    func write<Result>(durably: Bool = true, _ body: (Database) throws -> Result) throws -> Result {
        try exclusively { database in
            try database.executeCached(sql: "PRAGMA synchronous = \(durably ? "FULL" : "NORMAL")")
            var result: Result?
            try database.inTransaction(.immediate) {
                result = try body(database)
                return .commit
            }
            guard let result else { preconditionFailure("a committed transaction has a result") }
            return result
        }
    }

    /// Runs `body` with exclusive use of the connection in this process and of the write lock among processes.
    func exclusively<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard let lock else { preconditionFailure("the store is open for reading only") }
        return try Self.explained(layout) {
            try queue.writeWithoutTransaction { database in
                try lock.hold { try body(database) }
            }
        }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try Self.explained(layout) { try queue.read(body) }
    }

    /// Runs `body`, and adds the path of the database to errors of SQLite.
    static func explained<Result>(
        _ layout: StoreLayout, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_FULL:
                throw StoreError.file(operation: "write", path: layout.database, code: ENOSPC)
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                throw StoreError.inUse(
                    path: layout.database, holder: LockHolder.ofDatabase(layout.database))
            case .SQLITE_READONLY:
                throw StoreError.file(operation: "write", path: layout.database, code: EROFS)
            default:
                throw StoreError.database(
                    path: layout.database,
                    problem: error.message ?? "SQLite error \(error.resultCode.rawValue)")
            }
        } catch is RowDecodingError {
            throw StoreError.database(
                path: layout.database,
                problem: "it contains a value that does not have the type of its column"
            )
        }
    }
}
