import Foundation
import LanguageModel
import Testing

/// The settings of what computes, and what runs say of it.
@Suite("Products", .timeLimit(.minutes(10)))
struct ProductsToolTests {
    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write(
            """
            name: short
            stages:
              base: { uses: train.pretrain, with: { steps: 3, seed: 1 } }
            """, to: "short.yaml")
    }

    private func column(_ query: String, of store: String) throws -> [String] {
        try tool.run("sql", query, "--store", store, "--format", "csv").output
            .split(separator: "\n").dropFirst().map(String.init)
    }

    @Test(
        "A run with OpenBLAS says so, and its figures differ from those of the kernels in rounding alone",
        .enabled(if: Products.openBLASFailure == nil, "OpenBLAS is not installed"))
    func openBLAS() throws {
        let losses = try ["own", "openblas"].map { products in
            let errors = try tool.shell(
                "VIREO_PRODUCTS=\(products) \"$0\" run short.yaml --store \(products)")
            let recorded = try column("SELECT machine ->> 'products' FROM run", of: products)
            #expect(recorded.count == 1 && recorded[0].hasPrefix(products), "\(errors)")
            return try column(
                "SELECT value FROM metric WHERE name = 'loss' ORDER BY step", of: products
            ).compactMap(Double.init)
        }
        #expect(losses[0].count == 3 && losses[1].count == 3)
        for (own, other) in zip(losses[0], losses[1]) { #expect(abs(other / own - 1) < 1e-4) }
    }

    @Test(
        "An invalid setting, or one that is not available, is an error before work begins",
        arguments: [
            (
                "VIREO_PRODUCTS=mkl",
                "the environment variable VIREO_PRODUCTS is 'mkl': it must be own or openblas"
            ),
            (
                "VIREO_KERNELS=AVX3",
                "the environment variable VIREO_KERNELS is 'AVX3': it must be AVX-512 or AVX2 or baseline"
            ),
            (
                "LD_LIBRARY_PATH=broken VIREO_PRODUCTS=openblas",
                "cannot use OpenBLAS: libopenblas.so.0 is not installed or cannot be loaded; install Debian's libopenblas0-pthread, or set VIREO_PRODUCTS=own"
            ),
        ])
    func refusals(setting: String, problem: String) throws {
        try tool.write("This is no library.\n", to: "broken/libopenblas.so.0")
        let errors = try tool.shell("\(setting) \"$0\" run short.yaml --store store; echo $? >&2")
        #expect(errors == "vireo: error: \(problem)\n1\n")
        #expect(!FileManager.default.fileExists(atPath: tool.directory + "/store"))
    }

    @Test("An empty setting is none")
    func empty() throws {
        let errors = try tool.shell("VIREO_PRODUCTS= VIREO_KERNELS= \"$0\" stages; echo $? >&2")
        #expect(errors == "0\n")
    }

    @Test(
        "The benchmark of products measures the kernels and OpenBLAS for every matrix",
        .enabled(if: Products.openBLASFailure == nil, "OpenBLAS is not installed"))
    func benchmark() throws {
        let arguments = ["bench", "products", "--config", "tiny", "--repetitions", "1"]
        let result = try tool.run(arguments + ["--json"])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        let figures = try #require(object as? [String: Any], "\(result.errors)")
        #expect(figures.keys.sorted() == ["bench", "kernels", "openblas", "products"])
        let rows = try #require(figures["products"] as? [[String: Any]])
        let names = ["projection", "output", "gate_up", "down", "head"]
        #expect(
            rows.map { "\($0["matrix"] as! String) \($0["product"] as! String)" }
                == names.flatMap { name in
                    ["apply", "propagate", "accumulate"].map { "\(name) \($0)" }
                })
        #expect(
            rows[0].keys.sorted() == [
                "config", "inputs", "matrix", "openblas_gflops", "outputs", "own_gflops", "product",
                "ratio", "rows",
            ])
        for row in rows {
            for name in ["own_gflops", "openblas_gflops", "ratio"] {
                #expect((row[name] as? Double ?? 0) > 0, "\(name)")
            }
        }
        let text = try tool.run(arguments).output
        #expect(text.hasPrefix("kernels "))
        #expect(text.contains("\ntiny    projection  apply "))
    }
}
