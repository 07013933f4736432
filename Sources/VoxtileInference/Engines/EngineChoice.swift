import Voxtile

/// The engine that runs a file, and those that could not.
public struct EngineChoice: Sendable {
  /// The file of the network.
  public let file: String
  /// The engine.
  public let engine: any Engine
  /// Its version, for people.
  public let version: String
  /// Engines that would have taken the file and come first, but cannot run here, with the reason.
  public let passedOver: [(name: String, reason: VoxtileError)]

  private let options: EngineOptions

  /// Chooses the first engine that takes a file and can run, or the one that is named and no other.
  ///
  /// - Parameters:
  ///   - file: the network.
  ///   - name: the name of an engine; `nil` for any.
  ///   - engines: those to choose from, the preferred one first.
  ///   - options: how the network will be loaded.
  /// - Throws: `VoxtileError.Code.fileAccess` where the file cannot be read, `VoxtileError.Code.invalidOption` where no engine
  ///   has the name, `VoxtileError.Code.modelNotUsable` where no engine takes the file, and the reason of the first engine
  ///   that would take it where none can run.
  public init(
    for file: String, named name: String? = nil, among engines: [any Engine] = EngineRegistry.engines,
    options: EngineOptions = EngineOptions()
  ) throws(VoxtileError) {
    // Engines say in words of their own that a file is missing.
    if !OperatingSystem.isFolder(file) { try Self.checkIsNoPointer(try InputFile(file)) }
    let names = engines.map(\.name).joined(separator: ", ")
    var candidates = engines
    if let name {
      candidates = engines.filter { $0.name == name }
      guard !candidates.isEmpty else {
        throw VoxtileError(
          .invalidOption, "there is no engine \(name); use one of \(names)",
          context: .init(expected: names, found: name))
      }
    } else {
      candidates = engines.filter { $0.takes(file) }
      if candidates.isEmpty, let format = ForeignNetwork(file) {
        throw VoxtileError(
          .modelNotUsable,
          "is \(format.words), not a network in ONNX; export it to ONNX first, as the guide A Borrowed Network (ABorrowedNetwork.md) "
            + "shows", context: .init(expected: "an ONNX file", found: format.words)
        ).inFile(file)
      }
    }
    var passedOver: [(name: String, reason: VoxtileError)] = []
    for engine in candidates {
      switch engine.availability(options) {
      case .ready(let version):
        (self.file, self.engine, self.version) = (file, engine, version)
        (self.passedOver, self.options) = (passedOver, options)
        return
      case .missing(let reason):
        passedOver.append((engine.name, reason))
      }
    }
    throw passedOver.first?.reason
      ?? VoxtileError(
        .modelNotUsable,
        "is not a network that an engine here can run (\(names)), or is truncated; export it again, or name the right file",
        context: .init(expected: names)
      ).inFile(file)
  }

  /// Throws where a file is only a placeholder for the network, which was not downloaded: an engine would call it damaged.
  private static func checkIsNoPointer(_ file: InputFile) throws(VoxtileError) {
    let mark = Array("version https://git-lfs.github.com/spec/".utf8)
    guard try file.prefix(mark.count) == mark else { return }
    throw VoxtileError(
      .modelNotUsable, "is a Git LFS pointer, not the network itself; run git lfs pull",
      context: .init(expected: "a network", found: "a Git LFS pointer")
    ).inFile(file.path)
  }

  /// Loads the network.
  ///
  /// - Throws: as ``Engine/load(_:options:)``.
  public func load() async throws -> any PatchModel { try await engine.load(file, options: options) }
}
