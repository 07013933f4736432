import CONNXRuntime

/// A tensor that ONNX Runtime owns, released with the last who uses it.
///
/// Unchecked, because nobody writes to its memory once it is there.
final class OnnxValue: @unchecked Sendable {
  /// The sizes, slowest first.
  let shape: [Int]
  /// The number of the element type in ONNX Runtime's interface.
  let elementType: Int32
  private let pointer: UnsafeMutablePointer<OrtValue>
  private let data: UnsafeMutableRawPointer?
  /// Its memory may belong to the session.
  private let session: OnnxSession

  /// Takes over a value.
  ///
  /// - Throws: where it is not a tensor; it is then released too.
  init(_ pointer: UnsafeMutablePointer<OrtValue>, of session: OnnxSession) throws(OnnxFailure) {
    let table = session.runtime.table
    let functions = table.functions
    do throws(OnnxFailure) {
      let isTensor: Int32 = try table.get { functions.pointee.IsTensor(pointer, $0) }
      guard isTensor != 0 else { throw OnnxFailure("it is not a tensor") }
      let info: UnsafeMutablePointer<OrtTensorInfo> = try table.create {
        functions.pointee.GetTensorTypeAndShape(pointer, $0)
      }
      defer { functions.pointee.ReleaseTensorTypeAndShapeInfo(info) }
      elementType = try table.get { functions.pointee.GetTensorElementType(info, $0) }
      shape = try table.dimensions(of: info).map { Int($0) }
      var data: UnsafeMutableRawPointer?
      try table.check(functions.pointee.GetTensorMutableData(pointer, &data))
      self.data = data
    } catch {
      functions.pointee.ReleaseValue(pointer)
      throw error
    }
    self.pointer = pointer
    self.session = session
  }

  deinit { session.runtime.table.functions.pointee.ReleaseValue(pointer) }

  /// The number of elements; `nil` where there are none.
  var count: Int? { PatchTensor.count(of: shape) }

  /// Whether the memory is (part of) a buffer.
  func isInside(_ buffer: UnsafeRawBufferPointer) -> Bool {
    guard let data, let base = buffer.baseAddress else { return false }
    return data >= base && data < base + buffer.count
  }

  /// Lends the elements, which have to be of the type.
  func elements<Element: BitwiseCopyable>(as type: Element.Type) -> UnsafeBufferPointer<Element> {
    guard let data, let count else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: data.assumingMemoryBound(to: type), count: count)
  }
}
