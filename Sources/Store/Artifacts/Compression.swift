import CArchive
import Foundation

/// How an archive is compressed. A function of the files alone, so that archives are repeatable: what a
/// sample of the largest ones shrinks to, and how many bytes there are.
package struct Compression: Hashable {
    /// Of zstd: 3; 1, which is nearly twice as fast, where that shrinks as well, as it does weights and token
    /// ids; or one that is nearly as fast as copying, for what does not shrink.
    package private(set) var level = 3
    /// Beside the one that reads, hashes and writes. The number of them does not change the archive,
    /// but it is another one if there are none.
    package private(set) var threads = 0

    /// Smaller artifacts are compressed before threads have begun.
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
        // One part in thirty is not worth the time.
        if min(quick, usual) > sampled / 100 * 97 {
            (level, threads) = (-50, 0)
        } else if quick <= usual / 100 * 103 {
            level = 1
        }
    }

    /// Settings of libarchive's filter.
    func apply(to archive: OpaquePointer) -> [Int32] {
        [
            archive_write_set_filter_option(
                archive, "zstd", "compression-level", String(level)),
            archive_write_set_filter_option(archive, "zstd", "threads", String(threads)),
        ]
    }

    /// Bytes from the middle of a file's first pieces, and what levels 1 and 3 make of them: headers are not
    /// what fills it.
    private static func measure(
        _ path: String, on files: any FileSystem
    ) throws(StoreError) -> (bytes: Int, quick: Int, usual: Int) {
        let input = try files.open(path)
        defer { files.close(input) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * sample, alignment: 64)
        defer { buffer.deallocate() }
        var count = 0
        for _ in 0..<3 {
            // The last piece that is not empty counts.
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

    /// The number of bytes that zstd makes of some.
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
        // What does not fit into as much room is not smaller.
        return isWritten ? used : bytes.count
    }
}
