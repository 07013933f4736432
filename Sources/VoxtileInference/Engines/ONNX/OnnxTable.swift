import CONNXRuntime
import Voxtile

/// The functions of an ONNX Runtime that stays open.
///
/// Unchecked, because the table is written before it is handed out and never after, and its functions may be
/// called from any thread.
struct OnnxTable: @unchecked Sendable {
  /// Never copied as a whole: a library has as many members as its version, not all that are declared.
  let functions: UnsafePointer<OrtApi>

  /// Turns a status into an error, and releases it.
  func check(_ status: UnsafeMutablePointer<OrtStatus>?) throws(OnnxFailure) {
    guard let status else { return }
    defer { functions.pointee.ReleaseStatus(status) }
    throw OnnxFailure(
      String(cString: functions.pointee.GetErrorMessage(status)),
      code: functions.pointee.GetErrorCode(status))
  }

  /// Calls a function that creates something, which the caller then owns.
  func create<Object>(
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<Object>?>) -> UnsafeMutablePointer<OrtStatus>?
  ) throws(OnnxFailure) -> UnsafeMutablePointer<Object> {
    var object: UnsafeMutablePointer<Object>?
    try check(body(&object))
    guard let object else { throw OnnxFailure("nothing was created, without a reason") }
    return object
  }

  /// Calls a function that gives a number.
  func get<Number: FixedWidthInteger>(
    _ body: (UnsafeMutablePointer<Number>) -> UnsafeMutablePointer<OrtStatus>?
  ) throws(OnnxFailure) -> Number {
    var number: Number = 0
    try check(body(&number))
    return number
  }

  /// The providers that the library was built with, in its order of preference.
  func availableProviders() throws(OnnxFailure) -> [String] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>>?
    var count: Int32 = 0
    try check(functions.pointee.GetAvailableProviders(&names, &count))
    guard let names else { return [] }
    let result = (0..<Int(count)).map { String(cString: names[$0]) }
    try check(functions.pointee.ReleaseAvailableProviders(names, count))
    return result
  }
}
