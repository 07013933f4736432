import Testing
import Voxtile
import VoxtileInference

@Suite("OnnxModel", .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
struct OnnxModelTests {
  private let shape = [2, 1, 2, 4, 6]

  @Test("a model of the identity gives back every value", arguments: ["identity", "passthrough"])
  func identity(name: String) async throws {
    let model = try OnnxTestModels.load(name)
    let batch = OnnxTestModels.tensor([2, 3, 2, 3, 4])
    let result = try await model.predict(batch)
    #expect(result.count == 1)
    #expect(result[0].shape == batch.shape)
    #expect(result[0].values == batch.values)
  }

  @Test(
    "a prediction keeps its values when batch and model are gone", arguments: ["identity", "passthrough"])
  func predictionOutlivesTheModel(name: String) async throws {
    func predict() async throws -> PatchTensor {
      let values = (0..<100_000).map { Float($0) }
      return try await OnnxTestModels.load(name).predict(
        PatchTensor(shape: [1, 1, 10, 100, 100], values: values))[0]
    }
    let result = try await predict()
    // Would be written over in memory that has been given back.
    let other = [Float](repeating: -1, count: 100_000)
    #expect(other.count == result.count)
    #expect(result.values == (0..<100_000).map { Float($0) })
  }

  @Test("channels are scaled and shifted each by its own numbers")
  func channels() async throws {
    let model = try OnnxTestModels.load("scale_shift")
    #expect(model.signature.input.channels == 1)
    #expect(model.signature.outputs[0].channels == 3)
    let batch = OnnxTestModels.tensor(shape)
    let result = try await model.predict(batch)[0]
    #expect(result.shape == [2, 3, 2, 4, 6])
    var expected: [Float] = []
    for patch in [batch.values.prefix(48), batch.values.suffix(48)] {
      expected += Array(patch)
      expected += patch.map { 2 * $0 + 10 }
      expected += patch.map { -3 * $0 + 0.5 }
    }
    #expect(result.values == expected)
  }

  @Test("half-size and double-size predictions keep their shape")
  func otherSizes() async throws {
    let batch = OnnxTestModels.tensor([1, 1, 2, 4, 6])
    let pooled = try await OnnxTestModels.load("pool").predict(batch)[0]
    #expect(pooled.shape == [1, 1, 1, 2, 3])
    // Values grow along the array, so that the largest of a cube is its last.
    #expect(pooled.values == [31, 33, 35, 43, 45, 47].map { batch.values[$0] })
    let enlarged = try await OnnxTestModels.load("upsample").predict(pooled)[0]
    #expect(enlarged.shape == batch.shape)
    let row = pooled.values.prefix(3).flatMap { [$0, $0] }
    #expect(Array(enlarged.values.prefix(12)) == row + row)
  }

  @Test("the signature is what the model declares")
  func signatures() throws {
    func signature(_ name: String) throws -> ModelSignature { try OnnxTestModels.load(name).signature }
    let fixed = try signature("fixed")
    #expect(fixed.input == TensorShape(name: "image", channels: 1, spatial: [2, 3, 4]))
    #expect(fixed.input.description == "image [?, 1, 2, 3, 4]")
    #expect(fixed.outputs == [TensorShape(name: "result", channels: 1, spatial: [2, 3, 4])])
    #expect(try signature("batch_one").input.batch == 1)
    #expect(try signature("identity").input.channels == nil)
    let flat = try signature("flat")
    #expect(flat.spatialRank == 2)
    #expect(flat.input.spatial == [nil, nil])
    #expect(try signature("identity").spatialRank == 3)
    #expect(try signature("weight_as_input").input.name == "image")
  }

  @Test("a flat model predicts flat patches")
  func flat() async throws {
    let batch = OnnxTestModels.tensor([3, 1, 4, 5])
    let result = try await OnnxTestModels.load("flat").predict(batch)[0]
    #expect(result.shape == batch.shape)
    #expect(result.values == batch.values.map { -$0 })
  }

  @Test("the first output is predicted, or those that are named, in the order named")
  func outputs() async throws {
    let batch = OnnxTestModels.tensor(shape)
    let first = try OnnxTestModels.load("two_outputs")
    #expect(first.signature.outputs.map(\.name) == ["negative"])
    #expect(try await first.predict(batch).map(\.values) == [batch.values.map { -$0 }])
    let both = try OnnxTestModels.load(
      "two_outputs", options: .init(input: "image", outputs: ["absolute", "negative"]))
    #expect(
      try await both.predict(batch).map(\.values) == [batch.values.map { abs($0) }, batch.values.map { -$0 }])
  }

  @Test("half and double precision are converted on both sides", arguments: ["half", "double"])
  func precision(name: String) async throws {
    let batch = OnnxTestModels.tensor(shape)
    let result = try await OnnxTestModels.load(name).predict(batch)[0]
    #expect(result.shape == shape)
    #expect(result.values == batch.values.map { -$0 })
  }

  @Test("NaN is passed on as it is")
  func notANumber() async throws {
    let result = try await OnnxTestModels.load("nan").predict(OnnxTestModels.tensor(shape))[0]
    #expect(result.count == 96)
    #expect(result.values.allSatisfy { $0.isNaN })
  }

  @Test("several threads may predict at the same time, and get the same bits")
  func threads() async throws {
    let model = try OnnxTestModels.load("convolution")
    let batches = (1...24).map { OnnxTestModels.tensor([1 + $0 % 3, 1, 4 + $0, 5, 6]) }
    var alone: [[Float]] = []
    for batch in batches { alone.append(try await model.predict(batch)[0].values) }
    let together = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for (index, batch) in batches.enumerated() {
        group.addTask { (index, try await model.predict(batch)[0].values) }
      }
      return try await group.reduce(into: [[Float]](repeating: [], count: batches.count)) { $0[$1.0] = $1.1 }
    }
    #expect(together == alone)
    #expect(alone.allSatisfy { $0.contains { $0 > 0 } })
  }

  @Test("the number of threads does not change a bit")
  func jobs() async throws {
    let batch = OnnxTestModels.tensor([2, 1, 16, 17, 18])
    let one = try await OnnxTestModels.load("convolution", options: .init(jobs: .one)).predict(batch)[0]
    let four = try await OnnxTestModels.load("convolution", options: .init(jobs: Jobs(4))).predict(batch)[0]
    #expect(one.values == four.values)
  }

  @Test("a library that is named is used, and a library is opened once")
  func library() throws {
    let found = try OnnxRuntime.open()
    let model = try OnnxTestModels.load("identity", options: .init(runtime: found.path))
    #expect(model.runtime === found)
  }
}
