import Foundation
import Testing
import vireo

@Suite("Where the store is", .timeLimit(.minutes(10)))
struct StoreLocationTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    private func location(
        option: String? = nil, environment: [String: String] = [:], in directory: String = ""
    ) -> StoreLocation {
        StoreLocation(
            option: option, environment: environment,
            currentDirectory: tool.directory + directory)
    }

    @Test(
        "The option takes precedence over the environment, and the environment over the nearest store"
    )
    func precedence() throws {
        let environment = ["VIREO_STORE": "/there"]
        #expect(
            location(option: "here", environment: environment).directory(forPipeline: "a.yaml")
                == "here")
        #expect(location(environment: environment).directory(forPipeline: "a.yaml") == "/there")
        #expect(try location(environment: environment).directory() == "/there")
        #expect(
            location(environment: ["VIREO_STORE": ""]).directory(forPipeline: "a.yaml") == ".vireo")
    }

    @Test("A pipeline's store is beside its file")
    func beside() {
        #expect(location().directory(forPipeline: "a.yaml") == ".vireo")
        #expect(location().directory(forPipeline: "pipelines/a.yaml") == "pipelines/.vireo")
        #expect(location().directory(forPipeline: "/a.yaml") == "/.vireo")
    }

    @Test("Without a pipeline the nearest store is taken, as git does")
    func nearest() throws {
        try tool.write("", to: "pipelines/.vireo/vireo.db")
        try tool.write("", to: "pipelines/deep/er/x")
        let store = tool.directory + "/pipelines/.vireo"
        #expect(try location().directory() == "pipelines/.vireo")
        #expect(try location(in: "/pipelines").directory() == ".vireo")
        #expect(try location(in: "/pipelines/deep/er").directory() == store)
        #expect(location(in: "/pipelines/deep").finds(store))
        #expect(location().finds("pipelines/.vireo"))
        #expect(!location().finds("pipelines/deep/.vireo"))
        #expect(!location(environment: ["VIREO_STORE": "/there"]).finds("pipelines/.vireo"))
    }
}
