import Voxtile

/// The places where ONNX Runtime's library may lie, in the order in which they are tried.
struct OnnxRuntimeSearch {
  /// A place to try.
  enum Place: Hashable {
    /// A file that is there.
    case file(String)
    /// A name that the system's loader looks up.
    case name(String)
    /// A place that has no such file.
    case nothing(at: String)
  }

  /// The environment variables, of which it knows a few.
  var variable: (String) -> String? = LibraryFolders.variable
  /// The running program.
  var programPath: String? = OperatingSystem.programPath

  #if canImport(Darwin)
    static let systemNames = ["libonnxruntime.dylib"]
  #else
    static let systemNames = ["libonnxruntime.so", "libonnxruntime.so.1"]
  #endif

  private var systemFolders: [String] { LibraryFolders.all(variable: variable) }

  /// Whether a file has one of the library's names: `libonnxruntime.so.1.20.0`, `libonnxruntime.1.20.0.dylib`,
  /// but not `libonnxruntime_providers_cuda.so`.
  static func isLibrary(_ name: String) -> Bool {
    #if canImport(Darwin)
      name.hasPrefix("libonnxruntime.") && name.hasSuffix(".dylib")
    #else
      name.hasPrefix("libonnxruntime.so")
    #endif
  }

  /// What a path that a person gave stands for: a file, or the libraries in a folder.
  static func places(named path: String) -> [Place] {
    guard OperatingSystem.isFolder(path) else {
      return [OperatingSystem.isFile(path) ? .file(path) : .nothing(at: path)]
    }
    let found =
      libraries(in: path) + libraries(in: path + "/lib") + libraries(in: path + "/onnxruntime/capi")
      + packageFolders(ofPrefix: path).flatMap(libraries)
    return found.isEmpty ? [.nothing(at: path)] : found.map { .file($0) }
  }

  /// Where to look without a path, one group of places after the other; each is only looked up when it is
  /// its turn.
  var groups: [() -> [Place]] {
    [besideProgram, inSystem, inPythonEnvironments, inPythonOnPath, askedOfPython]
  }

  private static func libraries(in folder: String) -> [String] {
    OperatingSystem.names(in: folder).filter(isLibrary).map { "\(folder)/\($0)" }.filter(
      OperatingSystem.isFile)
  }

  private static func places(in folders: [String]) -> [Place] {
    folders.flatMap { folder in
      let found = libraries(in: folder)
      return found.isEmpty ? [Place.nothing(at: folder)] : found.map { .file($0) }
    }
  }

  private func besideProgram() -> [Place] {
    guard let programPath else { return [] }
    let folder = programPath.parentFolder
    return Self.places(in: [folder, folder.parentFolder + "/lib"])
  }

  private func inSystem() -> [Place] {
    Self.systemNames.map { .name($0) } + Self.places(in: systemFolders)
  }

  private func inPythonEnvironments() -> [Place] {
    var prefixes = ["VIRTUAL_ENV", "CONDA_PREFIX", "VOXTILE_VENV"].compactMap(variable)
    if variable("VOXTILE_VENV") == nil,
      let cache = variable("XDG_CACHE_HOME") ?? variable("HOME").map({ $0 + "/.cache" })
    {
      prefixes.append(cache + "/voxtile/venv")
    }
    return Self.places(inPrefixes: prefixes)
  }

  private func inPythonOnPath() -> [Place] {
    var prefixes: [String] = []
    if let python = pythonOnPath {
      for path in [python, OperatingSystem.resolved(python) ?? python] {
        let prefix = path.parentFolder.parentFolder
        if !prefixes.contains(prefix) { prefixes.append(prefix) }
      }
      if !prefixes.contains("/usr/local") { prefixes.append("/usr/local") }
    }
    if let home = variable("HOME") { prefixes.append(home + "/.local") }
    return Self.places(inPrefixes: prefixes)
  }

  /// Costs some 50 ms, so it is the last resort.
  private func askedOfPython() -> [Place] {
    guard let python = pythonOnPath else { return [] }
    #if canImport(Darwin)
      // A stub that asks the user to install Xcode's tools.
      if python == "/usr/bin/python3" { return [] }
    #endif
    let quoted =
      "'" + python.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    let script = "import site; print(*site.getsitepackages(), site.getusersitepackages(), sep=chr(10))"
    // -I: nothing of the current folder is run.
    let folders = OperatingSystem.lines(of: "\(quoted) -I -c '\(script)' </dev/null 2>/dev/null")
    return Self.places(in: folders.map { $0 + "/onnxruntime/capi" })
  }

  private var pythonOnPath: String? {
    (variable("PATH") ?? "").split(separator: ":").lazy.filter { $0.hasPrefix("/") }
      .map { "\($0)/python3" }.first(where: OperatingSystem.isExecutable)
  }

  private static func places(inPrefixes prefixes: [String]) -> [Place] {
    prefixes.flatMap { prefix in
      let found = packageFolders(ofPrefix: prefix).flatMap(libraries)
      return found.isEmpty ? [Place.nothing(at: prefix)] : found.map { .file($0) }
    }
  }

  /// Where the packages of a Python below a prefix have the library.
  private static func packageFolders(ofPrefix prefix: String) -> [String] {
    ["lib", "lib64"].flatMap { library in
      OperatingSystem.names(in: "\(prefix)/\(library)").filter { $0.hasPrefix("python3") }.flatMap { python in
        ["site-packages", "dist-packages"].map { "\(prefix)/\(library)/\(python)/\($0)/onnxruntime/capi" }
      }
    }
  }
}
