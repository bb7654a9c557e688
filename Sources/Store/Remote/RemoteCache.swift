import Files
import Foundation
import Pipeline
import Synchronization

/// A shared cache with a name: finished results by cache key, which several people or machines exchange. Everything
/// that comes from it is verified before it is used, and whatever is missing or damaged counts as not there, with one
/// warning. After the first failure of its storage it is not asked again. A class, because all lookups of a run share
/// what is known about it.
package final class RemoteCache: Sendable {
    package let name: String
    let storage: any RemoteStorage
    private let report: @Sendable (RemoteWarning) -> Void
    private let state = Mutex(State())

    private struct State {
        /// The keys of all manifests, once they have been listed.
        var listing: Set<Digest>?
        var isUnusable = false
        var reported: Set<RemoteWarning> = []
    }

    /// `report` receives each warning once.
    package init(
        _ name: String, _ storage: any RemoteStorage,
        report: @escaping @Sendable (RemoteWarning) -> Void
    ) {
        self.name = name
        self.storage = storage
        self.report = report
    }

    /// Whether the cache failed and is not asked any more.
    package var isUnusable: Bool { state.withLock { $0.isUnusable } }

    /// What `plan` and `show` name as the origin of results from this cache.
    package var origin: String { "remote \(name)" }

    func warn(_ warning: RemoteWarning) {
        if state.withLock({ $0.reported.insert(warning).inserted }) { report(warning) }
    }

    func warn(_ damage: RemoteDamage) {
        // Of a remote that went away, the copy may be cut off, and not the file.
        guard !isUnusable else { return }
        warn(.damaged(remote: name, file: damage.file, problem: damage.problem))
    }

    /// The result of a call of the storage; `nil` if the cache is unusable, or becomes so.
    func ask<Result>(_ body: () throws(RemoteError) -> Result) -> Result? {
        guard !isUnusable else { return nil }
        do throws(RemoteError) {
            return try body()
        } catch {
            state.withLock { $0.isUnusable = true }
            // An interruption is not the fault of the remote.
            if error != .stopped { warn(.unusable(remote: name, error)) }
            return nil
        }
    }

    /// The keys among `keys` that have a manifest. All manifests are listed once.
    func known(among keys: [Digest]) -> [Digest] {
        guard !keys.isEmpty else { return [] }
        if let listing = state.withLock({ $0.listing }) { return keys.filter(listing.contains) }
        let names = ask { () throws(RemoteError) in try storage.names(in: RemoteManifest.folder) }
        let listing = Set((names ?? []).compactMap(RemoteManifest.key(ofFile:)))
        state.withLock { $0.listing = listing }
        return keys.filter(listing.contains)
    }

    /// Fetches the manifests of keys to `directory` in one call, and returns the valid ones.
    func manifests(of keys: [Digest], in directory: String) throws -> [Digest: RemoteManifest] {
        let names = keys.map(RemoteManifest.name)
        // What was copied before a failure is as good as the rest.
        _ = ask { () throws(RemoteError) in try storage.fetch(names, bytes: 0, to: directory) }
        var manifests: [Digest: RemoteManifest] = [:]
        for key in keys {
            do {
                manifests[key] = try RemoteManifest.read(
                    directory + "/" + RemoteManifest.name(key), of: key)
            } catch let damage as RemoteDamage {
                warn(damage)
            }
        }
        return manifests
    }

    /// The outputs of results that the cache has according to its manifests. Their objects are not fetched.
    package func outputs(of keys: [Digest]) throws -> [Digest: [String: Digest]] {
        let keys = known(among: keys)
        guard !keys.isEmpty else { return [:] }
        let directory = FileManager.default.temporaryDirectory.path + "/vireo-" + UUID().uuidString
        let files = LocalFileSystem()
        try files.makeDirectory(directory, mode: 0o700)
        defer { files.discard(directory) }
        return try manifests(of: keys, in: directory).mapValues(\.digests)
    }
}

extension RemoteCache {
    /// A result that a stage needs.
    package struct Request: Sendable {
        let document: KeyDocument
        let outputs: [StageKind.Output]
        let inputs: [InputEdge]

        /// `outputs` are those of the stage, and `inputs` the executions of the store whose outputs it reads.
        package init(document: KeyDocument, outputs: [StageKind.Output], inputs: [InputEdge]) {
            self.document = document
            self.outputs = outputs
            self.inputs = inputs
        }
    }

    /// The summary of a fetch.
    package struct Fetched: Hashable, Sendable {
        /// The keys whose results are in the store now.
        package var keys: Set<Digest> = []
        /// The size of the fetched objects in bytes.
        package var bytes = 0

        package init() {}
    }

    /// Brings the results of as many requests as possible into a store, where they are marked as imported. Takes one
    /// call of the storage for all manifests, and one for all objects. Fetches nothing if the store does not use
    /// imported results.
    package func fetch(_ requests: [Request], into store: Store) throws -> Fetched {
        var fetched = Fetched()
        guard store.usesImported else { return fetched }
        let wanted = Dictionary(
            requests.map { ($0.document.key, $0) }, uniquingKeysWith: { first, _ in first })
        let keys = known(among: wanted.keys.sorted())
        guard !keys.isEmpty else { return fetched }
        let directory = try store.files.makeTemporaryDirectory(
            store.temporaryPrefix(in: store.layout.cache))
        defer { store.files.discard(directory) }
        var results: [(key: Digest, manifest: RemoteManifest, request: Request)] = []
        for (key, manifest) in try manifests(of: keys, in: directory).sorted(by: { $0.key < $1.key }
        ) {
            guard let request = wanted[key] else { continue }
            if let problem = manifest.problem(for: request.outputs) {
                warn(RemoteDamage(file: RemoteManifest.name(key), problem: problem))
            } else {
                results.append((key, manifest, request))
            }
        }
        var objects: [String: Int] = [:]
        for output in results.flatMap(\.manifest.outputs) where try !store.has(output.artifact) {
            objects[output.object] = output.archiveBytes
        }
        let (names, bytes) = (objects.keys.sorted(), objects.values.reduce(0, +))
        if !objects.isEmpty {
            _ = ask { () throws(RemoteError) in
                try storage.fetch(names, bytes: bytes, to: directory)
            }
        }
        for (key, manifest, request) in results {
            do {
                fetched.bytes += try store.insert(
                    manifest, kind: request.document.kind, inputs: request.inputs,
                    from: directory, origin: origin)
                fetched.keys.insert(key)
            } catch let damage as RemoteDamage {
                warn(damage)
            } catch let missing as RemoteAbsence {
                // The warning about the storage says enough.
                if !isUnusable {
                    warn(.incomplete(remote: name, key: key, object: missing.object))
                }
            } catch let error as StoreError {
                warn(.unusedResult(remote: name, key: key, problem: "\(error)"))
            }
        }
        return fetched
    }
}

/// An object that a manifest names and that was not fetched.
struct RemoteAbsence: Error, Hashable {
    let object: String
}
