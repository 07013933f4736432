import CONNXRuntime
import Synchronization
import Voxtile

/// An ONNX Runtime that is open in this process.
///
/// It is opened where a model needs it, and never closed. Version 1.17 or later is needed.
public final class OnnxRuntime: Sendable {
  /// The path of the library, or the name that the system's loader found it by.
  public let path: String
  /// The version of the library, as in `1.20.1`.
  public let version: String
  /// What the library can run models on, in ONNX Runtime's words, as `CPUExecutionProvider`.
  public let availableProviders: [String]

  let table: OnnxTable
  let environment: OnnxEnvironment
  /// The library itself, to look up symbols in.
  private let library: OnnxLibrary

  private static let opened = Mutex<[UInt: OnnxRuntime]>([:])

  private init(path: String, version: String, library: OnnxLibrary, table: OnnxTable) throws(OnnxFailure) {
    self.path = path
    self.version = version
    self.library = library
    self.table = table
    environment = try OnnxEnvironment(table)
    availableProviders = try table.availableProviders()
  }

  /// Opens the library; one that is open already is used again.
  ///
  /// - Parameter path: the library or a folder that holds it, or an environment of Python that has the package
  ///   `onnxruntime`. Where it is `nil`, the environment variable `VOXTILE_ONNXRUNTIME` names it; without
  ///   that, these are tried in turn: the folder of the running program and `lib` beside that, the system's
  ///   libraries, the active environment of Python, that of `script/bootstrap`, and the `python3` on `PATH`.
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where nothing is found, listing what was tried, or where
  ///   what is found does not load, is older than version 1.17, or is something else.
  public static func open(_ path: String? = nil) throws(VoxtileError) -> OnnxRuntime {
    if let path { return try open(named: path, by: nil) }
    if let path = LibraryFolders.variable(variableName) { return try open(named: path, by: variableName) }
    return try open(OnnxRuntimeSearch())
  }

  package static let variableName = "VOXTILE_ONNXRUNTIME"

  /// Opens what a person has named.
  static func open(named path: String, by variable: String?) throws(VoxtileError) -> OnnxRuntime {
    var reason: OnnxFailure?
    for place in OnnxRuntimeSearch.places(named: path) {
      guard case .file(let file) = place else { continue }
      do throws(OnnxFailure) {
        return try load(file)
      } catch {
        reason = reason ?? error
      }
    }
    throw .runtimeNotUsable(at: path, variable: variable, reason: reason)
  }

  /// Opens the first that loads.
  static func open(_ search: OnnxRuntimeSearch) throws(VoxtileError) -> OnnxRuntime {
    var tried: [String] = []
    var broken: [String] = []
    for group in search.groups {
      for place in group() {
        switch place {
        case .nothing(let folder):
          tried.append(folder)
        case .name(let name):
          do throws(OnnxFailure) {
            return try load(name)
          } catch {
            if error.isMissingFile {
              tried.append("\(name) of the system")
            } else {
              broken.append("\(name) of the system cannot be used: \(error)")
            }
          }
        case .file(let path):
          do throws(OnnxFailure) {
            return try load(path)
          } catch {
            broken.append("\(path) cannot be used: \(error)")
          }
        }
      }
    }
    throw .runtimeNotFound(tried: tried, broken: broken)
  }

  /// Opens one library.
  private static func load(_ path: String) throws(OnnxFailure) -> OnnxRuntime {
    let library = try OnnxLibrary(path)
    // A library that is open already gives the same handle.
    return try opened.withLock { opened throws(OnnxFailure) in
      if let runtime = opened[library.key] {
        library.close()
        return runtime
      }
      let found: (version: String, table: OnnxTable)
      do throws(OnnxFailure) {
        found = try library.table()
      } catch {
        library.close()
        throw error
      }
      let runtime = try OnnxRuntime(
        path: path, version: found.version, library: library, table: found.table)
      opened[library.key] = runtime
      return runtime
    }
  }

  /// The function of an older interface that appends an execution provider, where the library has one.
  func appendFunction(_ provider: String) -> OrtAppendProviderFunction? {
    library.symbol("OrtSessionOptionsAppendExecutionProvider_\(provider)").map {
      unsafeBitCast($0, to: OrtAppendProviderFunction.self)
    }
  }
}

extension VoxtileError {
  private static let installing = Remedy.installOnnxRuntime(oldestVersion: "1.19.2")

  fileprivate static func runtimeNotUsable(
    at path: String, variable: String?, reason: OnnxFailure?
  ) -> VoxtileError {
    let source = variable.map { ", which the variable \($0) names," } ?? ""
    let message =
      if reason == nil {
        "ONNX Runtime is not at \(path)\(source.isEmpty ? "" : source.dropLast())"
      } else {
        "ONNX Runtime at \(path)\(source) cannot be used"
      }
    return VoxtileError(.runtimeNotFound, message, remedy: installing, underlying: reason)
  }

  fileprivate static func runtimeNotFound(tried: [String], broken: [String]) -> VoxtileError {
    var message = "ONNX Runtime is not found"
    for text in broken { message += "; \(text)" }
    message += "; looked for in \(tried.joined(separator: ", "))"
    return VoxtileError(.runtimeNotFound, message, remedy: installing)
  }
}
