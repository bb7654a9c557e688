/// A model's matrices transposed to [inputs][outputs] with the outputs padded to a multiple of 8: the
/// form in which products with few rows are fast and a row's bits do not depend on the other rows.
final class PackedWeights {
    struct Matrix {
        let values: UnsafeMutablePointer<Float>
        let inputs, outputs: Int
        /// Outputs with padding.
        var stride: Int { (outputs + 7) / 8 * 8 }
    }
    struct Block {
        let projection, output, gateUp, down: Matrix
    }

    let blocks: [Block]
    let head: Matrix
    private let memory: FloatBuffer

    init(_ model: Transformer) {
        let (c, layout) = (model.configuration, model.layout)
        func size(_ inputs: Int, _ outputs: Int) -> Int { inputs * ((outputs + 7) / 8 * 8) }
        let perBlock =
            size(c.hiddenSize, c.projectionWidth) + size(c.queryWidth, c.hiddenSize)
            + size(c.hiddenSize, 2 * c.intermediateSize) + size(c.intermediateSize, c.hiddenSize)
        let memory = FloatBuffer(
            count: c.layers * perBlock + size(c.hiddenSize, c.vocabularySize))
        var next = memory.pointer
        func pack(_ offset: Int, inputs: Int, outputs: Int) -> Matrix {
            let matrix = Matrix(values: next, inputs: inputs, outputs: outputs)
            let source = model.parameters.pointer + offset
            for o in 0..<outputs {
                for i in 0..<inputs { next[i * matrix.stride + o] = source[o * inputs + i] }
            }
            next += inputs * matrix.stride
            return matrix
        }
        blocks = layout.blocks.map { at in
            Block(
                projection: pack(at.query, inputs: c.hiddenSize, outputs: c.projectionWidth),
                output: pack(at.output, inputs: c.queryWidth, outputs: c.hiddenSize),
                gateUp: pack(at.gate, inputs: c.hiddenSize, outputs: 2 * c.intermediateSize),
                down: pack(at.down, inputs: c.intermediateSize, outputs: c.hiddenSize))
        }
        head = pack(layout.head, inputs: c.hiddenSize, outputs: c.vocabularySize)
        self.memory = memory
    }
}
