import COpenSSL
import Foundation

/// A SHA-256 digest: what names artifacts, executions and files.
package struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    package let hex: String

    /// A digest from its hexadecimal form; `nil` unless it is 64 lower-case hexadecimal digits.
    package init?(hex: String) {
        let isDigest =
            hex.utf8.count == 64
            && hex.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard isDigest else { return nil }
        self.hex = hex
    }

    /// The digest of `data`.
    package init(of data: some DataProtocol) {
        var hasher = Hasher()
        for region in data.regions { region.withUnsafeBytes { hasher.update($0) } }
        self = hasher.finalize()
    }

    /// The digest of `text`'s UTF-8 bytes.
    package init(of text: String) {
        self.init(of: Data(text.utf8))
    }

    /// The digest of a file's content, read in pieces of 1 MiB.
    package init(ofFile path: String) throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var hasher = Hasher()
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
            piece.withUnsafeBytes { hasher.update($0) }
        }
        self = hasher.finalize()
    }

    fileprivate init(bytes: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        hex = String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The first twelve digits, enough for people.
    package var short: String { String(hex.prefix(12)) }

    package var description: String { hex }

    package static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }

    /// SHA-256 over bytes that arrive in pieces.
    package struct Hasher: ~Copyable {
        private let context: OpaquePointer

        package init() {
            guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
            else { preconditionFailure("OpenSSL offers no SHA-256") }
            self.context = context
        }

        deinit { EVP_MD_CTX_free(context) }

        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        }

        package consuming func finalize() -> Digest {
            var bytes = [UInt8](repeating: 0, count: 32)
            EVP_DigestFinal_ex(context, &bytes, nil)
            return Digest(bytes: bytes)
        }
    }
}
