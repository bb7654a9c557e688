import Foundation

/// A value as SQLite types it.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob(Data)

    /// A value with borrowed bytes, whose owner determines their lifetime. It avoids copying millions of values.
    package enum Borrowed {
        case null
        case integer(Int64)
        case real(Double)
        /// UTF-8.
        case text(UnsafeRawBufferPointer)
        case blob(UnsafeRawBufferPointer)
    }

    /// A copy of a value.
    package init(_ value: Borrowed) {
        self =
            switch value {
            case .null: .null
            case .integer(let integer): .integer(integer)
            case .real(let real): .real(real)
            case .text(let bytes): .text(String(decoding: bytes, as: UTF8.self))
            case .blob(let bytes): .blob(Data(bytes))
            }
    }
}
