import Synchronization
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// Networks whose axes lie in another order, and those of whole numbers.
@Suite("OnnxModel: other shapes and types", .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
struct OnnxShapesTests {
  /// Three channels of each value v: v, 2v + 10 and 0.5 - 3v.
  private func three(_ values: [Float]) -> [Float] {
    values + values.map { 2 * $0 + 10 } + values.map { 0.5 - 3 * $0 }
  }

  @Test(
    "channels that come last, and a missing axis for the batch, are turned around, and said to be guessed")
  func layouts() async throws {
    for (name, letters, fixed) in [("channels_last", "NDHWC", nil), ("no_batch", "CDHW", 1)] {
      let model = try OnnxTestModels.load(name)
      #expect(model.signature.input.channels == 1 && model.signature.input.batch == fixed)
      #expect(model.signature.outputs[0].channels == 3 && model.signature.spatialRank == 3)
      #expect(model.remarks.count == 1 && model.remarks[0].message.contains(letters))
      let batch = OnnxTestModels.tensor([fixed ?? 2, 1, 2, 3, 4])
      let result = try await model.predict(batch)[0]
      #expect(result.shape == [fixed ?? 2, 3, 2, 3, 4])
      let patches = stride(from: 0, to: batch.count, by: 24).map { Array(batch.values[$0..<$0 + 24]) }
      #expect(result.values == patches.flatMap(three))
      let named = try OnnxTestModels.load(name, options: .init(jobs: .one, layout: TensorLayout(letters)))
      #expect(named.remarks.isEmpty)
    }
  }

  @Test("a layout with another number of axes is refused, and one of the same number is believed")
  func named() async throws {
    let error = try await OnnxTestModels.error {
      try OnnxTestModels.load("identity", options: .init(layout: TensorLayout("CDHW")))
    }
    #expect(error.code == .modelNotUsable && error.message.contains("CDHW has 4 axes"))
    let last = try OnnxTestModels.load("identity", options: .init(layout: TensorLayout("NDHWC")))
    let batch = OnnxTestModels.tensor([2, 3, 2, 2, 2])
    #expect(try await last.predict(batch)[0].values == batch.values)
    let unknown = try await OnnxTestModels.error { try OnnxTestModels.load("rank3") }
    #expect(unknown.remedy == .nameLayout)
    let flat = try OnnxTestModels.load("rank3", options: .init(layout: TensorLayout("DHW")))
    let volume = OnnxTestModels.tensor([1, 1, 2, 3, 4])
    #expect(try await flat.predict(volume)[0].values == volume.values.map { -$0 })
    let several = try await OnnxTestModels.error {
      try await flat.predict(OnnxTestModels.tensor([2, 1, 2, 3, 4]))
    }
    #expect(several.code == .predictionFailed)
  }

  @Test("inputs of whole numbers get the nearest ones, and what they do not have is said once")
  func integers() async throws {
    let values: [Float] = [-300, -1.5, -0.4, 0, 0.6, 2.5, 126.7, 200, 40000, .nan, 1, 2]
    for (name, least, largest) in [
      ("uint8", Float(0), Float(255)), ("int8", -128, 127), ("int16", -32768, 32767),
      ("int32", -2_147_483_648, 0x1p31),
    ] {
      let warnings = Mutex<[String]>([])
      let model = try OnnxTestModels.load(
        "\(name)_input", options: .init(warn: { warning in warnings.withLock { $0.append(warning) } }))
      let batch = PatchTensor(shape: [1, 1, 2, 2, 3], values: values)
      for _ in 0..<2 {
        let found = try await model.predict(batch)[0].values
        let expected = values.map { $0.isNaN ? 0 : min(max($0.rounded(.toNearestOrEven), least), largest) }
        #expect(found == expected, "\(name)")
      }
      let said = warnings.withLock { $0 }
      let outside = values.count {
        !($0.rounded(.toNearestOrEven) >= least && $0.rounded(.toNearestOrEven) <= largest)
      }
      #expect(said.count == 1 && said[0].contains(" \(outside) of the values"), "\(said)")
    }
  }

  @Test("labels come as whole numbers, with a range, also without an axis for channels")
  func labels() async throws {
    let batch = PatchTensor(shape: [2, 1, 1, 2, 2], values: [-3, 0, 3, 0.5, 2, -0.9, -1.5, 7])
    let expected: [Float] = [0, 1, 2, 1, 2, 1, 0, 2]
    for (name, range) in [
      ("labels_flat", -1 << 24...1 << 24), ("labels_uint8", 0...255), ("labels_bool", 0...1),
    ] {
      let model = try OnnxTestModels.load(name)
      #expect(model.signature.outputs[0].labelRange == range && model.signature.outputs[0].channels == 1)
      let result = try await model.predict(batch)[0]
      #expect(result.shape == [2, 1, 1, 2, 2])
      #expect(result.values == (name == "labels_bool" ? expected.map { min($0, 1) } : expected))
      let scan = try Volume<Float>(extent: Extent(width: 2, height: 2, depth: 2), voxels: batch.values)
      var settings = InferenceSettings()
      settings.patch = Extent(2)
      let labels = try await PatchPipeline(model: model, settings: settings).labels(of: scan)
      #expect(labels.voxels.map(Float.init) == result.values)
    }
  }

  @Test("the first of several outputs is said to be the first, unless it was named")
  func outputs() throws {
    let first = try OnnxTestModels.load("two_outputs")
    #expect(first.remarks.count == 1 && first.remarks[0].remedy == .chooseOutput)
    #expect(first.remarks[0].message.contains("negative") && first.remarks[0].message.contains("absolute"))
    #expect(try OnnxTestModels.load("two_outputs", options: .init(outputs: ["negative"])).remarks.isEmpty)
    #expect(try OnnxTestModels.load("identity").remarks.isEmpty)
  }

  @Test("the files of a network are its own and those in which it keeps weights, as far as they are there")
  func files() throws {
    try withTemporaryFolder { folder in
      let engine = OnnxEngine()
      for (name, weights) in [("external", "missing.bin"), ("identity", nil)] {
        let path = "\(folder)/\(name).onnx"
        try writeFile(fileBytes(OnnxTestModels.path(name)), to: path)
        #expect(engine.files(of: path) == [path])
        guard let weights else { continue }
        try writeFile([0], to: "\(folder)/\(weights)")
        #expect(engine.files(of: path) == [path, "\(folder)/\(weights)"])
      }
      // The name may lie where one block that is read ends and the next one begins.
      var bytes = [UInt8](repeating: 0, count: (1 << 20) - 8)
      bytes += [0x0A, 8] + Array("location".utf8) + [0x12, 11] + Array("missing.bin".utf8)
      try writeFile(bytes, to: "\(folder)/large.onnx")
      #expect(engine.files(of: "\(folder)/large.onnx").count == 2)
      #expect(engine.files(of: "\(folder)/nothing.onnx") == ["\(folder)/nothing.onnx"])
    }
  }

  @Test("valid convolutions are found out, and a size that does not fit is answered with those that do")
  func sizes() async throws {
    let scan = Volume<Float>(extent: Extent(12), repeating: 1)
    var settings = InferenceSettings()
    settings.patch = Extent(6)
    let valid = try OnnxTestModels.load("valid")
    let sums = try await PatchPipeline(model: valid, settings: settings).values(.logits, of: scan)
    #expect(sums.extent == scan.extent)
    #expect(abs(sums[x: 5, y: 5, z: 5] - 27) < 1e-4 && abs(sums[x: 0, y: 0, z: 5] - 12) < 1e-4)
    let messages = Mutex<[String]>([])
    let multiple = try OnnxTestModels.load(
      "multiple", options: .init(warn: { message in messages.withLock { $0.append(message) } }))
    let error = try await OnnxTestModels.error {
      try await PatchPipeline(model: multiple, settings: settings).values(.logits, of: scan)
    }
    #expect(error.message.hasSuffix("a multiple of 4: 4x4x4 or 8x8x8 (both were tried)"))
    // In the words of ONNX Runtime once, and not for the sizes that were tried.
    #expect(error.underlying != nil && messages.withLock { $0.isEmpty })
  }
}
