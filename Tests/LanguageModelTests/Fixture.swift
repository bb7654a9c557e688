import Foundation
import LanguageModel

/// A reference model with the results transformers computes for it (see Tests/Fixtures/README.md).
struct Fixture {
    let directory: String
    let ids: [[Int32]]
    let lengths: [Int]
    let mask: [[Float]]
    let weights: [Float]
    let expected: SafeTensors
    let settings: [String: Any]

    static func directory(_ name: String) throws -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
    }

    static func integers(_ file: SafeTensors, _ name: String) -> [Int] {
        file.withBytes(of: name) { bytes in
            (0..<bytes.count / 8).map {
                Int(bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self))
            }
        }!
    }

    static func ids(_ file: SafeTensors) -> [[Int32]] {
        let columns = file.tensors["input_ids"]!.shape[1]
        let flat = integers(file, "input_ids").map { Int32($0) }
        return stride(from: 0, to: flat.count, by: columns).map {
            Array(flat[$0..<($0 + columns)])
        }
    }

    init(_ name: String) throws {
        directory = try Self.directory(name)
        let expected = try SafeTensors(path: directory + "/expected.safetensors")
        self.expected = expected
        ids = Self.ids(expected)
        let columns = ids[0].count
        lengths = Self.integers(expected, "lengths")
        weights = Self.floats(expected, "seq_weights")
        let maskValues = Self.floats(expected, "loss_mask")
        mask = stride(from: 0, to: maskValues.count, by: columns).map {
            Array(maskValues[$0..<($0 + columns)])
        }
        let json = try Data(contentsOf: URL(fileURLWithPath: directory + "/expected.json"))
        settings = try JSONSerialization.jsonObject(with: json) as! [String: Any]
    }

    func floats(_ name: String) -> [Float] { Self.floats(expected, name) }

    static func floats(_ file: SafeTensors, _ name: String) -> [Float] {
        file.withBytes(of: name) { bytes in
            (0..<bytes.count / 4).map {
                bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }
        }!
    }

    /// The batch of the fixture's loss: sum w m nll / sum m.
    var batch: [TrainingSequence] {
        let total = mask.map { $0.dropFirst().reduce(0, +) }.reduce(0, +)
        return zip(zip(ids, lengths), zip(mask, weights)).map { sequence, loss in
            TrainingSequence(
                tokens: Array(sequence.0.prefix(sequence.1)),
                coefficients: loss.0.prefix(sequence.1).map { $0 * loss.1 / total })
        }
    }
}

/// The largest absolute difference.
func largestError(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count)
    return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

/// |a - b| / |b|
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return (difference / b.reduce(0.0) { $0 + Double($1) * Double($1) }).squareRoot()
}
