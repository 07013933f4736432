import CONNXRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A library that was opened.
///
/// Its telemetry is off: ONNX Runtime reads the variable `ORT_DISABLE_TELEMETRY` while it is loaded, so it is set before
/// that. Otherwise the library may report to its vendor, and keeps a device number and a database in the folders for
/// caches and temporary files.
///
/// Unchecked, because its handle may be used from any thread.
struct OnnxLibrary: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  init(_ path: String) throws(OnnxFailure) {
    setenv("ORT_DISABLE_TELEMETRY", "1", 1)
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw OnnxFailure(dlerror().map { String(cString: $0) } ?? "it does not load")
    }
    self.handle = handle
  }

  /// The same for the same library.
  var key: UInt { UInt(bitPattern: handle) }

  func close() { dlclose(handle) }

  func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }

  /// The library's version and table of functions.
  ///
  /// The version is compared first, because the library would print a complaint.
  func table() throws(OnnxFailure) -> (version: String, table: OnnxTable) {
    guard let symbol = symbol("OrtGetApiBase") else {
      throw OnnxFailure("it has no OrtGetApiBase, so it is not ONNX Runtime")
    }
    guard let base = unsafeBitCast(symbol, to: OrtGetApiBaseFunction.self)() else {
      throw OnnxFailure("its OrtGetApiBase gives nothing")
    }
    let version = String(cString: base.pointee.GetVersionString())
    let oldest = Int(VOXTILE_ORT_API_VERSION)
    let numbers = version.split(separator: ".").map { Int($0) }
    guard numbers.count >= 2, numbers[0] == 1, let minor = numbers[1], minor >= oldest,
      let functions = base.pointee.GetApi(UInt32(oldest))
    else {
      throw OnnxFailure(
        "it is ONNX Runtime \(version), but 1.\(oldest) or a later version before 2 is needed")
    }
    return (version, OnnxTable(functions: functions))
  }
}
