import CKernels

/// A weight matrix in a layout for fast products with few rows. If all values are bfloat16 values, as in
/// published checkpoints, it is stored as bfloat16, which halves the memory traffic without loss.
struct PackedMatrix {
    let inputs, outputs: Int
    private let values: UnsafeMutableRawPointer
    private let isHalf: Bool

    /// The distance between rows of a result, in floats.
    var stride: Int { Self.stride(outputs) }

    static func stride(_ outputs: Int) -> Int { (outputs + 31) / 32 * 32 }

    /// The number of floats of a packed matrix.
    static func size(inputs: Int, outputs: Int, isHalf: Bool) -> Int {
        let numbers = vk_packed_size(outputs, inputs)
        return (isHalf ? (numbers + 1) / 2 : numbers) + 16
    }

    /// Packs `weight` into `memory`.
    init(
        _ weight: UnsafePointer<Float>, inputs: Int, outputs: Int, isHalf: Bool,
        into memory: UnsafeMutablePointer<Float>, threads: Int
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.isHalf = isHalf
        values = UnsafeMutableRawPointer(memory)
        let (memory, panels) = (values, (outputs + 63) / 64)
        Parallel.forEach(panels < 8 ? 1 : threads, threads: threads) { part, _ in
            let parts = panels < 8 ? 1 : threads
            let (first, end) = (panels * part / parts, panels * (part + 1) / parts)
            if isHalf {
                vk_pack_half(
                    weight, outputs, inputs, memory.assumingMemoryBound(to: UInt16.self), first,
                    end)
            } else {
                vk_pack(
                    weight, outputs, inputs, memory.assumingMemoryBound(to: Float.self), first, end)
            }
        }
    }

    /// Computes the share of a team member of y [rows][stride] (+)= x [rows][ldx] weight^T.
    func apply(
        to x: UnsafePointer<Float>, stride ldx: Int, into y: UnsafeMutablePointer<Float>, rows: Int,
        adding: Bool = false, _ member: ThreadTeam.Member
    ) {
        vk_apply_packed(
            x, ldx, values, isHalf ? 1 : 0, y, stride, rows, outputs, inputs, adding ? 1 : 0,
            member.index, member.count)
    }
}

/// All matrices of a model, packed. A class, because it owns the memory.
final class PackedWeights {
    struct Block {
        let projection, output, gateUp, down: PackedMatrix
    }

    let blocks: [Block]
    let head: PackedMatrix
    private let memory: [FloatBuffer]

    init(_ model: Transformer, threads: Int) throws {
        let (c, layout) = (model.configuration, model.layout)
        var memory: [FloatBuffer] = []
        func pack(_ offset: Int, inputs: Int, outputs: Int) throws -> PackedMatrix {
            let weight = UnsafePointer(model.parameters.pointer + offset)
            let isHalf = vk_is_half(weight, inputs * outputs) != 0
            let size = PackedMatrix.size(inputs: inputs, outputs: outputs, isHalf: isHalf)
            try MemoryCheck.floats(size, for: .packedWeights)
            let buffer = FloatBuffer(count: size)
            memory.append(buffer)
            return PackedMatrix(
                weight, inputs: inputs, outputs: outputs, isHalf: isHalf, into: buffer.pointer,
                threads: threads)
        }
        blocks = try layout.blocks.map { at in
            Block(
                projection: try pack(at.query, inputs: c.hiddenSize, outputs: c.projectionWidth),
                output: try pack(at.output, inputs: c.queryWidth, outputs: c.hiddenSize),
                gateUp: try pack(at.gate, inputs: c.hiddenSize, outputs: 2 * c.intermediateSize),
                down: try pack(at.down, inputs: c.intermediateSize, outputs: c.hiddenSize))
        }
        head = try pack(layout.head, inputs: c.hiddenSize, outputs: c.vocabularySize)
        self.memory = memory
    }

    var floats: Int { memory.reduce(0) { $0 + $1.count } }
}
