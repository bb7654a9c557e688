/// The engine outside of this program that computes the result of a stage, such as an inference server. It does not
/// promise the same bits again, so that its identity is recorded with the result.
package struct EngineIdentity: Hashable, Codable, Sendable {
    /// Such as `vllm` or `llamafactory`.
    package let name: String
    package let version: String
    /// What it says of its configuration: the fingerprints of servers, or the versions of packages.
    package let fingerprint: String?

    package init(name: String, version: String, fingerprint: String?) {
        self.name = name
        self.version = version
        self.fingerprint = fingerprint
    }
}
