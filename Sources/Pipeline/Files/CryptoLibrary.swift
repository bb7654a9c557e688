import COpenSSL

/// The library that computes digests.
package enum CryptoLibrary {
    /// The version of OpenSSL that this process uses, such as `3.0.17`.
    package static var version: String {
        // `OpenSSL 3.0.17 1 Jul 2025`
        let words = String(cString: OpenSSL_version(OPENSSL_VERSION)).split(separator: " ")
        return words.count > 1 ? String(words[1]) : ""
    }
}
