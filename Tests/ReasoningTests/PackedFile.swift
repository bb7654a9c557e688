import CArchive
import Foundation

/// Writes compressed files and archives, as data sets come in.
struct PackedFile {
    enum Format { case zip, tar, raw }
    enum Filter { case none, gzip, zstd, bzip2, xz }

    struct Member {
        var name: String
        var content: String
        var type = Int(carchive_regular_file)
        var link: String?
    }

    var format: Format
    var filter = Filter.none
    var passphrase: String?
    /// `zipcrypt` or `aes256`.
    var encryption = "zipcrypt"

    func write(_ members: [Member], to path: String) {
        // Else libarchive would write `?` for letters beyond ASCII.
        let locale = newlocale(Int32(carchive_ctype_mask), "C.UTF-8", nil)!
        let previous = uselocale(locale)
        defer {
            uselocale(previous)
            freelocale(locale)
        }
        let archive = archive_write_new()!
        defer { archive_write_free(archive) }
        switch format {
        case .zip: archive_write_set_format_zip(archive)
        case .tar: archive_write_set_format_pax_restricted(archive)
        case .raw: archive_write_set_format_raw(archive)
        }
        switch filter {
        case .none: break
        case .gzip: archive_write_add_filter_gzip(archive)
        case .zstd: archive_write_add_filter_zstd(archive)
        case .bzip2: archive_write_add_filter_bzip2(archive)
        case .xz: archive_write_add_filter_xz(archive)
        }
        if let passphrase {
            archive_write_set_options(archive, "zip:encryption=\(encryption)")
            archive_write_set_passphrase(archive, passphrase)
        }
        precondition(archive_write_open_filename(archive, path) == ARCHIVE_OK)
        for member in members { append(member, to: archive) }
        precondition(archive_write_close(archive) == ARCHIVE_OK)
    }

    private func append(_ member: Member, to archive: OpaquePointer) {
        let entry = archive_entry_new()!
        defer { archive_entry_free(entry) }
        archive_entry_update_pathname_utf8(entry, member.name)
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_filetype(entry, UInt32(member.type))
        if let link = member.link { archive_entry_set_hardlink(entry, link) }
        let bytes = Array(member.content.utf8)
        archive_entry_set_size(entry, Int64(bytes.count))
        precondition(archive_write_header(archive, entry) >= ARCHIVE_WARN)
        guard !bytes.isEmpty else { return }
        precondition(archive_write_data(archive, bytes, bytes.count) == bytes.count)
    }
}

extension PackedFile.Member {
    init(_ name: String, _ content: String) { self.init(name: name, content: content) }
}
