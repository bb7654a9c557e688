import Foundation

extension POSIXError {
    /// Why the last call of the operating system failed.
    static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
