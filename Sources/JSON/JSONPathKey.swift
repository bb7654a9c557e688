/// A step to a part of a JSON value: a member's name or an element's number from 0.
package struct JSONPathKey: CodingKey {
    package let stringValue: String
    package let intValue: Int?

    package init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    package init(_ index: Int) {
        stringValue = "\(index)"
        intValue = index
    }

    package init(stringValue: String) { self.init(stringValue) }

    package init(intValue: Int) { self.init(intValue) }

    /// A path as messages have it, its parts separated by dots.
    package static func text(_ path: [any CodingKey]) -> String {
        path.map(\.stringValue).joined(separator: ".")
    }
}
