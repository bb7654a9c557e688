import Files
import Foundation
import Pipeline

extension RemoteCache {
    /// The summary of a push.
    package struct Pushed: Hashable, Sendable {
        /// The number of results that are in the cache now and were not before.
        package var new = 0
        /// The number of results that the cache had with the same outputs.
        package var present = 0
        /// The number of results that the cache does not have, or has differently.
        package var failed = 0
        /// The size of the uploaded objects in bytes.
        package var bytes = 0

        package init() {}
    }

    /// A result on its way to the cache.
    private struct Item {
        let execution: ExecutionID
        let manifest: RemoteManifest
        let key: Digest
        let kind: String
    }

    /// Uploads the results of finished executions: first all missing objects, then the manifests of the results whose
    /// objects are all there. Nothing in the cache is replaced. Takes at most six calls of the storage, whatever the
    /// number of results. Throws only errors of the store.
    package func push(_ executions: [ExecutionID], from store: Store) throws -> Pushed {
        var pushed = Pushed()
        var items: [Item] = []
        for execution in executions {
            guard let (manifest, kind) = try store.manifest(of: execution) else { continue }
            items.append(
                Item(
                    execution: execution, manifest: manifest,
                    key: try Store.digest(manifest.key), kind: kind))
        }
        pushed.failed = items.count
        guard !items.isEmpty else { return pushed }
        let directory = try store.files.makeTemporaryDirectory(
            store.temporaryPrefix(in: store.layout.cache))
        defer { store.files.discard(directory) }

        let objects = items.flatMap { $0.manifest.outputs.map(\.object) }
        let names = items.map { RemoteManifest.name($0.key) } + objects
        guard let before = sizes(of: Set(names)) else { return pushed }
        let existing = items.map(\.key).filter { before[RemoteManifest.name($0)] != nil }
        let manifests = existing.isEmpty ? [:] : try self.manifests(of: existing, in: directory)
        // Objects of existing results may have been removed from the cache.
        items = items.filter { item in
            guard existing.contains(item.key) else { return true }
            return manifests[item.key].map { isSame(item, $0) } ?? false
        }
        let ready = try upload(items, before, from: store, in: directory, &pushed)
        let present = ready.filter { existing.contains($0.key) }
        let new = try uploadManifests(
            ready.filter { !existing.contains($0.key) }, from: store, in: directory)
        pushed.present = present.count
        pushed.new = new
        pushed.failed -= present.count + new
        return pushed
    }

    private func sizes(of names: Set<String>) -> [String: Int]? {
        ask { () throws(RemoteError) in try storage.sizes(of: names.sorted()) }
    }

    /// Whether the cache has the same outputs for a key. Warns otherwise.
    private func isSame(_ item: Item, _ other: RemoteManifest) -> Bool {
        guard let output = item.manifest.difference(from: other) else { return true }
        warn(.different(remote: name, key: item.key, kind: item.kind, output: output))
        return false
    }

    /// Uploads the missing objects of results. Returns the results whose objects are all there with the right sizes.
    private func upload(
        _ items: [Item], _ before: [String: Int], from store: Store, in directory: String,
        _ pushed: inout Pushed
    ) throws -> [Item] {
        var staged: [String: Int] = [:]
        try store.files.makeDirectories(directory + "/objects")
        for item in items {
            for output in item.manifest.outputs
            where before[output.object] == nil && staged[output.object] == nil {
                let archive = store.layout.object(try Store.digest(output.artifact))
                // A damaged archive must not become an object.
                guard store.files.size(archive) == output.archiveBytes,
                    try Archive.digest(ofFile: archive, on: store.files).hex == output.archive
                else {
                    warn(
                        .unpushed(
                            remote: name, key: item.key,
                            problem: "the archive of its output `\(output.name)` is damaged: run"
                                + " `vireo verify`"))
                    continue
                }
                let link = directory + "/" + output.object
                guard symlink(archive, link) == 0 else {
                    throw StoreError.file(operation: "create", path: link, code: errno)
                }
                staged[output.object] = output.archiveBytes
            }
        }
        var sizes = before
        if !staged.isEmpty {
            let (names, bytes) = (staged.keys.sorted(), staged.values.reduce(0, +))
            _ = ask { () throws(RemoteError) in
                try storage.put(names, bytes: bytes, from: directory)
            }
            guard let after = self.sizes(of: Set(staged.keys)) else { return [] }
            sizes.merge(after) { $1 }
            pushed.bytes = after.values.reduce(0, +)
        }
        return items.filter { item in
            item.manifest.outputs.allSatisfy { output in
                guard let size = sizes[output.object] else { return false }
                guard size == output.archiveBytes else {
                    warn(
                        RemoteDamage(
                            file: output.object,
                            problem: "it has \(size) bytes instead of \(output.archiveBytes)"))
                    return false
                }
                return true
            }
        }
    }

    /// Uploads manifests. Returns the number of those that are in the cache then.
    private func uploadManifests(
        _ items: [Item], from store: Store, in directory: String
    ) throws -> Int {
        guard !items.isEmpty else { return 0 }
        // Not the directory of the existing manifests, which were fetched.
        let source = directory + "/new"
        try store.files.makeDirectories(source + "/" + RemoteManifest.folder)
        var staged: [String: Int] = [:]
        for item in items {
            var manifest = item.manifest
            manifest.metrics = try store.manifestMetrics(of: item.execution)
            let data = manifest.encoded
            guard data.count <= RemoteManifest.limit else {
                warn(
                    .unpushed(
                        remote: name, key: item.key,
                        problem: "its metrics take more than \(RemoteManifest.limit) bytes"))
                continue
            }
            let path = source + "/" + manifest.name
            let file = try store.files.create(path, mode: 0o644)
            defer { store.files.close(file) }
            try data.withUnsafeBytes { try store.files.write($0, to: file) }
            staged[manifest.name] = data.count
        }
        let (names, bytes) = (staged.keys.sorted(), staged.values.reduce(0, +))
        _ = ask { () throws(RemoteError) in
            try storage.put(names, bytes: bytes, from: source)
        }
        return sizes(of: Set(staged.keys))?.count { staged[$0.key] == $0.value } ?? 0
    }
}
