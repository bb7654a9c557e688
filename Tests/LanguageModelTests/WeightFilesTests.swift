import Foundation
import LanguageModel
import TestSupport
import Testing

/// Weights that do not fit the model they should belong to.
@Suite(.timeLimit(.minutes(10)))
struct WeightFilesTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func message(_ directory: String) -> String {
        do {
            _ = try Transformer(directory: directory)
            return "no error"
        } catch { return "\(error)" }
    }

    /// Replaces bytes of the header by as many others.
    private func change(_ old: String, to new: String, in file: String) throws {
        precondition(old.utf8.count == new.utf8.count)
        var data = try Data(contentsOf: URL(fileURLWithPath: file))
        let range = data.range(of: Data(old.utf8))!
        data.replaceSubrange(range, with: Data(new.utf8))
        try data.write(to: URL(fileURLWithPath: file))
    }

    @Test("Tensors that are missing, superfluous or of an unknown type are named")
    func tensors() throws {
        let path = directory.path
        let file = path + "/model.safetensors"
        try smallModel().write(directory: path, tokenizer: nil)
        try change("model.norm.weight", to: "model.nork.weight", in: file)
        #expect(message(path) == "\(file): the tensor 'model.norm.weight' is missing")

        try smallModel(ties: false).write(directory: path, tokenizer: nil)
        try change("lm_head.weight", to: "my_head.weight", in: file)
        #expect(message(path) == "\(file): the tensor 'lm_head.weight' is missing")
        let config = path + "/config.json"
        let text = try String(contentsOfFile: config, encoding: .utf8)
        try text.replacingOccurrences(
            of: "\"tie_word_embeddings\": false", with: "\"tie_word_embeddings\": true"
        ).write(toFile: config, atomically: true, encoding: .utf8)
        #expect(
            message(path)
                == "\(file): the tensor 'my_head.weight' is not part of the model that config.json describes"
        )

        try smallModel().write(directory: path, tokenizer: nil)
        try change("\"dtype\":\"F32\"", to: "\"dtype\":\"I32\"", in: file)
        #expect(
            message(path)
                == "\(file): 'model.embed_tokens.weight' has the type I32; F32, BF16 and F16 are read"
        )
    }

    /// Writes the safetensors file again with another header and bytes behind the last tensor.
    private func extend(
        _ file: String, by bytes: Int, _ change: (inout [String: Any], _ end: Int) -> Void
    ) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        let size = Int(data[0]) | Int(data[1]) << 8 | Int(data[2]) << 16
        var header =
            try JSONSerialization.jsonObject(with: data[8..<(8 + size)]) as! [String: Any]
        change(&header, data.count - 8 - size)
        let text = try JSONSerialization.data(withJSONObject: header)
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
        try (length + text + data[(8 + size)...] + Data(count: bytes))
            .write(to: URL(fileURLWithPath: file))
    }

    @Test("Null metadata and the frequencies that old checkpoints hold are passed over")
    func passedOver() throws {
        let path = directory.path
        let file = path + "/model.safetensors"
        let model = try smallModel()
        try model.write(directory: path, tokenizer: nil)
        try extend(file, by: 12) { header, end in
            header["__metadata__"] = NSNull()
            header["model.layers.1.self_attn.rotary_emb.inv_freq"] = [
                "dtype": "F32", "shape": [3], "data_offsets": [end, end + 12],
            ]
        }
        #expect(try Transformer(directory: path).parameters.array == model.parameters.array)
        try extend(file, by: 8) { header, end in
            header["model.layers.5.mlp.up_proj.weight"] = [
                "dtype": "F32", "shape": [2], "data_offsets": [end, end + 8],
            ]
        }
        #expect(
            message(path)
                == "\(file): the tensor 'model.layers.5.mlp.up_proj.weight' is not part of the model that config.json describes"
        )
    }

    @Test("An index that names no file beside it, or leaves a tensor out, is an error")
    func shards() throws {
        let path = directory.path
        try smallModel().write(directory: path, tokenizer: nil)
        let (first, index) = (path + "/a.safetensors", path + "/model.safetensors.index.json")
        try FileManager.default.moveItem(atPath: path + "/model.safetensors", toPath: first)
        let names = try SafeTensors(path: first).tensors.keys.sorted()
        func write(_ map: [String: String]) throws {
            try JSONSerialization.data(withJSONObject: ["weight_map": map])
                .write(to: URL(fileURLWithPath: index))
        }
        let whole = Dictionary(uniqueKeysWithValues: names.map { ($0, "a.safetensors") })
        try write(whole)
        #expect(message(path) == "no error")
        try write(whole.filter { $0.key != "model.norm.weight" })
        #expect(message(path) == "\(index): the tensor 'model.norm.weight' is missing")
        try write(whole.merging(["model.norm.weight": "b.safetensors"]) { $1 })
        #expect(message(path) == "cannot read \(path)/b.safetensors: there is no such file")
        try write(whole.merging(["model.norm.weight": "../a.safetensors"]) { $1 })
        #expect(
            message(path)
                == "\(index): `weight_map` names '../a.safetensors', which is not a file next to it"
        )
        try Data("{\"weight_map\": 3}".utf8).write(to: URL(fileURLWithPath: index))
        #expect(
            message(path) == "\(index): `weight_map` must be a table of files by tensor")
        try FileManager.default.removeItem(atPath: index)
        #expect(
            message(path) == "cannot read \(path)/model.safetensors: there is no such file")
    }
}
