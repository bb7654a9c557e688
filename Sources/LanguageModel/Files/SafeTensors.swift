import CKernels
import Files
import Foundation
import JSON

/// A safetensors file: a JSON header with the type, shape and byte range of each tensor, followed by the data.
/// https://github.com/huggingface/safetensors
package struct SafeTensors {
    package struct Tensor: Hashable {
        package let type: String
        package let shape: [Int]
        package let bytes: Range<Int>

        /// Parses an entry of the header; `nil` if it is not a valid tensor, for example if its size overflows.
        fileprivate init?(_ entry: JSONValue) {
            guard case .object(let fields) = entry,
                case .string(let type)? = fields["dtype"],
                let shape = Self.sizes(fields["shape"]),
                let ends = Self.sizes(fields["data_offsets"]), ends.count == 2, ends[0] <= ends[1],
                Self.product(shape + [64]) != nil
            else { return nil }
            (self.type, self.shape, bytes) = (type, shape, ends[0]..<ends[1])
        }

        private static func sizes(_ node: JSONValue?) -> [Int]? {
            guard case .array(let nodes)? = node else { return nil }
            var sizes: [Int] = []
            for node in nodes {
                guard case .integer(let size) = node, size >= 0 else { return nil }
                sizes.append(size)
            }
            return sizes
        }

        /// `nil` if the product overflows.
        private static func product(_ sizes: [Int]) -> Int? {
            var product = 1
            for size in sizes where size != 0 {
                let (next, isOver) = product.multipliedReportingOverflow(by: size)
                guard !isOver else { return nil }
                product = next
            }
            return sizes.contains(0) ? 0 : product
        }

        private static let widths = [
            "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F16": 16, "BF16": 16,
            "I16": 16, "U16": 16, "F32": 32, "I32": 32, "U32": 32, "F64": 64, "I64": 64, "U64": 64,
        ]

        /// The size in bits that the shape requires; `nil` if the type is unknown.
        fileprivate var bits: Int? {
            Self.widths[type].flatMap { Self.product(shape + [$0]) }
        }
    }

    package let path: String
    package let tensors: [String: Tensor]
    package let metadata: [String: String]
    private let file: MappedFile
    private let start: Int

    /// The maximum size of a header according to the format, in bytes.
    private static let headerLimit = 100_000_000

    /// Maps the file and checks its header: the tensors must cover the data without gaps and overlaps.
    package init(path: String) throws {
        func malformed(_ reason: String) -> LanguageModelError {
            .malformed(path: path, reason: reason)
        }
        file = try MappedFile(path: path)
        let data = file.bytes
        guard data.count >= 8 else {
            throw malformed("the file is truncated: \(data.count) bytes, a header needs at least 8")
        }
        let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= Self.headerLimit, length <= UInt64(data.count - 8) else {
            throw malformed(
                "the file is truncated or not a safetensors file: its header should have \(length) bytes, \(data.count - 8) are left"
            )
        }
        self.path = path
        start = 8 + Int(length)
        let header = UnsafeRawBufferPointer(rebasing: data[8..<start])
        let entries: [String: JSONValue]
        do {
            entries = try JSONFile.fields(of: header, path: path)
        } catch LanguageModelError.malformed(_, let reason) {
            throw malformed("its header is not a table of tensors: \(reason)")
        }
        var tensors: [String: Tensor] = [:]
        for (name, entry) in entries where name != "__metadata__" {
            guard let tensor = Tensor(entry) else {
                throw malformed("the header's entry for '\(name)' is malformed")
            }
            tensors[name] = tensor
        }
        metadata = try Self.metadata(entries["__metadata__"], malformed)
        try Self.check(tensors, size: data.count - start, malformed)
        self.tensors = tensors
    }

    private static func metadata(
        _ node: JSONValue?, _ malformed: (String) -> LanguageModelError
    ) throws -> [String: String] {
        guard let node, node != .null else { return [:] }
        guard case .object(let members) = node else {
            throw malformed("the header's `__metadata__` is not a table of texts")
        }
        return try members.mapValues {
            guard case .string(let text) = $0 else {
                throw malformed("the header's `__metadata__` is not a table of texts")
            }
            return text
        }
    }

    /// Throws unless every tensor has the length that its shape requires and the tensors fill `size` bytes
    /// without gaps.
    private static func check(
        _ tensors: [String: Tensor], size: Int, _ malformed: (String) -> LanguageModelError
    ) throws {
        let ordered = tensors.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
                < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
        }
        var end = 0
        for (name, tensor) in ordered {
            guard tensor.bytes.upperBound <= size else {
                throw malformed(
                    "the file is truncated: '\(name)' ends at byte \(tensor.bytes.upperBound), \(size) are there"
                )
            }
            guard tensor.bytes.lowerBound == end else {
                throw malformed(
                    "'\(name)' begins at byte \(tensor.bytes.lowerBound), where \(end) is next: there is a gap or an overlap"
                )
            }
            if let bits = tensor.bits, bits != tensor.bytes.count * 8 {
                throw malformed(
                    "'\(name)' has \(tensor.bytes.count) bytes, its shape needs \(bits / 8)")
            }
            end = tensor.bytes.upperBound
        }
        guard end == size else {
            throw malformed("\(size - end) bytes after the last tensor belong to no tensor")
        }
    }

    /// The entry of a tensor. Throws unless it exists with this shape as F32, BF16 or F16.
    func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        guard let tensor = tensors[name] else {
            throw LanguageModelError.malformed(
                path: path, reason: "the tensor '\(name)' is missing")
        }
        guard tensor.shape == shape else {
            throw LanguageModelError.malformed(
                path: path,
                reason: "'\(name)' has the shape \(tensor.shape), config.json requires \(shape)")
        }
        let count = shape.reduce(1, *)
        let width = ["F32": 4, "BF16": 2, "F16": 2][tensor.type]
        guard let width else {
            throw LanguageModelError.malformed(
                path: path,
                reason: "'\(name)' has the type \(tensor.type); F32, BF16 and F16 are read")
        }
        guard tensor.bytes.count == count * width else {
            throw LanguageModelError.malformed(
                path: path,
                reason:
                    "'\(name)' has \(tensor.bytes.count) bytes, its shape needs \(count * width)")
        }
        return tensor
    }

    /// Copies a tensor as float32 to `target`. Throws as `tensor` does.
    func copy(_ name: String, shape: [Int], to target: UnsafeMutablePointer<Float>) throws {
        let tensor = try tensor(name, shape: shape)
        let count = shape.reduce(1, *)
        let source = bytes(of: tensor)
        switch tensor.type {
        case "F32":
            UnsafeMutableRawBufferPointer(start: target, count: count * 4).copyMemory(from: source)
        case "BF16": vk_widen_bfloat16(source.baseAddress, target, count)
        default: vk_widen_float16(source.baseAddress, target, count)
        }
    }

    private func bytes(of tensor: Tensor) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            rebasing: file.bytes[
                (start + tensor.bytes.lowerBound)..<(start + tensor.bytes.upperBound)])
    }

    /// Calls `body` with the bytes of a tensor of any type; returns `nil` if there is no tensor with this name.
    package func withBytes<Result>(
        of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result? {
        try tensors[name].map { try body(bytes(of: $0)) }
    }
}

extension SafeTensors {
    /// A float32 tensor to write.
    struct Entry {
        let name: String
        let shape: [Int]
        let values: UnsafePointer<Float>

        init(_ name: String, _ shape: [Int], _ values: UnsafePointer<Float>) {
            self.name = name
            self.shape = shape
            self.values = values
        }
    }

    /// Writes a file with the entries in order, without copying them. The file is written to a temporary name,
    /// flushed and renamed.
    static func write(_ entries: [Entry], metadata: [String: String], to path: String) throws {
        var offset = 0
        var parts: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map {
                "\(JSONFile.quoted($0.key)):\(JSONFile.quoted($0.value))"
            }
            parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        for entry in entries {
            let bytes = entry.shape.reduce(4, *)
            let shape = entry.shape.map(String.init).joined(separator: ",")
            parts.append(
                "\"\(entry.name)\":{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(offset + bytes)]}"
            )
            offset += bytes
        }
        var header = Data("{\(parts.joined(separator: ","))}".utf8)
        header.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8))
        try DurableFile.write(to: path) { sink in
            try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try sink.append($0) }
            try header.withUnsafeBytes { try sink.append($0) }
            for entry in entries {
                try sink.append(
                    UnsafeRawBufferPointer(start: entry.values, count: entry.shape.reduce(4, *)))
            }
        }
    }

    static func reason(_ error: any Error) -> String {
        let code = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let code, code.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(code.code)))
        }
        if (error as? CocoaError)?.code == .fileReadNoSuchFile { return "there is no such file" }
        return (error as NSError).localizedDescription
    }
}
