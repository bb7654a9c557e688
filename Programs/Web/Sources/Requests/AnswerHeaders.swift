/// The headers of every answer.
package enum AnswerHeaders {
    package static let security = [
        "Content-Security-Policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    ]

    /// Addresses of assets contain a digest of their content, so that a browser may keep them.
    package static func caching(asAsset: Bool) -> String {
        asAsset ? "max-age=31536000, immutable" : "no-store"
    }

    /// The 64-bit FNV-1a digest of a file, in hexadecimal: it tells versions of the program apart, and nobody else
    /// writes these files.
    package static func digest(_ bytes: [UInt8]) -> String {
        String(
            bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 },
            radix: 16)
    }
}
