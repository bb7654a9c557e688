import COpenSSL
import Foundation

/// A SHA-256 digest, which identifies artifacts, cache keys and files.
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

    /// The digest of the UTF-8 bytes of `text`.
    package init(of text: String) {
        self.init(of: Data(text.utf8))
    }

    /// The digest of the contents of a regular file, read in pieces of 256 KiB. Throws a `POSIXError`: `EISDIR` for a
    /// directory, `EINVAL` for anything else that is not a regular file.
    package init(ofFile path: String) throws {
        // Without O_NONBLOCK, opening a pipe would wait for its other end.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw POSIXError.last }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw POSIXError.last }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG else { throw POSIXError(kind == S_IFDIR ? .EISDIR : .EINVAL) }
        var hasher = Hasher()
        try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 64) { buffer in
            while true {
                let count = read(file, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw POSIXError.last }
                if count == 0 { return }
                hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        self = hasher.finalize()
    }

    fileprivate init(bytes: [UInt8]) {
        hex = String(unsafeUninitializedCapacity: 64) { digits in
            func digit(_ value: UInt8) -> UInt8 { value < 10 ? value + 48 : value + 87 }
            for (place, byte) in bytes.enumerated() {
                digits[2 * place] = digit(byte >> 4)
                digits[2 * place + 1] = digit(byte & 15)
            }
            return 64
        }
    }

    /// The first twelve digits, for display.
    package var short: String { String(hex.prefix(12)) }

    package var description: String { hex }

    package static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }

    /// SHA-256 over bytes that arrive in pieces.
    package struct Hasher: ~Copyable {
        private var context = SHA256_CTX()

        package init() { SHA256_Init(&context) }

        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            SHA256_Update(&context, bytes.baseAddress, bytes.count)
        }

        package consuming func finalize() -> Digest {
            var bytes = [UInt8](repeating: 0, count: 32)
            SHA256_Final(&bytes, &context)
            return Digest(bytes: bytes)
        }
    }
}

/// The library that computes digests.
package enum CryptoLibrary {
    /// The version of OpenSSL that this process uses, such as `3.0.17`.
    package static var version: String {
        // `OpenSSL 3.0.17 1 Jul 2025`
        let words = String(cString: OpenSSL_version(OPENSSL_VERSION)).split(separator: " ")
        return words.count > 1 ? String(words[1]) : ""
    }
}
