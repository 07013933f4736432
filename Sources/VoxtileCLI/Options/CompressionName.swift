import ArgumentParser
import Voxtile
import VoxtileFormats

/// How hard to compress, in a word.
enum CompressionName: String, CaseIterable, ExpressibleByArgument {
  case fast, standard, small

  /// The level of that name.
  var level: WriteOptions.CompressionLevel {
    switch self {
    case .fast: .fast
    case .standard: .standard
    case .small: .small
    }
  }
}
