/// A step of a path in a JSON value: the name of a member or the index of an element.
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

    /// A path for messages, with parts separated by dots.
    package static func text(_ path: [any CodingKey]) -> String {
        path.map(\.stringValue).joined(separator: ".")
    }
}
