/// The origins of artifacts: stages of a plan, executions of earlier runs, or both.
package struct Lineage: Sendable {
    package enum Origin: Hashable, Sendable {
        /// A stage of the plan, by its id.
        case planned(String)

        /// An execution in a run.
        case executed(run: Int64, execution: Int64)
    }

    /// An output that is read.
    package struct Source: Hashable, Sendable {
        package let origin: Origin
        package let output: String

        package init(origin: Origin, output: String) {
            self.origin = origin
            self.output = output
        }
    }

    package struct Node: Sendable {
        /// The ids of its stages; stages with the same cache key share a node.
        package let names: [String]

        /// The canonical text of its key document.
        package let document: String

        /// Its inputs; gathered artifacts are in order.
        package let inputs: [String: [Source]]

        package init(names: [String], document: String, inputs: [String: [Source]]) {
            self.names = names
            self.document = document
            self.inputs = inputs
        }
    }

    package var nodes: [Origin: Node]

    package init(nodes: [Origin: Node] = [:]) { self.nodes = nodes }

    /// Adds a stage of a plan whose inputs are known.
    package mutating func add(_ stage: PlannedStage, _ document: KeyDocument) {
        nodes[.planned(stage.id)] = Node(
            names: [stage.id], document: document.canonical,
            inputs: stage.inputs.mapValues { references in
                references.map { Source(origin: .planned($0.stage), output: $0.output) }
            })
    }
}
