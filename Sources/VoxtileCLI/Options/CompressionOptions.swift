import ArgumentParser
import Voxtile
import VoxtileFormats

/// How much time compression may take, for every command that writes images.
struct CompressionOptions: ParsableArguments {
  @Option(
    help: "How hard \(FormatWords.compressedEndings) files are compressed.")
  var compression: CompressionName = .standard

  /// The level for a writer.
  var level: WriteOptions.CompressionLevel { compression.level }
}

/// The name of a compression level.
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
