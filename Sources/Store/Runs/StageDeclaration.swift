/// A stage of a run, before anything happened to it.
package struct StageDeclaration: Hashable, Sendable {
    package let id: String
    package let name: String
    package let kind: String

    package init(id: String, name: String, kind: String) {
        self.id = id
        self.name = name
        self.kind = kind
    }
}
