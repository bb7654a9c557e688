import Foundation

extension ProcessInfo {
    /// The names of the variables whose values are not UTF-8. `environment` has other values for them.
    var garbledVariables: Set<String> {
        Set(
            environment.keys.filter {
                getenv($0).map { String(validatingCString: $0) == nil } ?? false
            })
    }
}
