/// Options, inputs or resources of a stage that contradict each other, in the words of its kind.
package struct OptionMistake: LastingError, Hashable, CustomStringConvertible {
    package enum Place: Hashable, Sendable {
        case option(String)
        case input(String)
        case resource(String)
    }

    /// Where the mistake is reported: at the first of these that the pipeline gives, otherwise at the stage.
    package let places: [Place]
    package let message: String
    package let remedy: String?

    package init(at places: Place..., message: String, remedy: String? = nil) {
        self.init(places: places, message: message, remedy: remedy)
    }

    package init(places: [Place], message: String, remedy: String? = nil) {
        self.places = places
        self.message = message
        self.remedy = remedy
    }

    package var description: String { message + (remedy.map { ": \($0)" } ?? "") }

    package var isLasting: Bool { true }
}

/// What is known of an instance of a stage before anything runs.
package struct StageSettings: Sendable {
    package let options: Options

    /// How many artifacts each input of the pipeline has. Optional inputs that are left out are missing.
    package let inputs: [String: Int]

    /// The resources that the pipeline gives, without the defaults of a profile.
    package let resources: Resources

    package init(options: Options, inputs: [String: Int], resources: Resources = Resources()) {
        self.options = options
        self.inputs = inputs
        self.resources = resources
    }
}
