import CArchive
import Foundation

/// A tape archive, written header by header, so that it may say what no program would.
struct Tar {
    private(set) var bytes: [UInt8] = []

    /// Ends of two blocks of zeros.
    var ended: [UInt8] { bytes + [UInt8](repeating: 0, count: 1_024) }

    /// An entry of type `0` (a file) or another with these contents, which its header may say to be longer.
    mutating func add(
        _ name: String, _ contents: [UInt8] = [], type: Character = "0", link: String = "",
        size: Int? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int, _ length: Int) {
            for (index, byte) in text.utf8.prefix(length).enumerated() {
                header[place + index] = byte
            }
        }
        func octal(_ number: Int, _ length: Int) -> String {
            let digits = String(number, radix: 8)
            return String(repeating: "0", count: max(0, length - 1 - digits.count)) + digits
        }
        put(name, at: 0, 100)
        put("0000644", at: 100, 8)
        put("0000000", at: 108, 8)
        put("0000000", at: 116, 8)
        put(octal(size ?? contents.count, 12), at: 124, 12)
        put("00000000000", at: 136, 12)
        put("        ", at: 148, 8)
        put(String(type), at: 156, 1)
        put(link, at: 157, 100)
        put("ustar", at: 257, 6)
        put("00", at: 263, 2)
        put(octal(header.reduce(0) { $0 + Int($1) }, 7), at: 148, 7)
        bytes += header + contents
        bytes += [UInt8](repeating: 0, count: (512 - contents.count % 512) % 512)
    }

    /// Attributes for the next entry.
    mutating func attributes(_ pairs: [(String, String)]) {
        let records = pairs.map { name, value in
            let rest = " \(name)=\(value)\n"
            var length = rest.utf8.count + 1
            while "\(length)".utf8.count + rest.utf8.count != length { length += 1 }
            return "\(length)\(rest)"
        }
        add("attributes", Array(records.joined().utf8), type: "x")
    }

    /// A zstd stream of these bytes, repeated.
    static func compressed(_ bytes: [UInt8], times: Int = 1, to path: String) throws {
        let archive = archive_write_new()
        defer { archive_write_free(archive) }
        let entry = archive_entry_new()
        defer { archive_entry_free(entry) }
        archive_write_add_filter_zstd(archive)
        archive_write_set_format_raw(archive)
        archive_write_open_filename(archive, path)
        archive_entry_set_filetype(entry, UInt32(carchive_regular_file))
        archive_write_header(archive, entry)
        for _ in 0..<times { archive_write_data(archive, bytes, bytes.count) }
        archive_write_close(archive)
    }
}
