import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// The models that `make_models.py` made, and a library to run them.
enum OnnxTestModels {
  /// Whether ONNX Runtime is found; tests that need it are skipped where it is not.
  static let canRun = (try? OnnxRuntime.open()) != nil

  static func path(_ name: String) throws -> String {
    try Fixture.url("models/\(name).onnx").path
  }

  static func load(
    _ name: String, options: OnnxModel.Options = .init(jobs: .one)
  ) throws -> OnnxModel {
    try OnnxModel(contentsOf: path(name), options: options)
  }

  /// Distinct values, positive and negative.
  static func tensor(_ shape: [Int]) -> PatchTensor {
    let count = shape.reduce(1, *)
    return PatchTensor(shape: shape, values: (0..<count).map { Float($0) * 0.25 - Float(count) / 16 })
  }

  /// The error that something throws.
  static func error(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
  ) async throws -> VoxtileError {
    try await #require(throws: VoxtileError.self, sourceLocation: sourceLocation) { _ = try await body() }
  }
}

/// Where `swift test` does not find ONNX Runtime.
let needsOnnxRuntime: Comment = "needs ONNX Runtime, which script/bootstrap installs"
