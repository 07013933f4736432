import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// So that apps can show an error as they show any other.
///
/// It is here since `Voxtile` itself imports no Foundation.
extension VoxtileError: LocalizedError {
  /// What is wrong, after the file it concerns.
  public var errorDescription: String? {
    var error = self
    error.remedy = nil
    return error.description
  }

  /// What to do; `nil` where ``errorDescription`` says that.
  public var recoverySuggestion: String? { remedy?.description }
}
