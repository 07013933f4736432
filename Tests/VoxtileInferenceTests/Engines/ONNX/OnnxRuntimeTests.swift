import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("OnnxRuntime")
struct OnnxRuntimeTests {
  #if canImport(Darwin)
    private let libraryName = "libonnxruntime.1.20.0.dylib"
  #else
    private let libraryName = "libonnxruntime.so.1.20.0"
  #endif

  /// A search that knows only some variables.
  private func search(_ variables: [String: String], program: String? = nil) -> OnnxRuntimeSearch {
    OnnxRuntimeSearch(variable: { variables[$0] }, programPath: program)
  }

  private func places(_ search: OnnxRuntimeSearch) -> [OnnxRuntimeSearch.Place] {
    search.groups.flatMap { $0() }
  }

  private func put(_ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: path.parentFolder, withIntermediateDirectories: true)
    try writeFile(Array("not a library".utf8), to: path)
  }

  @Test("a path may name the library, its folder, or an environment of Python")
  func named() throws {
    try withTemporaryFolder { folder in
      let plain = "\(folder)/plain/\(libraryName)"
      let packaged = "\(folder)/venv/lib/python3.12/site-packages/onnxruntime/capi/\(libraryName)"
      try put(plain)
      try put(packaged)
      try put("\(folder)/plain/libonnxruntime_providers_shared.so")
      #expect(OnnxRuntimeSearch.places(named: plain) == [.file(plain)])
      #expect(OnnxRuntimeSearch.places(named: "\(folder)/plain") == [.file(plain)])
      #expect(OnnxRuntimeSearch.places(named: "\(folder)/venv") == [.file(packaged)])
      #expect(OnnxRuntimeSearch.places(named: folder) == [.nothing(at: folder)])
    }
  }

  @Test("the program's folder comes before the system, and that before environments of Python")
  func order() throws {
    try withTemporaryFolder { folder in
      let paths = [
        "\(folder)/app/bin/\(libraryName)", "\(folder)/app/lib/\(libraryName)",
        "\(folder)/active/lib/python3.11/site-packages/onnxruntime/capi/\(libraryName)",
        "\(folder)/conda/lib/python3.13/site-packages/onnxruntime/capi/\(libraryName)",
        "\(folder)/cache/voxtile/venv/lib64/python3.14/site-packages/onnxruntime/capi/\(libraryName)",
        "\(folder)/usr/lib/python3/dist-packages/onnxruntime/capi/\(libraryName)",
      ]
      for path in paths { try put(path) }
      try put("\(folder)/usr/bin/python3")
      chmod("\(folder)/usr/bin/python3", 0o755)
      let search = search(
        [
          "VIRTUAL_ENV": "\(folder)/active", "CONDA_PREFIX": "\(folder)/conda",
          "XDG_CACHE_HOME": "\(folder)/cache",
          "PATH": "relative:\(folder)/none:\(folder)/usr/bin",
        ], program: "\(folder)/app/bin/voxtile")
      let found = places(search).filter { place in
        if case .file(let path) = place { path.hasPrefix(folder) } else { false }
      }
      #expect(found == paths.map { .file($0) })
      let names = places(search).firstIndex(of: .name(OnnxRuntimeSearch.systemNames[0]))
      let active = places(search).firstIndex(of: .file(paths[2]))
      #expect(try #require(names) < #require(active))
    }
  }

  @Test("where nothing is found, the error lists what was tried and says how to get it")
  func nothing() async throws {
    try await withTemporaryFolder { folder in
      let error = try await OnnxTestModels.error {
        try OnnxRuntime.open(named: "\(folder)/missing", by: nil)
      }
      #expect(error.code == .runtimeNotFound)
      #expect(
        error.description.contains("is not at \(folder)/missing; install it with `pip install onnxruntime`"))
      let variable = try await OnnxTestModels.error {
        try OnnxRuntime.open(named: folder, by: OnnxRuntime.variableName)
      }
      #expect(variable.description.contains("which the variable VOXTILE_ONNXRUNTIME names;"))
    }
  }

  @Test("a file that does not load, or is no ONNX Runtime, is an error with the reason")
  func notUsable() async throws {
    try await withTemporaryFolder { folder in
      try put("\(folder)/\(libraryName)")
      let error = try await OnnxTestModels.error { try OnnxRuntime.open(folder) }
      #expect(error.code == .runtimeNotFound)
      #expect(error.message.contains("ONNX Runtime at \(folder) cannot be used"))
      #expect("\(try #require(error.underlying))".contains(libraryName))
    }
    #if os(Linux)
      // A library that is always there.
      let other = try #require(
        ["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6"]
          .first(where: OperatingSystem.isFile))
      let error = try await OnnxTestModels.error { try OnnxRuntime.open(other) }
      #expect("\(try #require(error.underlying))".contains("not ONNX Runtime"))
    #endif
  }

  #if os(Linux)
    @Test(
      "a version that is too old, or not known yet, is an error that says so",
      .enabled(if: OnnxStub.canCompile, "needs clang"),
      arguments: ["1.16.3", "2.0.0", "unknown", "1.17.0"])
    func version(_ version: String) async throws {
      try await withTemporaryFolder { folder in
        // Its table is missing in any case, so that 1.17.0 is refused too.
        try OnnxStub.compile(
          """
          static const void *GetApi(unsigned version) { return 0; }
          static const char *GetVersionString(void) { return "\(version)"; }
          static const struct { const void *(*a)(unsigned); const char *(*b)(void); } base = { GetApi, GetVersionString };
          const void *OrtGetApiBase(void) { return &base; }
          """, to: "\(folder)/\(libraryName)")
        let error = try await OnnxTestModels.error { try OnnxRuntime.open(folder) }
        #expect(error.code == .runtimeNotFound)
        #expect("\(error)".contains("it is ONNX Runtime \(version), but 1.17 or a later version"))
      }
    }
  #endif

  @Test("what the loader knows and does not find is told from what does not load")
  func searching() throws {
    try withTemporaryFolder { folder in
      try put("\(folder)/bin/\(libraryName)")
      let search = search(["VIRTUAL_ENV": "\(folder)/empty"], program: "\(folder)/bin/voxtile")
      do throws(VoxtileError) {
        // Where the system has the library, it is found behind the broken one.
        let runtime = try OnnxRuntime.open(search)
        #expect(!runtime.path.hasPrefix(folder))
      } catch {
        #expect(error.code == .runtimeNotFound)
        #expect(error.message.contains("\(folder)/bin/\(libraryName) cannot be used: "))
        #expect(error.message.contains("looked for in \(folder)/lib, "))
        #expect(error.message.contains("\(OnnxRuntimeSearch.systemNames[0]) of the system"))
        #expect(error.message.contains("\(folder)/empty"))
      }
    }
  }

  @Test("Python is asked in the end, with its path quoted")
  func python() throws {
    try withTemporaryFolder { folder in
      let bin = "\(folder)/it's $HOME"
      let library = "\(bin)/else where/onnxruntime/capi/\(libraryName)"
      try put(library)
      // A link, because a program that was just written may still be open in a process that another test starts.
      let script = try Fixture.url("python3").path
      try FileManager.default.createSymbolicLink(
        atPath: "\(bin)/python3", withDestinationPath: script)
      #expect(places(search(["PATH": bin])).last == .file(library))
    }
  }
}

/// Libraries made for a test.
private enum OnnxStub {
  static let canCompile =
    (try? withTemporaryFolder { folder in try compile("", to: "\(folder)/empty.so") }) != nil

  static func compile(_ source: String, to path: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["clang", "-shared", "-fPIC", "-o", path, "-x", "c", "-"]
    let input = Pipe()
    process.standardInput = input
    process.standardError = FileHandle.nullDevice
    try process.run()
    input.fileHandleForWriting.write(Data(source.utf8))
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}
