import Voxtile

/// What a person should know about a prediction before believing it, such as that its result has other voxels than the scan.
///
/// It is no error: the prediction can be made.
public struct PredictionRemark: Hashable, Sendable {
  /// What is remarkable, with its reason; one sentence without the remedy.
  public let message: String
  /// What can be done about it, in words that each kind of caller has its own for.
  public let remedy: VoxtileError.Remedy?

  /// Whether it was seen in the values of one patch, so that another one may not show it.
  package let isOfOnePatch: Bool

  /// Creates a remark.
  public init(_ message: String, remedy: VoxtileError.Remedy? = nil) {
    self.init(message, remedy: remedy, isOfOnePatch: false)
  }

  init(_ message: String, remedy: VoxtileError.Remedy?, isOfOnePatch: Bool) {
    self.message = message
    self.remedy = remedy
    self.isOfOnePatch = isOfOnePatch
  }
}

extension PredictionRemark: CustomStringConvertible {
  /// The message and what can be done, in the terms of the library.
  public var description: String { description { $0.description } }

  /// The message and what can be done, in the words of a caller.
  package func description(wording: (VoxtileError.Remedy) -> String) -> String {
    message + (remedy.map { "; " + wording($0) } ?? "")
  }
}
