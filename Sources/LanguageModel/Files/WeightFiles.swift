import Foundation

/// The weights of a model directory: `model.safetensors`, or the shards listed in
/// `model.safetensors.index.json`. The files are memory-mapped.
struct WeightFiles {
    private let files: [SafeTensors]
    /// The index into `files` for each tensor; `nil` if there is only one file.
    private let map: [String: Int]?
    /// The path to name in errors about missing tensors: the single file or the index.
    private let path: String

    init(directory: String) throws {
        let single = directory + "/model.safetensors"
        let index = single + ".index.json"
        let manager = FileManager.default
        guard !manager.fileExists(atPath: single), manager.fileExists(atPath: index) else {
            (files, map, path) = ([try SafeTensors(path: single)], nil, single)
            return
        }
        let entries = try Self.map(in: index)
        let names = Set(entries.values).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        files = try names.map { try SafeTensors(path: "\(directory)/\($0)") }
        map = entries.compactMapValues { numbers[$0] }
        path = index
    }

    /// The shard of each tensor. Throws for names outside the directory.
    static func map(in index: String) throws -> [String: String] {
        let map = try JSONFile(path: index).texts("weight_map", "a table of files by tensor")
        let names = Set(map.values).sorted()
        if let name = names.first(where: { !isBeside($0) }) {
            throw LanguageModelError.malformed(
                path: index, reason: "`weight_map` names '\(name)', which is not a file next to it")
        }
        guard names.count <= fileLimit else {
            throw LanguageModelError.malformed(
                path: index, reason: "`weight_map` names more than \(fileLimit) files")
        }
        return map
    }

    /// The maximum number of shards.
    private static let fileLimit = 1_000

    private static func isBeside(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && name.utf8.allSatisfy { $0 != 0 && $0 != 0x2F }
    }

    /// Throws unless exactly the tensors of the layout exist with their shapes.
    func check(_ layout: ParameterLayout) throws {
        for tensor in layout.tensors {
            _ = try file(of: tensor.name).tensor(tensor.name, shape: tensor.shape)
        }
        let known = Set(layout.tensors.map(\.name))
        for file in files {
            // Checkpoints with tied embeddings may contain the embedding twice.
            let extra = file.tensors.keys.filter {
                !known.contains($0) && $0 != "lm_head.weight" && !Self.isComputed($0)
            }
            guard let name = extra.min() else { continue }
            throw LanguageModelError.malformed(
                path: file.path,
                reason: "the tensor '\(name)' is not part of the model that config.json describes")
        }
    }

    /// Old versions of transformers saved the rotary frequencies, which can be computed from config.json.
    private static func isComputed(_ name: String) -> Bool {
        name.hasSuffix(".rotary_emb.inv_freq")
    }

    /// Copies all tensors of the layout as float32. Throws if a tensor has values that are not finite.
    func copy(
        _ layout: ParameterLayout, to parameters: UnsafeMutablePointer<Float>, threads: Int
    ) throws {
        try check(layout)
        let sources = try layout.tensors.map { try file(of: $0.name) }
        var failures = [(any Error)?](repeating: nil, count: layout.tensors.count)
        failures.withUnsafeMutableBufferPointer { failures in
            Parallel.forEach(layout.tensors.count, threads: threads) { index, _ in
                let tensor = layout.tensors[index]
                do {
                    let target = parameters + tensor.offset
                    try sources[index].copy(tensor.name, shape: tensor.shape, to: target)
                    if !target.isFinite(count: tensor.count) {
                        throw LanguageModelError.malformed(
                            path: sources[index].path,
                            reason: "'\(tensor.name)' has numbers that are not finite")
                    }
                } catch {
                    failures[index] = error
                }
            }
        }
        if let failure = failures.compactMap({ $0 }).first { throw failure }
    }

    private func file(of name: String) throws -> SafeTensors {
        guard let map else { return files[0] }
        guard let number = map[name] else {
            throw LanguageModelError.malformed(
                path: path, reason: "the tensor '\(name)' is missing")
        }
        return files[number]
    }
}
