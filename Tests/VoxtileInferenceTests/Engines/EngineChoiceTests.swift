import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("EngineChoice") struct EngineChoiceTests {
  /// An engine of files with an ending.
  private struct Toy: Engine {
    let name: String
    let ending: String
    var reason: VoxtileError?

    func takes(_ file: String) -> Bool { file.hasSuffix(".\(ending)") }

    func availability(_ options: EngineOptions) -> EngineAvailability {
      reason.map(EngineAvailability.missing) ?? .ready(version: "1")
    }

    func load(_ file: String, options: EngineOptions) async throws -> any PatchModel { StandIn.identity }
  }

  private static let away = VoxtileError(
    .runtimeNotFound, "its library is not found", remedy: .checkNormalization)

  private func choose(
    _ name: String, engine: String? = nil, among engines: [any Engine]
  ) throws -> EngineChoice {
    try withTemporaryFolder { folder in
      try writeFile([1, 2, 3], to: "\(folder)/\(name)")
      return try EngineChoice(for: "\(folder)/\(name)", named: engine, among: engines)
    }
  }

  @Test("the first engine that takes the file and can run is chosen, and it says who was passed over")
  func first() throws {
    let engines = [
      Toy(name: "a", ending: "x"), Toy(name: "b", ending: "y", reason: Self.away),
      Toy(name: "c", ending: "y"), Toy(name: "d", ending: "y"),
    ]
    let choice = try choose("net.y", among: engines)
    #expect(choice.engine.name == "c" && choice.version == "1")
    #expect(choice.passedOver.map(\.name) == ["b"] && choice.passedOver[0].reason.code == .runtimeNotFound)
  }

  @Test("an engine that is named is never replaced by another")
  func named() throws {
    let engines = [Toy(name: "a", ending: "x", reason: Self.away), Toy(name: "b", ending: "x")]
    let missing = #expect(throws: VoxtileError.self) { try choose("net.x", engine: "a", among: engines) }
    #expect(missing?.code == .runtimeNotFound && missing?.remedy == .checkNormalization)
    let unknown = #expect(throws: VoxtileError.self) { try choose("net.x", engine: "z", among: engines) }
    #expect(unknown?.code == .invalidOption && unknown?.context.expected == "a, b")
    #expect(try choose("net.other", engine: "b", among: engines).engine.name == "b")
  }

  @Test("a Git LFS pointer is called one, before an engine calls it damaged")
  func pointer() throws {
    try withTemporaryFolder { folder in
      let file = "\(folder)/net.x"
      try writeFile(Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n".utf8), to: file)
      let error = #expect(throws: VoxtileError.self) {
        try EngineChoice(for: file, among: [Toy(name: "a", ending: "x")])
      }
      #expect(error?.code == .modelNotUsable && error?.context.file == file)
      #expect(error?.message.contains("git lfs pull") == true)
    }
  }

  @Test("a file that no engine takes is an error that names the file and the engines")
  func foreign() throws {
    let engines = [Toy(name: "a", ending: "x"), Toy(name: "b", ending: "y")]
    let error = #expect(throws: VoxtileError.self) { try choose("net.z", among: engines) }
    #expect(error?.code == .modelNotUsable && error?.message.contains("a, b") == true)
    #expect(error?.context.file?.hasSuffix("/net.z") == true)
    for (name, words) in [("net.pth", "PyTorch"), ("net.PT", "PyTorch"), ("net.h5", "Keras")] {
      let foreign = #expect(throws: VoxtileError.self) { try choose(name, among: engines) }
      #expect(foreign?.code == .modelNotUsable && foreign?.message.contains(words) == true)
      #expect(
        foreign?.message.contains("export it to ONNX") == true
          && foreign?.message.contains("ABorrowedNetwork") == true)
    }
    let folder = #expect(throws: VoxtileError.self) { try EngineChoice(for: "/", among: engines) }
    #expect(
      folder?.message.contains("is a folder") == true && folder?.message.contains("ABorrowedNetwork") == true)
    let missing = #expect(throws: VoxtileError.self) {
      try EngineChoice(for: "/nowhere/net.x", among: engines)
    }
    #expect(missing?.code == .fileAccess)
  }

  @Test("an engine that is registered is asked after the others")
  func registered() async throws {
    let before = EngineRegistry.engines.map(\.name)
    try EngineRegistry.register(Toy(name: "of a test", ending: "toynet"))
    let again = #expect(throws: VoxtileError.self) {
      try EngineRegistry.register(Toy(name: "of a test", ending: "toynet"))
    }
    #expect(again?.code == .invalidOption && again?.message.contains("of a test") == true)
    #expect(EngineRegistry.engines.map(\.name) == before + ["of a test"])
    try await withTemporaryFolder { folder in
      try writeFile([1], to: "\(folder)/a.toynet")
      #expect(try await EngineRegistry.load("\(folder)/a.toynet") is ClosureModel)
    }
  }

  @Test("ONNX Runtime takes files by their ending, or by how every model begins")
  func onnx() throws {
    try withTemporaryFolder { folder in
      let engine = OnnxEngine()
      for (name, bytes, isTaken) in [
        ("a.onnx", [], true), ("b.ORT", [0], true), ("c", [8, 7, 18], true), ("d", [0x89], false),
        ("e", [], false),
      ] as [(String, [UInt8], Bool)] {
        try writeFile(bytes, to: "\(folder)/\(name)")
        #expect(engine.takes("\(folder)/\(name)") == isTaken, "\(name)")
      }
    }
  }
}
