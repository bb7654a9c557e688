import Files
import GRDB
import GRDBSQLite
import Pipeline

/// SHA-256 over rows exactly as stored in the database: the type and all bits of each value.
struct RowHasher: ~Copyable {
    private var hasher = Digest.Hasher()
    private var buffer: [UInt8] = []

    /// Adds the rows of a statement with one argument, in its order.
    mutating func add(_ database: Database, _ sql: String, id: Int64) throws {
        let statement = try database.cachedStatement(sql: sql)
        try statement.setArguments([id])
        let handle = statement.sqliteStatement
        defer { sqlite3_reset(handle) }
        let columns = sqlite3_column_count(handle)
        while true {
            let status = sqlite3_step(handle)
            if status == SQLITE_DONE { break }
            guard status == SQLITE_ROW else {
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: status),
                    message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
            }
            buffer.append(0xFE)
            for column in 0..<columns { add(handle, column) }
            if buffer.count > 1 << 16 { flush() }
        }
        buffer.append(0xFF)
    }

    consuming func finalize() -> Digest {
        flush()
        return hasher.finalize()
    }

    private mutating func add(_ handle: OpaquePointer, _ column: Int32) {
        let type = sqlite3_column_type(handle, column)
        buffer.append(UInt8(truncatingIfNeeded: type))
        switch type {
        case SQLITE_INTEGER:
            add(UInt64(bitPattern: sqlite3_column_int64(handle, column)))
        case SQLITE_FLOAT: add(sqlite3_column_double(handle, column).bitPattern)
        case SQLITE_TEXT, SQLITE_BLOB:
            let bytes = sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            add(UInt64(count))
            buffer.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        default: break
        }
    }

    private mutating func add(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { buffer.append(contentsOf: $0) }
    }

    private mutating func flush() {
        buffer.withUnsafeBytes { hasher.update($0) }
        buffer.removeAll(keepingCapacity: true)
    }
}
