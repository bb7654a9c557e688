import CArchive
import Foundation

/// A data file as its owner publishes it: plain, compressed (gzip, zstd, bzip2 or xz), or a zip or tar archive
/// of several files. It is read as a stream; nothing is unpacked to disk.
struct PublishedFile {
    let path: String

    /// The passphrase for encrypted members of a zip archive; empty for none.
    let passphrase: String

    /// The maximum unpacked size of a member, in bytes.
    static let memberLimit = 64 << 30

    /// The maximum number of members of an archive.
    static let countLimit = 1_000_000

    /// The maximum ratio of unpacked to packed size. Text compresses about tenfold, rarely a hundredfold.
    static let growthLimit = 100

    /// The unpacked size that any file may have, in bytes.
    static let unpackedFloor = 128 << 20

    private static let pieceSize = 1 << 20
    private static let damageHint = ": the file may be damaged or incomplete"

    /// A member of an archive, or the whole of a file that is not an archive.
    struct Member {
        /// The name within the archive; `nil` if the file is not an archive.
        let name: String?

        /// The file and the member, for messages.
        let label: String

        /// The next bytes; `nil` at the end. Valid only until the next member is requested.
        let next: () throws(ReasoningError) -> Data?
    }

    /// Calls `body` with every selected member of an archive, in the order of the archive, or with the whole of
    /// a file that is not an archive. Calls `warn` with problems that do not prevent reading. Rethrows errors
    /// of `body`.
    func forEachMember(
        _ selection: MemberSelection, warn: (String) -> Void, _ body: (Member) throws -> Void
    ) throws {
        // libarchive decodes names in the locale of the thread, which is ASCII by default.
        let locale = newlocale(Int32(carchive_ctype_mask), "C.UTF-8", nil)
        let previous = uselocale(locale)
        defer {
            uselocale(previous)
            if let locale { freelocale(locale) }
        }
        let file = try Self.open(path)
        defer { withExtendedLifetime(file) {} }
        let expected = try memberCount(of: file)
        let limit = try unpackedLimit(of: file)
        try checkGZIP(file, limit: limit)
        let archive = try open(file)
        defer { archive_read_free(archive) }
        var unpacked = 0
        func grow(by count: Int) throws(ReasoningError) {
            unpacked += count
            guard unpacked <= limit else {
                throw unreadable(
                    because:
                        "it unpacks to more than \(Self.growthLimit) times its size: unpack it first, if"
                        + " that is right")
            }
        }
        var (taken, left) = (Set<String>(), [String]())
        var count = 0
        var entry: OpaquePointer?
        while true {
            let status = archive_read_next_header(archive, &entry)
            if status == ARCHIVE_EOF { break }
            // Warnings concern metadata that is needed only for unpacking, such as owners or the encoding of
            // names.
            guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else {
                throw unreadable(because: message(archive))
            }
            if archive_format(archive) == ARCHIVE_FORMAT_RAW {
                try checkName(archive)
                try body(member(nil, archive, isEncrypted: false, grow))
                try checkEnd(archive, file)
                return
            }
            count += 1
            guard count <= Self.countLimit else {
                throw unreadable(because: "it has more than \(Self.countLimit) members")
            }
            let name = try name(of: entry)
            if UInt32(archive_entry_filetype(entry)) == UInt32(carchive_directory) { continue }
            guard selection.contains(name) else {
                left.append(name)
                continue
            }
            try check(entry, name, isNew: taken.insert(name).inserted)
            let isEncrypted = archive_entry_is_data_encrypted(entry) == 1
            try body(member(name, archive, isEncrypted: isEncrypted, grow))
        }
        if archive_format(archive) == ARCHIVE_FORMAT_EMPTY { try checkName(archive) }
        if hasNoEndMark(archive) {
            warn("\(path) has no end mark, as tar archives have: members may be missing at its end")
        }
        if let expected, expected != count {
            throw unreadable(
                because:
                    "it lists \(expected) members, but contains \(count): the file may be damaged"
            )
        }
        guard !taken.isEmpty || left.isEmpty else {
            throw unreadable(
                because: "none of its members \(selection.summary): \(Self.list(left))")
        }
    }

    /// Checks that a selected member can be read.
    private func check(
        _ entry: OpaquePointer, _ name: String, isNew: Bool
    ) throws(ReasoningError) {
        guard UInt32(archive_entry_filetype(entry)) == UInt32(carchive_regular_file),
            archive_entry_hardlink(entry) == nil
        else { throw unreadable(name, because: "it is a link or a device, not a file") }
        guard isNew else { throw unreadable(name, because: "it occurs twice in the archive") }
        if passphrase.isEmpty, archive_entry_is_data_encrypted(entry) == 1 {
            throw unreadable(name, because: "it is encrypted: give the `passphrase`")
        }
    }

    private static func open(_ path: String) throws(ReasoningError) -> FileHandle {
        var isDirectory = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
            !isDirectory.boolValue, let file = FileHandle(forReadingAtPath: path)
        else { throw ReasoningError(unreadable: path, code: errno) }
        return file
    }

    private func open(_ file: FileHandle) throws(ReasoningError) -> OpaquePointer {
        guard let archive = archive_read_new() else { throw unreadable(because: "no memory") }
        let settings = [
            archive_read_support_filter_gzip(archive), archive_read_support_filter_zstd(archive),
            archive_read_support_filter_bzip2(archive), archive_read_support_filter_xz(archive),
            archive_read_support_format_zip(archive), archive_read_support_format_tar(archive),
            archive_read_support_format_raw(archive), archive_read_support_format_empty(archive),
            passphrase.isEmpty ? ARCHIVE_OK : archive_read_add_passphrase(archive, passphrase),
            archive_read_open_fd(archive, file.fileDescriptor, Self.pieceSize),
        ]
        guard settings.allSatisfy({ $0 == ARCHIVE_OK }) else {
            defer { archive_read_free(archive) }
            throw unreadable(because: message(archive))
        }
        return archive
    }

    /// The number of members according to the directory of a zip archive. Rewinds the file.
    private func memberCount(of file: FileHandle) throws(ReasoningError) -> Int? {
        do {
            let count = try ZIPDirectory.memberCount(of: file)
            try file.seek(toOffset: 0)
            return count
        } catch {
            throw unreadable(because: error.localizedDescription)
        }
    }

    /// Checks a gzip file. Rewinds the file.
    private func checkGZIP(_ file: FileHandle, limit: Int) throws(ReasoningError) {
        let problem: String?
        do {
            problem = try GZIPCheck.problem(of: file, limit: limit)
        } catch {
            throw unreadable(because: error.localizedDescription)
        }
        if let problem { throw unreadable(because: problem + Self.damageHint) }
    }

    private func name(of entry: OpaquePointer) throws(ReasoningError) -> String {
        guard let name = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry) else {
            throw unreadable(because: "a member has no name")
        }
        return String(cString: name)
    }

    private func unpackedLimit(of file: FileHandle) throws(ReasoningError) -> Int {
        let most = try size(of: file).multipliedReportingOverflow(by: Self.growthLimit)
        return max(Self.unpackedFloor, most.overflow ? .max : most.partialValue)
    }

    private func size(of file: FileHandle) throws(ReasoningError) -> Int {
        var status = stat()
        guard fstat(file.fileDescriptor, &status) == 0 else {
            throw unreadable(because: String(cString: strerror(errno)))
        }
        return Int(status.st_size)
    }

    private func member(
        _ name: String?, _ archive: OpaquePointer, isEncrypted: Bool,
        _ grow: @escaping (Int) throws(ReasoningError) -> Void
    ) -> Member {
        var total = 0
        return Member(name: name, label: label(name)) { () throws(ReasoningError) -> Data? in
            var piece = Data(count: Self.pieceSize)
            let count = piece.withUnsafeMutableBytes {
                archive_read_data(archive, $0.baseAddress, $0.count)
            }
            guard count >= 0 else {
                // The check of a passphrase has 8 or 16 bits, so a wrong one may fail only when data is unpacked.
                let cause =
                    isEncrypted
                    ? "it cannot be decrypted: the passphrase is wrong, or the file is damaged"
                    : message(archive)
                throw unreadable(name, because: cause)
            }
            try grow(count)
            total += count
            guard total <= Self.memberLimit else {
                throw unreadable(
                    name, because: "unpacked it is larger than \(Self.memberLimit >> 30) GiB")
            }
            return count == 0 ? nil : piece.prefix(count)
        }
    }

    /// Throws if the name of a plain file is that of an archive or a compressed file, because the file is then
    /// damaged.
    private func checkName(_ archive: OpaquePointer) throws(ReasoningError) {
        let isCompressed = archive_filter_code(archive, 0) != ARCHIVE_FILTER_NONE
        let name = path.lowercased()
        let endings = [".gz", ".zst", ".bz2", ".xz"]
        let archives = [".zip", ".tar", ".tgz"] + endings.map { ".tar" + $0 }
        guard !archives.contains(where: name.hasSuffix) else {
            throw unreadable(because: "it is not an archive, although its name is that of one")
        }
        guard isCompressed || !endings.contains(where: name.hasSuffix) else {
            throw unreadable(
                because: "it is not compressed, although its name is that of a compressed file")
        }
    }

    /// Whether a tar archive ends right after its last member. libarchive does not report an archive that was
    /// truncated there.
    private func hasNoEndMark(_ archive: OpaquePointer) -> Bool {
        archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_TAR
            && archive_filter_bytes(archive, 0) == archive_read_header_position(archive)
    }

    /// Throws unless compressed data was unpacked up to the end of the file: libarchive ignores a damaged part
    /// after the first.
    private func checkEnd(
        _ archive: OpaquePointer, _ file: FileHandle
    ) throws(ReasoningError) {
        // gzip files were checked by `checkGZIP`, which allows trailing zeros.
        let filter = archive_filter_code(archive, 0)
        guard filter != ARCHIVE_FILTER_NONE, filter != ARCHIVE_FILTER_GZIP else { return }
        let rest = try size(of: file) - Int(archive_filter_bytes(archive, -1))
        guard rest <= 0 else {
            throw unreadable(because: "its last \(rest) bytes cannot be unpacked" + Self.damageHint)
        }
    }

    private func label(_ name: String?) -> String { name.map { "\(path) (\($0))" } ?? path }

    private func unreadable(_ name: String? = nil, because cause: String) -> ReasoningError {
        .unreadable(path: label(name), cause: cause)
    }

    private func message(_ archive: OpaquePointer) -> String {
        (archive_error_string(archive).map { String(cString: $0) } ?? "unknown error")
            + Self.damageHint
    }

    /// The first names, and the number of further ones.
    private static func list(_ names: [String]) -> String {
        let more = names.count - 5
        return "it has " + names.sorted().prefix(5).joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }
}
