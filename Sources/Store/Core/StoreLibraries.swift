import CArchive
import GRDBSQLite

/// The libraries that the store uses.
package enum StoreLibraries {
    /// The version of SQLite that this process uses.
    package static var sqlite: String { String(cString: sqlite3_libversion()) }

    /// The version of libarchive that this process uses.
    package static var archive: String {
        // `libarchive 3.6.2`
        String(cString: archive_version_string()).split(separator: " ").last.map(String.init) ?? ""
    }

    /// Whether this SQLite can lose committed rows if two connections write and checkpoint at the same instant
    /// (sqlite.org/wal.html#walresetbug).
    package static var hasWriteAheadBug: Bool {
        hasWriteAheadBug(version: Int(sqlite3_libversion_number()))
    }

    /// `version` is 3051002 for 3.51.2. The bug was introduced in 3.7.0; 3.44.6, 3.50.7 and 3.51.3 have the fix.
    package static func hasWriteAheadBug(version: Int) -> Bool {
        switch version {
        case ..<3_007_000, 3_051_003...: false
        case 3_044_006..<3_045_000, 3_050_007..<3_051_000: false
        default: true
        }
    }
}
