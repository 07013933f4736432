/// What ONNX Runtime or the system's loader reports, in its own words.
struct OnnxFailure: Error, Sendable, CustomStringConvertible {
  /// The kind, of the enumeration of ONNX Runtime's interface.
  let code: Int32
  /// The words, in one line.
  let description: String

  init(_ text: String, code: Int32 = 1) {
    self.code = code
    description = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
      .joined(separator: " ")
  }

  /// No valid protocol buffer: no model, or one cut short.
  var isMalformed: Bool { code == 7 }

  /// Whether the loader did not find a library at all.
  var isMissingFile: Bool {
    description.contains("cannot open shared object file: No such file")
      || description.contains("no such file")
  }
}
