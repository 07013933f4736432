import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// What every engine keeps:
///
/// 1. A batch of n patches is n batches of one: the same bits where the model is repeatable, else nearly.
/// 2. Predictions asked for at the same time are those asked for one after another.
/// 3. A batch of another shape is an error that names both shapes.
/// 4. A file that is missing is an error that names it.
/// 5. A file of something else is not taken, or is an error that names it.
struct EngineContract {
  /// The engine.
  let engine: any Engine
  /// How it loads networks.
  var options = EngineOptions(jobs: .one)
  /// A network that takes any batch of patches of one channel and three axes.
  let file: String

  /// Checks everything.
  func check() async throws {
    guard case .ready(let version) = engine.availability(options) else {
      Issue.record("\(engine.name) cannot run here")
      return
    }
    #expect(!version.isEmpty && engine.takes(file))
    let model = try await engine.load(file, options: options)
    try await checkBatches(model)
    try await checkTasks(model)
    try await checkShapes(model)
    try await checkFiles()
  }

  private func patch(_ number: Int) -> [Float] {
    var random = SplitMix64(seed: UInt64(number))
    return (0..<4 * 5 * 6).map { _ in Float.random(in: -2...2, using: &random) }
  }

  private func tensor(_ numbers: Range<Int>) -> PatchTensor {
    PatchTensor(shape: [numbers.count, 1, 4, 5, 6], values: numbers.flatMap(patch))
  }

  private func checkBatches(_ model: any PatchModel) async throws {
    let count = min(3, model.capabilities.largestBatch ?? 3)
    let together = try await model.predict(tensor(0..<count))[0].values
    var apart: [Float] = []
    for number in 0..<count { apart += try await model.predict(tensor(number..<number + 1))[0].values }
    if model.capabilities.isRepeatable {
      #expect(together == apart, "\(engine.name): a batch has other bits than its patches")
    } else {
      #expect(largestDifference(together, apart) < 1e-4, "\(engine.name)")
    }
  }

  private func checkTasks(_ model: any PatchModel) async throws {
    var expected: [[Float]] = []
    for number in 0..<8 { expected.append(try await model.predict(tensor(number..<number + 1))[0].values) }
    let found = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for number in 0..<8 {
        group.addTask { (number, try await model.predict(tensor(number..<number + 1))[0].values) }
      }
      return try await group.reduce(into: [[Float]](repeating: [], count: 8)) { $0[$1.0] = $1.1 }
    }
    for number in 0..<8 {
      #expect(
        model.capabilities.isRepeatable
          ? found[number] == expected[number] : largestDifference(found[number], expected[number]) < 1e-4)
    }
  }

  private func checkShapes(_ model: any PatchModel) async throws {
    let error = await #expect(throws: VoxtileError.self) {
      _ = try await model.predict(PatchTensor(shape: [1, 2, 4, 5, 6], values: patch(0) + patch(1)))
    }
    #expect(error?.code == .predictionFailed && error?.context.file == file)
    #expect(error?.context.found == "[1, 2, 4, 5, 6]" && error?.context.expected?.contains(", 1, ") == true)
  }

  private func checkFiles() async throws {
    try await withTemporaryFolder { folder in
      let ending = file.split(separator: ".").last.map(String.init) ?? ""
      let missing = await #expect(throws: VoxtileError.self) {
        _ = try await engine.load("\(folder)/missing.\(ending)", options: options)
      }
      #expect(missing?.code == .fileAccess && missing?.context.file == "\(folder)/missing.\(ending)")
      // A PNG file, under the engine's own ending and under another one.
      let foreign: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
      for name in ["foreign.\(ending)", "foreign.png"] {
        try writeFile(foreign, to: "\(folder)/\(name)")
        guard engine.takes("\(folder)/\(name)") else { continue }
        let error = await #expect(throws: VoxtileError.self) {
          _ = try await engine.load("\(folder)/\(name)", options: options)
        }
        #expect(error?.code == .modelNotUsable && error?.context.file == "\(folder)/\(name)")
      }
    }
  }
}

/// The engines that keep the contract: one line each.
@Suite("EngineContract") struct EngineContractTests {
  @Test(.enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
  func onnxRuntime() async throws {
    try await EngineContract(engine: OnnxEngine(), file: OnnxTestModels.path("convolution")).check()
  }
}
