import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

@Suite("Damaged models", .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
struct OnnxDamageTests {
  /// Loads bytes as a model and predicts with it; gives the error, if there is one.
  private func attempt(_ bytes: [UInt8], at path: String) async throws -> VoxtileError? {
    try writeFile(bytes, to: path)
    do {
      let model = try OnnxModel(contentsOf: path, options: .init(jobs: .one))
      let input = model.signature.input
      let spatial = input.spatial.map { $0 ?? 4 }
      let shape = [input.batch ?? 1, input.channels ?? 1] + spatial
      // A damaged size may ask for any amount of memory.
      guard shape.allSatisfy({ $0 < 100 }) else { return nil }
      _ = try await model.predict(OnnxTestModels.tensor(shape))
      return nil
    } catch let error as VoxtileError {
      return error
    }
  }

  @Test("a truncated model does not load", arguments: ["identity", "scale_shift", "convolution"])
  func truncated(name: String) async throws {
    let bytes = try fileBytes(OnnxTestModels.path(name))
    try await withTemporaryFolder { folder in
      var refused = 0
      for count in 0..<bytes.count {
        if let error = try await attempt(Array(bytes.prefix(count)), at: "\(folder)/model.onnx") {
          #expect([.modelNotUsable, .predictionFailed].contains(error.code), "\(count) bytes: \(error)")
          refused += 1
        }
      }
      // Only where nothing but the last field is lost may it be a model still.
      #expect(refused >= bytes.count - 4, "\(refused) of \(bytes.count)")
    }
  }

  @Test("changed bytes are refused or predict something, and nothing crashes")
  func mutated() async throws {
    let bytes = try fileBytes(OnnxTestModels.path("convolution"))
    var random = SplitMix64(seed: 17)
    try await withTemporaryFolder { folder in
      var refused = 0
      for _ in 0..<600 {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if let error = try await attempt(changed, at: "\(folder)/model.onnx") {
          #expect([.modelNotUsable, .predictionFailed].contains(error.code), "\(error)")
          refused += 1
        }
      }
      #expect(refused > 100)
    }
  }
}
