import Foundation
import LanguageModel

/// A directory with the files of a random model, removed with this value. A class, because it owns the
/// directory.
final class BenchmarkModelDirectory {
    let directory: String

    /// Writes the model with weights of type `type`.
    init(_ model: Transformer, type: BenchmarkSettings.NumberType) throws {
        directory =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("vireo-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        switch type {
        case .fp32: try model.write(directory: directory, tokenizer: nil)
        case .bf16: try writeHalf(model)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// The total size of the safetensors files, in bytes.
    static func size(_ directory: String) throws -> Int {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        return try names.filter { $0.hasSuffix(".safetensors") }.reduce(0) { sum, name in
            let attributes = try FileManager.default.attributesOfItem(
                atPath: directory + "/" + name)
            return sum + (attributes[.size] as? Int ?? 0)
        }
    }

    /// Writes config.json and a safetensors file: the length of the header, the header, the numbers.
    private func writeHalf(_ model: Transformer) throws {
        try Data(model.configuration.json.utf8).write(
            to: URL(fileURLWithPath: directory + "/config.json"))
        var entries: [String] = []
        var end = 0
        for tensor in model.layout.tensors {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            let bytes = 2 * tensor.count
            entries.append(
                #""\#(tensor.name)":{"dtype":"BF16","shape":[\#(shape)],"data_offsets":[\#(end),\#(end + bytes)]}"#
            )
            end += bytes
        }
        var header = Data("{\(entries.joined(separator: ","))}".utf8)
        header.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8))
        let path = directory + "/model.safetensors"
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        try (length + header).write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        for tensor in model.layout.tensors {
            let numbers = UnsafeBufferPointer(
                start: model.parameters.pointer + tensor.offset, count: tensor.count)
            let halves = numbers.map { UInt16($0.bitPattern >> 16).littleEndian }
            try halves.withUnsafeBytes { try file.write(contentsOf: Data($0)) }
        }
    }
}
