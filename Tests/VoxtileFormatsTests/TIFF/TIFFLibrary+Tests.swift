@testable import VoxtileFormats

extension TIFFLibrary {
  /// Whether this machine has it.
  static let isThere = (try? load()) != nil
}
