import ArgumentParser
import Voxtile
import VoxtileFormats

/// How the work is done, shared by every command that reads or writes many files.
struct WorkOptions: ParsableArguments {
  /// How hard to compress, in a word.
  enum Compression: String, CaseIterable, ExpressibleByArgument {
    case fast, standard, small

    var level: WriteOptions.CompressionLevel {
      switch self {
      case .fast: .fast
      case .standard: .standard
      case .small: .small
      }
    }
  }

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("How many threads work; by default all cores. The result is the same.", valueName: "n")
  )
  var jobs: Int?

  @Option(help: "How hard .nii.gz and .png are compressed.")
  var compression: Compression = .standard

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs \(jobs) is out of range; use 1 to 1024")
    }
  }

  /// The number of threads.
  var threads: Jobs { jobs.map { Jobs($0) } ?? .all }
}
