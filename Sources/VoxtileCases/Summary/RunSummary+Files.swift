import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension RunSummary {
  /// The names of the files of a summary.
  public static let fileNames = ["summary.csv", "summary.json"]

  /// The summary as JSON, with sorted keys.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self)) + [0x0A]
  }

  /// Writes `summary.csv` and `summary.json` into a folder, in place of older ones.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where they cannot be written.
  public func write(into folder: String) throws {
    try AtomicFile.write(Array(csv.utf8), to: "\(folder)/summary.csv", replacing: true)
    try AtomicFile.write(json(), to: "\(folder)/summary.json", replacing: true)
  }

  /// The summary of all journals in a folder of results.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where there is none, or one cannot be read.
  public init(ofJournalsIn folder: String) throws {
    let names = Journal.names(in: folder)
    guard !names.isEmpty else {
      throw VoxtileError(
        .fileAccess, "holds no journal of a run over many cases (\(Journal.name()))",
        context: .init(file: folder))
    }
    self.init(entries: try Journal.entries(in: folder))
  }
}
