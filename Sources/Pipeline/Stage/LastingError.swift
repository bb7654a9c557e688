/// A stage's error that may be of the kind that trying again cannot mend, such as options that make no
/// sense together.
package protocol LastingError: Error {
    var isLasting: Bool { get }
}
