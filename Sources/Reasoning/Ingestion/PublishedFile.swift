import CArchive
import Foundation

/// A file as its owner publishes it: plain, compressed (gzip, zstd, bzip2 or xz), or a zip or tar archive of
/// many. It is read piece by piece, and nothing is unpacked to the disk.
struct PublishedFile {
    let path: String

    /// What encrypted members of a zip archive are read with; empty for none.
    let passphrase: String

    /// The most bytes that one member may hold, unpacked.
    static let memberLimit = 64 << 30

    /// The most members that an archive may have.
    static let countLimit = 1_000_000

    /// How many times its size a file may unpack to: text shrinks to a tenth, hardly ever to a hundredth.
    static let growthLimit = 100

    /// Any file may unpack to so many bytes.
    static let unpackedFloor = 128 << 20

    private static let pieceSize = 1 << 20
    private static let damageHint = ": the file may be damaged or incomplete"

    /// A member of an archive, or the whole of a file that is no archive.
    struct Member {
        /// The name within the archive; `nil` for a file that is no archive.
        let name: String?

        /// The file and the member, for messages.
        let label: String

        /// The next bytes; `nil` at the end. Good only until the next member is asked for.
        let next: () throws(ReasoningError) -> Data?
    }

    /// Calls `body` with every member of an archive that is selected, in the archive's order, or with the
    /// whole of a file that is none. `warn` is told what looks odd but can be read. What `body` throws passes through.
    func forEachMember(
        _ selection: MemberSelection, warn: (String) -> Void, _ body: (Member) throws -> Void
    ) throws {
        // libarchive reads names as the thread's locale has it, and that of a program knows only ASCII.
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
            if status == ARCHIVE_EOF {
                if archive_format(archive) == ARCHIVE_FORMAT_EMPTY { try checkName(archive) }
                if hasNoEndMark(archive) {
                    warn(
                        "\(path) has no end mark, as tar archives have: members may be missing at its end"
                    )
                }
                break
            }
            // A warning is about what only unpacking needs, such as an owner or a name in another encoding.
            guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else {
                throw unreadable(because: message(archive))
            }
            if archive_format(archive) == ARCHIVE_FORMAT_RAW {
                try checkName(archive)
                try body(member(nil, archive, grow))
                try checkEnd(archive, file)
                return
            }
            count += 1
            guard count <= Self.countLimit else {
                throw unreadable(because: "it has more than \(Self.countLimit) members")
            }
            let name = try name(of: entry)
            let type = UInt32(archive_entry_filetype(entry))
            if type == UInt32(carchive_directory) { continue }
            guard selection.contains(name) else {
                left.append(name)
                continue
            }
            guard type == UInt32(carchive_regular_file), archive_entry_hardlink(entry) == nil else {
                throw unreadable(name, because: "it is no file but a link or a device")
            }
            guard taken.insert(name).inserted else {
                throw unreadable(name, because: "it stands twice in the archive")
            }
            if passphrase.isEmpty, archive_entry_is_data_encrypted(entry) == 1 {
                throw unreadable(name, because: "it is encrypted: give the `passphrase`")
            }
            try body(member(name, archive, grow))
        }
        if let expected, expected != count {
            throw unreadable(
                because:
                    "it says that it has \(expected) members, but \(count) can be found: the file may be damaged"
            )
        }
        guard !taken.isEmpty || left.isEmpty else {
            throw unreadable(
                because: "none of its members \(selection.summary): \(Self.list(left))")
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

    /// What a zip archive says of itself. The file is at its start again afterwards.
    private func memberCount(of file: FileHandle) throws(ReasoningError) -> Int? {
        do {
            let count = try ZIPDirectory.memberCount(of: file)
            try file.seek(toOffset: 0)
            return count
        } catch {
            throw unreadable(because: error.localizedDescription)
        }
    }

    /// The file is at its start again afterwards.
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
        _ name: String?, _ archive: OpaquePointer,
        _ grow: @escaping (Int) throws(ReasoningError) -> Void
    ) -> Member {
        var total = 0
        return Member(name: name, label: label(name)) { () throws(ReasoningError) -> Data? in
            var piece = Data(count: Self.pieceSize)
            let count = piece.withUnsafeMutableBytes {
                archive_read_data(archive, $0.baseAddress, $0.count)
            }
            guard count >= 0 else { throw unreadable(name, because: message(archive)) }
            try grow(count)
            total += count
            guard total <= Self.memberLimit else {
                throw unreadable(
                    name, because: "unpacked it is larger than \(Self.memberLimit >> 30) GiB")
            }
            return count == 0 ? nil : piece.prefix(count)
        }
    }

    /// What is read as it stands, be it nothing, must not have the name of an archive, nor of something
    /// compressed: it is damaged then.
    private func checkName(_ archive: OpaquePointer) throws(ReasoningError) {
        let isCompressed = archive_filter_code(archive, 0) != ARCHIVE_FILTER_NONE
        let name = path.lowercased()
        let endings = [".gz", ".zst", ".bz2", ".xz"]
        let archives = [".zip", ".tar", ".tgz"] + endings.map { ".tar" + $0 }
        guard !archives.contains(where: name.hasSuffix) else {
            throw unreadable(because: "it is no archive, though its name says so")
        }
        guard isCompressed || !endings.contains(where: name.hasSuffix) else {
            throw unreadable(because: "it is not compressed, though its name says so")
        }
    }

    /// Whether a tar archive ends with its last member: libarchive takes one that was cut there for whole.
    private func hasNoEndMark(_ archive: OpaquePointer) -> Bool {
        archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_TAR
            && archive_filter_bytes(archive, 0) == archive_read_header_position(archive)
    }

    /// What was compressed must have been unpacked to the file's end: a damaged part after the first is passed over.
    private func checkEnd(
        _ archive: OpaquePointer, _ file: FileHandle
    ) throws(ReasoningError) {
        // Those of gzip were checked, and zeros after them are nothing.
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
        let message = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
        let isKnown = message.hasSuffix("passphrase")
        return isKnown ? message : message + Self.damageHint
    }

    /// The first names, and how many more there are.
    private static func list(_ names: [String]) -> String {
        let more = names.count - 5
        return "it has " + names.sorted().prefix(5).joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }
}
