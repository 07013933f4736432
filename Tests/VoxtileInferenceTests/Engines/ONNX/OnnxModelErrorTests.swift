import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

@Suite("What OnnxModel refuses", .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
struct OnnxModelErrorTests {
  @Test("a file that is not there, or is a folder")
  func noFile() async throws {
    try await withTemporaryFolder { folder in
      for path in ["\(folder)/nothing.onnx", folder] {
        let error = try await OnnxTestModels.error { try OnnxModel(contentsOf: path) }
        #expect(error.code == .fileAccess)
        #expect(error.context.file == path)
      }
    }
  }

  @Test("a file that is no model")
  func noModel() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/text.onnx"
      for bytes in [[], Array("this is not a network".utf8), [UInt8](repeating: 0xFF, count: 4096)] {
        try writeFile(bytes, to: path)
        let error = try await OnnxTestModels.error { try OnnxModel(contentsOf: path) }
        #expect(error.code == .modelNotUsable)
        #expect(error.context.file == path)
        #expect(error.underlying != nil)
      }
    }
  }

  @Test(
    "a model whose inputs or outputs are not patches, saying which",
    arguments: [
      ("rank3", "image has the shape [?, ?, ?]"),
      ("classifier", "result has the shape [?, ?], but its input has [n, channels, depth, height, width]"),
      ("uint64_input", "image has values of type uint64"),
      ("sequence", "result is not a tensor"),
      ("two_inputs", "needs 2 inputs (image [?, ?, ?, ?, ?], prior [?, ?, ?, ?, ?])"),
    ])
  func notPatches(name: String, words: String) async throws {
    let error = try await OnnxTestModels.error { try OnnxTestModels.load(name) }
    #expect(error.code == .modelNotUsable)
    #expect(error.message.contains(words), "\(error.message)")
    #expect(error.context.file == (try OnnxTestModels.path(name)))
  }

  @Test(
    "a model that ONNX Runtime does not load, in its words",
    arguments: [("unknown_operator", "Mystery"), ("external", "missing.bin")])
  func notLoaded(name: String, words: String) async throws {
    let error = try await OnnxTestModels.error { try OnnxTestModels.load(name) }
    #expect(error.code == .modelNotUsable)
    #expect("\(error)".contains(words), "\(error)")
  }

  @Test("inputs and outputs that the model has not, listing those it has")
  func names() async throws {
    let input = try await OnnxTestModels.error {
      try OnnxTestModels.load("identity", options: .init(input: "picture"))
    }
    #expect(input.code == .invalidOption)
    #expect(input.message.contains("no input picture; its inputs are image [?, ?, ?, ?, ?]"))
    let output = try await OnnxTestModels.error {
      try OnnxTestModels.load("two_outputs", options: .init(outputs: ["absolute", "sum"]))
    }
    #expect(output.code == .invalidOption)
    #expect(output.message.contains("no output sum; its outputs are negative"))
    let none = try await OnnxTestModels.error {
      try OnnxTestModels.load("two_outputs", options: .init(outputs: []))
    }
    #expect(none.code == .invalidOption)
  }

  @Test("a batch that does not fit, in ONNX Runtime's words", arguments: ["fixed", "batch_one"])
  func batch(name: String) async throws {
    let model = try OnnxTestModels.load(name)
    let fit = try await model.predict(OnnxTestModels.tensor([1, 1, 2, 3, 4]))
    #expect(fit[0].count == 24)
    for shape in [[2, 1, 2, 3, 5], [2, 2, 2, 3, 4], [1, 2, 3, 4], [24]] {
      let error = try await OnnxTestModels.error { try await model.predict(OnnxTestModels.tensor(shape)) }
      #expect(error.code == .predictionFailed)
      #expect(error.message.contains("\(shape)"))
      #expect("\(error)".lowercased().contains("invalid"), "\(error)")
    }
  }

  @Test("a batch that fits, but on which the model fails")
  func failure() async throws {
    let model = try OnnxTestModels.load("reshape")
    #expect(try await model.predict(OnnxTestModels.tensor([1, 1, 4, 2, 1]))[0].shape == [1, 1, 2, 2, 2])
    let error = try await OnnxTestModels.error {
      try await model.predict(OnnxTestModels.tensor([1, 1, 2, 2, 3]))
    }
    #expect(error.code == .predictionFailed)
    #expect("\(error)".contains("Reshape"), "\(error)")
  }

  @Test("a prediction with another number of patches than the batch")
  func otherBatch() async throws {
    let model = try OnnxTestModels.load("one_for_all")
    #expect(try await model.predict(OnnxTestModels.tensor([1, 1, 2, 2, 2]))[0].count == 8)
    let error = try await OnnxTestModels.error {
      try await model.predict(OnnxTestModels.tensor([2, 1, 2, 2, 2]))
    }
    #expect(error.code == .predictionFailed)
    #expect(error.message.contains("[1, 1, 2, 2, 2] for a batch of shape [2, 1, 2, 2, 2]"))
  }

  @Test("what ONNX Runtime logs arrives at the handler")
  func log() async throws {
    let messages = Mutex<[String]>([])
    let model = try OnnxTestModels.load(
      "warning", options: .init(warn: { message in messages.withLock { $0.append(message) } }))
    #expect(try await model.predict(OnnxTestModels.tensor([1, 1, 1, 1, 1]))[0].count == 1)
    let found = messages.withLock { $0 }
    #expect(found.contains { $0.contains("unused") }, "\(found)")
  }
}
