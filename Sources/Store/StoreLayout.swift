import Pipeline

/// Where things are in a store's directory.
package struct StoreLayout: Hashable, Sendable {
    /// The absolute path of the store, usually `.vireo` beside the pipelines.
    package let directory: String

    package init(_ directory: String) { self.directory = directory }

    package var database: String { directory + "/vireo.db" }
    package var lock: String { directory + "/write.lock" }
    package var objects: String { directory + "/objects" }
    package var cache: String { directory + "/cache" }
    package var work: String { directory + "/work" }

    /// Where `vireo verify --repair` puts what is damaged.
    package var quarantine: String { directory + "/quarantine" }

    /// The archive of an artifact.
    package func object(_ digest: Digest) -> String {
        "\(objects)/\(digest.hex.prefix(2))/\(digest.hex).tar.zst"
    }

    /// Where an artifact lies unpacked, once something has read it.
    package func unpacked(_ digest: Digest) -> String { "\(cache)/\(digest.hex)" }

    /// What the attempts at one key share: checkpoints, logs and their locks.
    package func work(_ key: Digest) -> String { "\(work)/\(key.hex)" }
}
