import CZlib
import Foundation

/// Checks the checksum and length of every member of a gzip file (RFC 1952). libarchive checks neither, and
/// ignores a later member with a damaged header as trailing bytes.
struct GZIPCheck {
    /// The problem of `file`; `nil` if there is none, or if it is not a gzip file. Stops after unpacking
    /// `limit` bytes. Rewinds the file. Throws if the file cannot be read.
    static func problem(of file: FileHandle, limit: Int) throws -> String? {
        try file.seek(toOffset: 0)
        defer { try? file.seek(toOffset: 0) }
        var piece = try file.read(upToCount: pieceSize) ?? Data()
        guard piece.starts(with: [0x1F, 0x8B, 8]) else { return nil }
        // On the heap, because zlib stores the address of the stream.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: z_stream())
        guard czlib_begin_gzip(stream) == Z_OK else { return "no memory" }
        defer { inflateEnd(stream) }
        var place = Place.inMember
        var unpacked = 0
        while !piece.isEmpty {
            let problem = Self.problem(of: &piece, stream, &place, &unpacked, limit)
            if problem != nil || unpacked > limit { return problem }
            piece = try file.read(upToCount: pieceSize) ?? Data()
        }
        return place == .inMember ? "truncated gzip input" : nil
    }

    private enum Place {
        case inMember, betweenMembers

        /// After the last member, in zeros that tapes and some programs append.
        case inPadding
    }

    private static let pieceSize = 1 << 20

    private static func problem(
        of piece: inout Data, _ stream: UnsafeMutablePointer<z_stream>, _ place: inout Place,
        _ unpacked: inout Int, _ limit: Int
    ) -> String? {
        var output = [UInt8](repeating: 0, count: 1 << 18)
        return piece.withUnsafeMutableBytes { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_in = uInt(input.count)
                repeat {
                    if place != .inMember, stream.pointee.avail_in > 0 {
                        if stream.pointee.next_in.pointee == 0 {
                            place = .inPadding
                            stream.pointee.next_in = stream.pointee.next_in.advanced(by: 1)
                            stream.pointee.avail_in -= 1
                            continue
                        }
                        guard place == .betweenMembers, inflateReset(stream) == Z_OK else {
                            return "unexpected bytes after the zeros at the end of the gzip data"
                        }
                        place = .inMember
                    }
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = uInt(output.count)
                    let status = inflate(stream, Z_NO_FLUSH)
                    unpacked += output.count - Int(stream.pointee.avail_out)
                    switch status {
                    case Z_STREAM_END: place = .betweenMembers
                    // More input is needed.
                    case Z_OK, Z_BUF_ERROR: break
                    default:
                        let message = stream.pointee.msg.map { String(cString: $0) }
                        return "damaged gzip member (\(message ?? "unknown error"))"
                    }
                } while stream.pointee.avail_in > 0 && unpacked <= limit
                return nil
            }
        }
    }
}
