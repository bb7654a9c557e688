import CArchive
import Foundation

/// The compression settings of an archive. They depend only on the files, so that archives are reproducible: on the
/// compressed size of a sample of the largest files, and on the total size.
package struct Compression: Hashable {
    /// The zstd level: 3 by default; 1, which is nearly twice as fast, if it compresses as well, as for weights and
    /// token ids; or a negative level that is nearly as fast as copying, for incompressible files.
    package private(set) var level = 3
    /// The number of compression threads, besides the one that reads, hashes and writes. The archive is the same for
    /// any positive number, but different for 0.
    package private(set) var threads = 0

    /// The size below which threads are not worth starting.
    private static let small = 8 << 20
    private static let sample = 1 << 20

    /// The compression of files below `directory`.
    package init(
        of contents: [(path: String, bytes: Int)], in directory: String, on files: any FileSystem
    ) throws(StoreError) {
        guard contents.reduce(0, { $0 + $1.bytes }) > Self.small else { return }
        threads = 2
        let largest = contents.sorted { ($1.bytes, $0.path) < ($0.bytes, $1.path) }.prefix(4)
        var sampled = 0
        var (quick, usual) = (0, 0)
        for file in largest {
            let count = try Self.measure(directory + "/" + file.path, on: files)
            sampled += count.bytes
            quick += count.quick
            usual += count.usual
        }
        // A saving below 3 % is not worth the time.
        if min(quick, usual) > sampled / 100 * 97 {
            (level, threads) = (-50, 0)
        } else if quick <= usual / 100 * 103 {
            level = 1
        }
    }

    /// Applies the settings to the filter of libarchive.
    func apply(to archive: OpaquePointer) -> [Int32] {
        [
            archive_write_set_filter_option(
                archive, "zstd", "compression-level", String(level)),
            archive_write_set_filter_option(archive, "zstd", "threads", String(threads)),
        ]
    }

    /// Samples the middle of the first pieces of a file, and compresses it with levels 1 and 3. The beginning is
    /// skipped, because headers are not representative.
    private static func measure(
        _ path: String, on files: any FileSystem
    ) throws(StoreError) -> (bytes: Int, quick: Int, usual: Int) {
        let input = try files.open(path)
        defer { files.close(input) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * sample, alignment: 64)
        defer { buffer.deallocate() }
        var count = 0
        for _ in 0..<3 {
            // The last piece that is not empty is the sample.
            let more = try files.read(
                input, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<sample]))
            if more == 0 { break }
            count = more
        }
        guard count > 0 else { return (0, 0, 0) }
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[sample...])
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        return (
            count, quick: try shrink(bytes, into: rest, level: 1),
            usual: try shrink(bytes, into: rest, level: 3)
        )
    }

    /// The compressed size of some bytes.
    private static func shrink(
        _ bytes: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer, level: Int
    ) throws(StoreError) -> Int {
        guard let archive = archive_write_new(), let entry = archive_entry_new() else {
            throw .archive(path: "a sample", problem: "no memory")
        }
        defer { archive_write_free(archive) }
        defer { archive_entry_free(entry) }
        archive_entry_set_filetype(entry, UInt32(carchive_regular_file))
        archive_entry_set_size(entry, Int64(bytes.count))
        archive_entry_copy_pathname(entry, "sample")
        var used = 0
        let isWritten =
            archive_write_add_filter_zstd(archive) == ARCHIVE_OK
            && archive_write_set_format_raw(archive) == ARCHIVE_OK
            && archive_write_set_filter_option(archive, "zstd", "compression-level", String(level))
                == ARCHIVE_OK
            && archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK
            && archive_write_open_memory(archive, room.baseAddress, room.count, &used) == ARCHIVE_OK
            && archive_write_header(archive, entry) == ARCHIVE_OK
            && archive_write_data(archive, bytes.baseAddress, bytes.count) == bytes.count
            && archive_write_close(archive) == ARCHIVE_OK
        // Data that does not fit into a buffer of its own size is incompressible.
        return isWritten ? used : bytes.count
    }
}
